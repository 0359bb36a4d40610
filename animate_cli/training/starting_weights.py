"""Begin a run from weights that are there already: ours or published ones, of the same layout or a like one."""

from collections import Counter
from collections.abc import Mapping, Sequence

import torch
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

    Of a kernel that is larger than the model's, the middle is taken.

    Raises:
        WeightsError: no kernel has.
    """
    given, own = start.state_dict(), model.state_dict()
    offered = {name: _middle(given[name], own[name].shape) for name in own if name in given}
    fitting = {name: tensor for name, tensor in offered.items() if tensor.shape == own[name].shape}
    if 2 * _numbers(fitting) < _numbers(own):
        raise WeightsError(
            "the weights to start from fit less than half of the config's model: they are of another size"
        )
    model.load_state_dict(fitting, strict=False)
    return [name for name in own if name not in fitting]


def describe_new(names: Sequence[str]) -> str:
    """Say which parts of a model begin anew, from the names of their tensors."""
    parts = Counter(".".join(name.split(".")[:2]) for name in names)
    told = ", ".join(f"{part} ({count})" for part, count in parts.items())
    return f"{len(names)} tensors are not among these weights and begin anew: {told}"


def _middle(kernel: Tensor, shape: torch.Size) -> Tensor:
    """Cut a kernel [out, in, h, w] to the height and width of ``shape``, if it is larger.

    A lone pixel says too little of what its kernel did, and is not taken.
    """
    if kernel.ndim != 4 or len(shape) != 4 or not 1 < min(shape[2:]) < min(kernel.shape[2:]):
        return kernel
    top, left = (kernel.shape[2] - shape[2]) // 2, (kernel.shape[3] - shape[3]) // 2
    return kernel[:, :, top : top + shape[2], left : left + shape[3]]


def _numbers(state: Mapping[str, Tensor]) -> int:
    return sum(tensor.numel() for tensor in state.values())
