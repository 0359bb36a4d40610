"""Training and test videos: the folders train/ and test/, or a seeded split by identity where there are none."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from animate_cli.data.videos import Video, list_folder
from animate_cli.errors import DataError

SPLITS = ("train", "test")

HELD_OUT = 0.1
"""The share of identities that a folder without splits keeps for testing."""

SEED = 0
"""Of the split: the same in every run, so that no run trains on what another tested on."""


def list_splits(folder: Path) -> dict[str, list[Video]]:
    """List the videos of ``folder/train`` and, if it is there, ``folder/test``; else split those of ``folder``.

    Raises:
        DataError: the folder is missing, has only test/, or a split holds no videos.
    """
    found = [split for split in SPLITS if (folder / split).is_dir()]
    if found == ["test"]:
        raise DataError(f"{folder}: has no folder train/ with the videos to train on")
    if found:
        return {split: list_folder(folder / split) for split in found}
    train, test = hold_out(list_folder(folder))
    return {"train": train, "test": test} if test else {"train": train}


def hold_out(videos: Sequence[Video]) -> tuple[list[Video], list[Video]]:
    """Keep a tenth of the identities, rounded down, for testing; which ones, their names and a seed decide.

    Fewer than ten identities all train.
    """
    identities = sorted({video.identity for video in videos}, key=_lot)
    held = set(identities[: int(HELD_OUT * len(identities))])
    train = [video for video in videos if video.identity not in held]
    return train, [video for video in videos if video.identity in held]


def _lot(identity: str) -> bytes:
    return hashlib.sha256(f"{SEED}:{identity}".encode(errors="surrogateescape")).digest()
