"""What the README shows works: its Python runs, its commands parse, its links and pictures exist."""

import os
import re
import runpy
from pathlib import Path

import pytest

from animate_cli.presets import preset_names

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_library_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    script = tmp_path / "example.py"
    script.write_text(block.replace("in reader]", "in reader][:3]"), encoding="utf-8")
    monkeypatch.chdir(ROOT)
    runpy.run_path(os.fspath(script))
    assert capsys.readouterr().out.splitlines() == ["(256, 256, 3) uint8"] * 3


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_preset_is_listed() -> None:
    assert [name for name in preset_names() if name not in README] == []


def test_every_option_in_an_example_exists() -> None:
    ours = re.sub(r"`torchrun [^`]*`", "", README)
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours))
    sources = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "animate_cli/cli").glob("*.py"))
    assert [option for option in sorted(named) if option not in sources] == []
