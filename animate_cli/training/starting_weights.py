"""Begin a run from weights that are there already: ours or published ones, of the same layout or a like one."""

from animate_cli.config import Config
from animate_cli.errors import WeightsError
from animate_cli.model.motion_model import MotionModel
from animate_cli.weights import find_weights, load_model


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
    except WeightsError:
        raise WeightsError(
            f"{config.name} goes on from {config.init_from}, which is not here: pass its weights with "
            "--init-from FILE, or start from nothing with --set init_from=null"
        ) from None
    return load_model(path).model


def adopt(model: MotionModel, start: MotionModel) -> list[str]:
    """Copy every tensor of ``start`` that has a place of its name and shape; return the names of the others.

    Raises:
        WeightsError: none has.
    """
    given, own = start.state_dict(), model.state_dict()
    fitting = {name: given[name] for name in own if name in given and given[name].shape == own[name].shape}
    if not any(tensor.is_floating_point() for tensor in fitting.values()):
        raise WeightsError(
            "the weights to start from have other sizes throughout than the model of the config"
        )
    model.load_state_dict(fitting, strict=False)
    return [name for name in own if name not in fitting]
