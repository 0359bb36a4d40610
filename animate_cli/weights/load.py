"""Load a model by its name or file."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from animate_cli.catalogue import Domain, find_weights
from animate_cli.errors import WeightsError
from animate_cli.files import hash_file
from animate_cli.model.motion_model import MotionModel
from animate_cli.weights.info import WeightsInfo
from animate_cli.weights.published import import_published
from animate_cli.weights.sniff import sniff
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
        return hash_file(self.path)


def load_model(
    name_or_path: str | Path, *, config: str | Path | None = None, domain: Domain | None = None
) -> LoadedModel:
    """Load a named model, one of our weights files, or a published FOMM checkpoint.

    Args:
        name_or_path: a name of `list_models` comes before a file called so.
        config: YAML that adds to a published checkpoint what its tensors cannot tell; our files need none.
        domain: takes the place of what the file says.

    Raises:
        WeightsError: there is no such model or file, or it does not hold a model.
        ConfigError: the config cannot be read.
    """
    path = find_weights(name_or_path)
    if sniff(path) == "torch file":
        model, info = import_published(path, config=config, domain=domain)
    elif config is not None:
        raise WeightsError(f"{path}: weights of animate carry their own config; {config} is not needed")
    else:
        model, info = read_weights(path)
        info = info if domain is None else replace(info, domain=domain)
    return LoadedModel(model, info, path)
