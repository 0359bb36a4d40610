"""The layers of the house: imports point down only, and each layer leaves alone what is not its own."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "animate_cli"
FILES = sorted(PACKAGE.rglob("*.py"))

BOTTOM = """
    errors files temporary config config_errors config_rules strict_yaml published_config presets catalogue
    motion motion_file smoothing download machine memory
"""
LAYERS = (
    tuple(BOTTOM.split()),
    ("model", "media", "overlay", "diagnosis"),
    ("weights", "arrays", "fast", "toon_networks", "reference"),
    ("faces", "acceleration", "rendered"),
    ("data", "metrics"),
    ("animator",),
    ("training", "pipeline"),
    ("metrics.evaluation",),
    ("bench", "cropping", "doctor", "export"),
    ("cli",),
    ("__main__",),
)
"""Bottom to top. A part imports itself and the layers below; the parts of the lowest import one another."""

FORBIDDEN = {
    "model": {"yaml", "pathlib", "pydantic", "av", "PIL", "imageio", "imageio_ffmpeg"},
    "media": {"torch", "safetensors"},
    "overlay": {"torch", "av"},
    "diagnosis": {"torch", "av"},
    **{part: {"torch"} for part in LAYERS[0]},
}
"""What a part must not import from outside the package."""

OWNERS = {
    "typer": "cli/",
    "rich": "cli/",
    "lightning_fabric": "training/distribution.py",
    "face_alignment": "faces/",
    "pydantic": "presets.py",
}
"""The only place that may import a library."""


def name(path: Path) -> str:
    """Return the name a test goes by, such as media/reader.py."""
    return path.relative_to(PACKAGE).as_posix()


def find_part(module: str) -> tuple[int, str] | None:
    """Return the layer and part of a module given without its "animate_cli." prefix; None: unknown."""
    parts = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}
    words = module.split(".")
    for length in range(len(words), 0, -1):
        prefix = ".".join(words[:length])
        if prefix in parts:
            return parts[prefix], prefix
    return None


def find_module(path: Path) -> str:
    """Return a file's module without its "animate_cli." prefix; the package itself is ""."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")


def iterate_imports(path: Path) -> Iterator[str]:
    """Yield the full name of everything a file imports, at any depth of the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_point_down(path: Path) -> None:
    module = find_module(path)
    for imported in iterate_imports(path):
        if not imported.startswith("animate_cli."):
            continue
        target = imported.removeprefix("animate_cli.")
        if target == "__version__":
            continue
        assert module, "the package itself imports nothing of its own"
        here, there = find_part(module), find_part(target)
        assert here is not None, f"{module} has no layer: give it one in LAYERS"
        assert there is not None, f"{target} has no layer: give it one in LAYERS"
        assert there[0] < here[0] or there[1] == here[1] or here[0] == there[0] == 0, (
            f"{name(path)} imports {target}, which is not below it"
        )


@pytest.mark.parametrize("path", FILES, ids=name)
def test_libraries_stay_where_they_belong(path: Path) -> None:
    libraries = {imported.partition(".")[0] for imported in iterate_imports(path)}
    here = find_part(find_module(path))
    assert not libraries & FORBIDDEN.get(here[1] if here else "", set())
    for library in libraries & OWNERS.keys():
        assert name(path).startswith(OWNERS[library]), f"only {OWNERS[library]} imports {library}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_only_the_command_line_prints(path: Path) -> None:
    calls = (
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    )
    prints = [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
    assert name(path).startswith("cli/") or not prints, f"print in lines {prints}"


def test_the_command_line_starts_without_torch() -> None:
    if not (PACKAGE / "cli" / "app.py").exists():
        pytest.skip("there is no command line yet")
    code = "import sys, animate_cli.cli.app; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_rules_can_fail() -> None:
    assert find_part("metrics.evaluation.run") == (7, "metrics.evaluation")
    assert find_part("metrics.pixel") == (4, "metrics")
    assert find_part("nowhere") is None
    assert find_module(PACKAGE / "media" / "__init__.py") == "media"
