"""The scores of finished clips on disk, so that an interrupted evaluation goes on where it was."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from animate_cli.errors import DataError
from animate_cli.files import atomic_path, explain
from animate_cli.metrics.values import Numbers, Score

VERSION = "2"
"""Raise it when a measure's arithmetic changes: older scores are then not used again."""


@dataclass(frozen=True)
class ClipScores:
    """What one contender scored on one clip. kept: of measures that look at all clips together, [T, ...]."""

    num_frames: int
    scores: Mapping[str, Score]
    kept: Mapping[str, Numbers]


class Store:
    """A folder with a file for each clip and contender; a file is only used for what it was made from."""

    def __init__(self, folder: Path, setting: str) -> None:
        """Open a folder.

        Args:
            folder: made if it is not there.
            setting: all that scores depend on beside contender and clip: measures and detectors.

        Raises:
            DataError: the folder cannot be made.
        """
        self.folder, self.setting = folder, setting
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"{folder}: cannot be made ({explain(error)})") from error

    def load(self, made_from: str) -> ClipScores | None:
        """Return the scores made from this, or None where there are none that can be used."""
        try:
            with np.load(self._place(made_from), allow_pickle=False) as file:
                return _unpack({key: file[key] for key in file.files})
        except (OSError, ValueError, KeyError, EOFError):
            return None

    def save(self, made_from: str, scores: ClipScores) -> None:
        """Keep scores.

        Raises:
            DataError: they cannot be written.
        """
        place = self._place(made_from)
        try:
            with atomic_path(place) as temporary, temporary.open("wb") as file:
                np.savez(file, allow_pickle=False, **_pack(scores))
        except OSError as error:
            raise DataError(f"{place}: cannot be written ({explain(error)})") from error

    def _place(self, made_from: str) -> Path:
        key = f"{VERSION}\n{self.setting}\n{made_from}"
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npz"


def _pack(scores: ClipScores) -> dict[str, Numbers]:
    packed = {"num_frames": np.array(float(scores.num_frames))}
    for name, score in scores.scores.items():
        packed[f"parts {name}"], packed[f"frames {name}"] = score.parts, score.frames
        packed[f"left_out {name}"] = np.array(float(score.left_out))
    packed |= {f"kept {name}": values for name, values in scores.kept.items()}
    return packed


def _unpack(packed: Mapping[str, Numbers]) -> ClipScores:
    names = [key.removeprefix("parts ") for key in packed if key.startswith("parts ")]
    scores = {
        name: Score(packed[f"parts {name}"], packed[f"frames {name}"], int(packed[f"left_out {name}"]))
        for name in names
    }
    kept = {key.removeprefix("kept "): values for key, values in packed.items() if key.startswith("kept ")}
    return ClipScores(int(packed["num_frames"]), scores, kept)
