"""What docs/evaluation.md says is what there is."""

import re
from dataclasses import fields
from pathlib import Path

import yaml

from animate_cli.metrics.network_spec import NetworkSpec, read_spec
from animate_cli.metrics.table import MEASURES

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")


def test_every_measure_is_defined_with_what_is_better() -> None:
    words = {"lower": "lower", "higher": "higher", "one": "1"}
    table = TEXT.partition("## Measures")[2].partition("## Protocols")[0]
    rows = [line.strip("|").rpartition("|") for line in table.splitlines() if line.startswith("| `")]
    told = {
        name: row[2].strip() for row in rows for name in re.findall(r"`([a-z0-9_]+)`", row[0].split("|")[0])
    }
    assert told == {name: words[measure.better] for name, measure in MEASURES.items()}


def test_the_yaml_names_every_key_and_is_read(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    described = yaml.safe_load(block)
    keys = {field.name for field in fields(NetworkSpec)}
    assert keys - set(described) <= {"name", "options"}
    (tmp_path / "pose.yaml").write_text(block.replace("0123…", "ab" * 32), encoding="utf-8")
    spec = read_spec(tmp_path / "pose.yaml")
    assert (spec.kind, spec.size, spec.form, spec.floor) == ("landmarks", (256, 192), "heatmaps", 2.5)


def test_every_option_exists() -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT)) - {"--clips", "--frames", "--turns"}
    source = (ROOT / "animate_cli/cli/evaluate.py").read_text(encoding="utf-8")
    shared = (ROOT / "animate_cli/cli/options.py").read_text(encoding="utf-8")
    assert [option for option in sorted(named) if option not in source + shared] == []
