"""Begin a run from weights that are there already: ours or published ones, of the same layout or a like one."""

from collections.abc import Mapping

from torch import Tensor

from animate_cli.config import Config
from animate_cli.errors import WeightsError
from animate_cli.model.motion_model import MotionModel
from animate_cli.weights import NotHereError, find_weights, load_model


def load_start(config: Config, given: str | None) -> MotionModel | None:
    """Load the weights that a run is to start from: those given, else those the config names, else none.

    Raises:
        WeightsError: they are not here, or do not hold a model.
    """
    if given is not None:
        return load_model(given).model
    if config.init_from is None:
        return None
    try:
        path = find_weights(config.init_from)
    except WeightsError as error:
        get = (
            f"get it with `animate weights get {config.init_from}`, "
            if isinstance(error, NotHereError)
            else ""
        )
        raise WeightsError(
            f"{config.name} goes on from {config.init_from}, which is not here: {get}pass its weights with "
            "--init-from FILE, or start from nothing with --set init_from=null"
        ) from None
    return load_model(path).model


def adopt(model: MotionModel, start: MotionModel) -> list[str]:
    """Copy every tensor of ``start`` that has a place of its name and shape; return the names of the others.

    Raises:
        WeightsError: no kernel has.
    """
    given, own = start.state_dict(), model.state_dict()
    fitting = {name: given[name] for name in own if name in given and given[name].shape == own[name].shape}
    if 2 * _numbers(fitting) < _numbers(own):
        raise WeightsError(
            "the weights to start from fit less than half of the config's model: they are of another size"
        )
    model.load_state_dict(fitting, strict=False)
    return [name for name in own if name not in fitting]


def _numbers(state: Mapping[str, Tensor]) -> int:
    return sum(tensor.numel() for tensor in state.values())
