"""The graphs that are exported: what goes in, what comes out, and the module that computes it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from animate_cli.model.motion_model import EncodedSource, MotionModel
from animate_cli.model.values import Keypoints, SourceFeatures


@dataclass(frozen=True)
class Graph:
    """One graph: a module with names for what goes in and comes out, and an example of the former."""

    name: str
    module: nn.Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    example: tuple[Tensor, ...]


class _Detect(nn.Module):
    """A picture in, its keypoints out."""

    def __init__(self, model: MotionModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Detect."""
        return tuple(self.model.detect(image))


class _Encode(nn.Module):
    """A source in; what depends on it alone out."""

    def __init__(self, model: MotionModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Encode."""
        encoded = self.model.encode(image)
        return (encoded.small, *encoded.keypoints, *encoded.features.levels[first_level(self.model) :])


class _Predict(nn.Module):
    """An encoded source and the keypoints it is moved to in; the frame out."""

    def __init__(self, model: MotionModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, *given: Tensor) -> Tensor:
        """Paint the frame; given in the order of the graph's inputs."""
        if paints_over(self.model):
            image, *given_rest = given
        else:
            image, given_rest = (
                given[0],
                list(given),
            )  # warped to be shown only, which is left out of the graph
        small, value, jacobian, *levels, moved_value, moved_jacobian = given_rest
        unused = [levels[0]] * first_level(self.model)
        features = SourceFeatures((*unused, *levels))
        source = EncodedSource(image, small, Keypoints(value, jacobian), features)
        return self.model.predict(source, Keypoints(moved_value, moved_jacobian)).image


def first_level(model: MotionModel) -> int:
    """Return the finest level of the source's features that a frame is made of."""
    config = model.config.generator
    return 1 if config.skips else config.num_down_blocks


def paints_over(model: MotionModel) -> bool:
    """Tell whether the frame is painted over the warped source itself, which the graph then needs."""
    return model.config.generator.skips or model.config.generator.blend


@torch.no_grad()
def list_graphs(model: MotionModel) -> list[Graph]:
    """List the graphs of a model: `keypoints` and `source` once or for each frame, `frame` for each frame."""
    image = torch.rand(1, 3, *model.config.size)
    encoded = _Encode(model)(image)
    levels = tuple(f"features_{first_level(model) + index}" for index in range(len(encoded) - 3))
    parts = ("small", "source_value", "source_jacobian", *levels)
    moved, picture = encoded[1:3], ({"image": image} if paints_over(model) else {})
    return [
        Graph("keypoints", _Detect(model), ("image",), ("value", "jacobian"), (image,)),
        Graph("source", _Encode(model), ("image",), parts, (image,)),
        Graph(
            "frame",
            _Predict(model),
            (*picture, *parts, "driving_value", "driving_jacobian"),
            ("prediction",),
            (*picture.values(), *encoded, *moved),
        ),
    ]


Advance = Callable[[], None]
