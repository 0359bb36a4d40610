"""The plain loop, as the first-order-model demo runs it; what the engine is measured against.

Eager float32, one frame at a time, batch norm on its own, channels first. The whole driving is decoded into
memory, the source is encoded again for every frame, and the frames are encoded into a video at the end.
"""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from animate_cli.acceleration import explained_memory
from animate_cli.arrays import Picture, to_pictures
from animate_cli.bench.clip import BenchClip
from animate_cli.media import open_writer
from animate_cli.memory import usual_memory
from animate_cli.model.motion_model import EncodedSource, MotionModel
from animate_cli.model.relative_motion import movement_scale, relative_keypoints
from animate_cli.model.values import Keypoints
from animate_cli.pipeline.background import WHITE, split_alpha
from animate_cli.pipeline.fitting import fit_picture, place_picture
from animate_cli.pipeline.inputs import read_source


class PlainInputs(NamedTuple):
    """What is there before the loop: the source [1, 3, H, W], its keypoints, and the first frame's."""

    source: Tensor
    own: Keypoints
    reference: Keypoints


class PlainLoop:
    """A model run in the plain way."""

    def __init__(self, model: MotionModel, device: torch.device) -> None:
        """Copy a model to the device; the given one is left as it is."""
        self.model = copy.deepcopy(model).eval().requires_grad_(False).to(device)
        self.model.motion.unet.register_forward_pre_hook(_channels_first)
        self.device = device

    def run(self, clip: BenchClip, out: Path, advance: Callable[[], None]) -> None:
        """Animate from files to a file; ``advance`` is called after every frame."""
        usual_memory()  # the engine chooses otherwise
        with clip.open() as reader:
            driving = [self.fit(frame.image) for frame in reader]
            fps = reader.info.fps
        pictures = self.animate(self.read_source(clip.source), driving, advance)
        height, width = self.model.config.size
        with open_writer(out, width=width, height=height, fps=fps) as writer:
            for picture in pictures:
                writer.write(picture)

    def read_source(self, path: Path) -> Picture:
        """Read a source and bring it to the model's size."""
        return self.fit(split_alpha(read_source(path), WHITE)[0])

    def fit(self, picture: Picture) -> Picture:
        """Bring a picture to the model's size."""
        size = picture.shape[0], picture.shape[1]
        return fit_picture(picture, place_picture(size, self.model.config.size, "stretch"))

    @torch.no_grad()
    def animate(
        self, source: Picture, driving: Sequence[Picture], advance: Callable[[], None]
    ) -> list[Picture]:
        """Animate pictures uint8 [H, W, 3] of the model's size, one after the other."""
        pictures = []
        with explained_memory(1, last_resort="--device cpu"):
            inputs = self.begin(source, driving[0])
            for frame in driving:
                pictures.append(to_pictures(self.step(inputs, frame))[0])
                advance()
        return pictures

    @torch.no_grad()
    def begin(self, source: Picture, first: Picture) -> PlainInputs:
        """Compute what does not change from frame to frame."""
        image = self._image(source)
        return PlainInputs(image, self.model.detect(image), self.model.detect(self._image(first)))

    @torch.no_grad()
    def step(self, inputs: PlainInputs, frame: Picture) -> Tensor:
        """Compute one frame [1, 3, H, W], encoding the source anew."""
        model, image = self.model, inputs.source
        driving = model.detect(self._image(frame))
        scale = movement_scale(inputs.own, inputs.reference)
        moved = relative_keypoints(inputs.own, driving, inputs.reference, scale=scale)
        features = model.generator.encode(image)
        encoded = EncodedSource(image, model.downscale(image), inputs.own, features)
        return model.predict(encoded, moved).image

    def _image(self, picture: Picture) -> Tensor:
        """Turn a picture into [1, 3, H, W] in [0, 1]."""
        image = torch.from_numpy(picture).permute(2, 0, 1)[None].to(self.device)
        return (image.float() / 255).contiguous()


def _channels_first(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Undo the model's own choice of layout."""
    return tuple(tensor.contiguous() for tensor in inputs)
