"""Load a model by its name or file."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from animate_cli.catalogue import find_weights
from animate_cli.model.motion_model import MotionModel
from animate_cli.weights.info import WeightsInfo
from animate_cli.weights.storage import read_weights


@dataclass(frozen=True)
class LoadedModel:
    """A model in evaluation mode, float32, on the CPU, with its facts and the file that it came from."""

    model: MotionModel
    info: WeightsInfo
    path: Path

    @cached_property
    def sha256(self) -> str:
        """The file's SHA-256 as hexadecimal digits, computed when first asked for."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def load_model(name_or_path: str | Path) -> LoadedModel:
    """Load a named model, or one of our weights files.

    Raises:
        WeightsError: there is no such model or file, or it does not hold a model.
    """
    path = find_weights(name_or_path)
    model, info = read_weights(path)
    return LoadedModel(model, info, path)
