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


PAGES = [
    "README.md",
    "weights/README.md",
    *(str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md")),
]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if not leads_somewhere(ROOT / page, target)] == []


def leads_somewhere(page: Path, target: str) -> bool:
    """Whether a link names a file that is there, and a heading in it if it names one."""
    path, _, heading = target.partition("#")
    found = page.parent / path if path else page
    if not heading:
        return found.exists()
    titles = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
    return heading in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_preset_is_listed() -> None:
    assert [name for name in preset_names() if name not in README] == []


def test_every_option_in_an_example_exists() -> None:
    ours = re.sub(r"`torchrun [^`]*`", "", README)
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours))
    sources = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "animate_cli/cli").glob("*.py"))
    assert [option for option in sorted(named) if option not in sources] == []
