"""Python, and the libraries that `animate` stands on."""

import sys
from collections.abc import Iterator
from importlib import metadata, util

from animate_cli import __version__, machine
from animate_cli.doctor.finding import Finding, note, ok, problem

OLDEST_PYTHON = (3, 11)

NEEDED = {
    "torch": "torch",
    "numpy": "numpy",
    "av": "av",
    "pillow": "PIL",
    "imageio": "imageio",
    "imageio-ffmpeg": "imageio_ffmpeg",
    "safetensors": "safetensors",
    "pydantic": "pydantic",
    "pyyaml": "yaml",
    "typer": "typer",
    "rich": "rich",
}
"""What the main job needs: the name that pip knows, and the module."""

BESIDE = {"face-alignment": "face_alignment"}
"""What other things need."""


def check_python() -> Iterator[Finding]:
    """Report Python and the system."""
    text = f"Python {machine.python_version()} on {machine.system_name()}, animate {__version__}"
    facts = {"python": machine.python_version(), "system": machine.system_name(), "animate": __version__}
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        yield problem("python", text, f"install animate with Python {wanted} or newer", **facts)
    else:
        yield ok("python", text, **facts)


def check_packages() -> Iterator[Finding]:
    """Report the libraries' versions, and those that are missing."""
    versions = {name: find_version(name, module) for name, module in {**NEEDED, **BESIDE}.items()}
    here = {name: version for name, version in versions.items() if version is not None}
    yield ok("packages", ", ".join(f"{name} {version}" for name, version in here.items()), versions=here)
    for name in versions.keys() - here.keys():
        say = problem if name in NEEDED else note
        yield say(
            "packages", f"{name} is not installed", f"install it: {sys.executable} -m pip install {name}"
        )


def find_version(name: str, module: str) -> str | None:
    """Return an installed library's version without loading it, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "of unknown version" if util.find_spec(module) else None
