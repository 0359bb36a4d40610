"""Whether an output can be written, asked before any work is done."""

import os
from collections.abc import Iterable
from pathlib import Path

from animate_cli.errors import MediaError
from animate_cli.files import explain, is_special, same_place
from animate_cli.media.formats import CONTAINERS, STILLS, container_for
from animate_cli.temporary import real_place, temporary_beside


def is_folder_output(path: Path) -> bool:
    """Tell whether an output name stands for a folder of frames: it is one, or has no ending."""
    return path.is_dir() or path.suffix == ""


def check_output(
    path: Path | str, inputs: Iterable[Path | str] = (), *, still: bool = False, overwrite: bool = False
) -> None:
    """Raise MediaError unless path can be written.

    Args:
        path: A file by its ending, or a folder.
        inputs: Files and folders that are read; the output may be none of them.
        still: The output is one picture rather than a moving one.
        overwrite: A folder that holds something may be written to.
    """
    path = Path(path)
    for source in map(Path, inputs):
        if same_place(path, source):
            raise MediaError(f"{path}: is also an input; choose another name for the output")
    if is_folder_output(path) and not still:
        check_folder(path, overwrite)
    else:
        check_file(path, still)
    check_writable(path)


def check_folder(path: Path, overwrite: bool) -> None:
    """Raise MediaError where a folder of frames would meet other contents, or is a slip for a file."""
    if path.name.lower() in CONTAINERS:
        raise MediaError(f"{path}: has no name before its ending; choose one like result{path.name}")
    if path.exists() and not path.is_dir():
        raise MediaError(
            f"{path}: is a file without ending; choose a name like {path.name}.mp4, or remove it"
        )
    if path.is_dir() and not overwrite and any(path.iterdir()):
        raise MediaError(f"{path}: the folder is not empty; use --overwrite or choose another")


def check_file(path: Path, still: bool) -> None:
    """Raise MediaError where a file's ending is unknown or a folder has its name."""
    if path.is_dir():
        raise MediaError(f"{path}: is a folder; give the name of a file in it")
    if not still:
        container_for(path)
    elif path.suffix.lower() not in STILLS:
        known = ", ".join(STILLS)
        raise MediaError(f"{path}: a picture cannot be written with the ending {path.suffix!r}; use {known}")


def check_writable(path: Path) -> None:
    """Raise MediaError unless something can be made beside path."""
    if is_special(path):
        raise MediaError(f"{path}: is not a regular file; choose another name")
    folder = real_place(path).parent
    if not folder.is_dir():
        raise MediaError(f"{path}: the folder {folder} does not exist; make it first or choose another")
    trial = temporary_beside(path, ".check")
    try:
        os.close(os.open(trial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        trial.unlink()
    except OSError as error:
        raise MediaError(
            f"{path}: cannot write in {folder} ({explain(error)}); choose another folder"
        ) from error
