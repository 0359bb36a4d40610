"""The engine: encode a source once, then turn a stream of driving frames into a stream of pictures.

Pictures are numpy, uint8 RGB; tensors stay inside.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.acceleration import choose_acceleration, explained_memory, prepare
from animate_cli.arrays import Picture, batches, to_bytes, to_floats, to_motions, to_tensor
from animate_cli.fast.device import Download, capture, side_stream, upload
from animate_cli.model.motion_model import EncodedSource, MotionModel
from animate_cli.model.relative_motion import movement_scale, relative_keypoints
from animate_cli.model.steady_paint import SteadyPaint
from animate_cli.model.values import Keypoints, Prediction
from animate_cli.motion import Motion, MotionOptions
from animate_cli.reference import choose_reference
from animate_cli.rendered import Estimated, Rendered
from animate_cli.smoothing import MotionSmoother
from animate_cli.weights import WeightsInfo, load_model

Predict = Callable[[Keypoints], Prediction]

LIBRARY_FRAME_RATE = 25


class Source(NamedTuple):
    """An encoded source: everything that depends on it alone.

    motion: its own keypoints. alpha: [1, 1, H', W'] in [0, 1] where the result is to keep transparency. also: more
    pictures of the same figure.
    """

    encoded: EncodedSource
    motion: Motion
    alpha: Tensor | None
    also: tuple[EncodedSource, ...] = ()


class Launched(NamedTuple):
    """A batch that is being computed: its keypoints [B, K], and its images uint8 [B, H', W', C] on their way."""

    keypoints: Keypoints
    prediction: Prediction
    images: Download


class Animator:
    """A model made ready to animate on one device.

    captures: record the networks where the device replays them. lag: batches that are begun before the pictures of
    an earlier one are waited for.
    """

    captures = True

    def __init__(
        self,
        model: MotionModel,
        *,
        device: str = "auto",
        precision: str = "auto",
        batch_size: int | None = None,
        info: WeightsInfo | None = None,
    ) -> None:
        """Prepare a model for inference; the given one is left as it is.

        Raises:
            DeviceError: the device or precision is unknown or not available, or the model does not fit there.
        """
        self.acceleration = choose_acceleration(device, precision)
        with explained_memory(None, last_resort="--device cpu, or smaller weights"):
            self.model = prepare(model, self.acceleration)
        self._copies = side_stream(self.acceleration.device)
        self.lag = 0 if self._copies is None else 1
        self._find = capture(lambda images: self.model.detect(images), self.acceleration.device)
        self.batch_size = batch_size or (4 if self.acceleration.device.type == "cpu" else 16)
        self.info = info or WeightsInfo(model.config)

    @classmethod
    def from_weights(
        cls,
        name_or_path: str | Path = "toon-face",
        *,
        device: str = "auto",
        precision: str = "auto",
        batch_size: int | None = None,
    ) -> "Animator":
        """Load a bundled model by name, or a weights file.

        Raises:
            WeightsError: there is no such model, or its file is not usable.
            DeviceError: the device or precision is unknown or not available.
        """
        loaded = load_model(name_or_path)
        return cls(loaded.model, device=device, precision=precision, batch_size=batch_size, info=loaded.info)

    @property
    def size(self) -> tuple[int, int]:
        """The (height, width) at which motion is estimated."""
        return self.model.config.size

    @torch.inference_mode()
    def set_source(
        self,
        image: Picture,
        canvas: Picture | None = None,
        alpha: Picture | None = None,
        also: Sequence[tuple[Picture, Picture]] = (),
    ) -> Source:
        """Encode a source picture.

        Args:
            image: uint8 [H, W, 3] of the model's aspect; resized to the model's size.
            canvas: the same picture as uint8 [H', W', 3] at the size of the result; by default the model's.
            alpha: uint8 [H', W'], the canvas's transparency, to be moved along with it.
            also: more pictures of the same figure, each with its canvas; they show what is hidden in the first.
        """
        with explained_memory(None):
            encoded = self._encode(image, canvas)
            layer = None if alpha is None else self._pictures([alpha[..., None]], alpha.shape[:2])
            others = tuple(self._encode(*given) for given in also)
        return Source(encoded, to_motions(encoded.keypoints)[0], layer, others)

    def _encode(self, image: Picture, canvas: Picture | None) -> EncodedSource:
        small = self._pictures([image], self.size)
        if canvas is None or canvas.shape[:2] == self.size:
            return self.model.encode(small)
        return self.model.encode(small, self._pictures([canvas], canvas.shape[:2]))

    def detect(self, frames: Iterable[Picture]) -> Iterator[Motion]:
        """Find the keypoints of each frame, uint8 [H, W, 3] of the model's aspect, in batches."""
        for batch in batches(frames, self.batch_size):
            yield from self._detect(batch)

    @torch.inference_mode()
    def _detect(self, frames: Sequence[Picture]) -> list[Motion]:
        with explained_memory(self.batch_size):
            find = self._find if self.captures else self.model.detect
            return to_motions(find(self._pictures(frames, self.size)))

    @torch.inference_mode()
    def find_heatmaps(self, frame: Picture) -> NDArray[np.float32]:
        """Compute the heatmaps [K, h, w] that a frame's keypoints are the means of; each sums to 1."""
        heatmaps = self.model.detector.find_heatmaps(self._pictures([frame], self.size))
        return to_floats(heatmaps[0])

    def animate(
        self,
        source: Source,
        motions: Iterable[tuple[Motion, Fraction]],
        reference: Motion | None = None,
        options: MotionOptions | None = None,
    ) -> Iterator[Rendered]:
        """Move a source as each motion shows, in batches.

        Args:
            source: from `set_source`.
            motions: the driving's keypoints with their times in seconds, rising.
            reference: the driving's keypoints that correspond to the source's own pose; by default the first.
            options: relative or absolute motion, and how much of it.
        """
        options = options or MotionOptions()
        predict = self._predictor(source, options.steady)
        launched: deque[Launched] = deque()
        for keypoints in self._moved(source, motions, reference, options):
            launched.append(self._launch(source, keypoints, predict))
            if len(launched) > self.lag:
                yield from self._finish(launched.popleft())
        for batch in launched:
            yield from self._finish(batch)

    def estimate(
        self,
        source: Source,
        motions: Iterable[tuple[Motion, Fraction]],
        reference: Motion | None = None,
        options: MotionOptions | None = None,
    ) -> Iterator[Estimated]:
        """Estimate how a source moves as each motion shows, without painting it; takes what `animate` takes."""
        for keypoints in self._moved(source, motions, reference, options or MotionOptions()):
            yield from self._estimate(source, keypoints)

    def _moved(
        self,
        source: Source,
        motions: Iterable[tuple[Motion, Fraction]],
        reference: Motion | None,
        options: MotionOptions,
    ) -> Iterator[Keypoints]:
        """Turn the driving's motions into the keypoints that the source is moved to, in batches."""
        smoother = MotionSmoother(options.smooth)
        scale: float | None = None
        for batch in batches(motions, self.batch_size):
            moved = [smoother(motion, float(time)) for motion, time in batch]
            if reference is None:
                reference = moved[0]
            if scale is None:
                scale = self._movement_scale(source, reference, options)
            yield self._follow(source, moved, reference, options, scale)

    def _movement_scale(self, source: Source, reference: Motion, options: MotionOptions) -> float:
        if not (options.relative and options.adapt_scale):
            return 1.0
        return movement_scale(source.encoded.keypoints, self._keypoints([reference]))

    @torch.inference_mode()
    def _follow(
        self,
        source: Source,
        motions: Sequence[Motion],
        reference: Motion,
        options: MotionOptions,
        scale: float,
    ) -> Keypoints:
        keypoints = self._keypoints(motions)
        if not options.relative:
            return keypoints
        return relative_keypoints(
            source.encoded.keypoints, keypoints, self._keypoints([reference]),
            scale=scale, strength=options.strength,
        )  # fmt: skip

    def _predictor(self, source: Source, steady: float) -> Predict:
        """Return what moves a source, recorded where the device replays, with a memory if that is wanted."""

        def predict(keypoints: Keypoints) -> Prediction:
            count = len(keypoints.value)
            also = [other.expand(count) for other in source.also]
            return self.model.predict(source.encoded.expand(count), keypoints, also)

        quick: Predict = capture(predict, self.acceleration.device) if self.captures else predict
        if not steady:
            return quick
        remember = SteadyPaint(self.model, steady)
        return lambda keypoints: remember(quick(keypoints), keypoints)

    @torch.inference_mode()
    def _launch(self, source: Source, keypoints: Keypoints, predict: Predict) -> Launched:
        """Begin a batch: on a GPU nothing is waited for."""
        with explained_memory(self.batch_size):
            prediction = predict(keypoints)
            images = to_bytes(self._with_alpha(prediction, source.alpha))
            return Launched(keypoints, prediction, Download(images, self._copies))

    @torch.inference_mode()
    def _finish(self, batch: Launched) -> list[Rendered]:
        """Wait for a batch's pictures."""
        prediction, count = batch.prediction, len(batch.keypoints.value)
        with explained_memory(self.batch_size):
            images: Picture = batch.images.wait().cpu().numpy()
        moved, dense = to_motions(batch.keypoints), prediction.motion
        return [
            Rendered(
                images[i],
                moved[i],
                prediction.deformed[i],
                tuple(map_[i, 0] for map_ in dense.occlusions),
                dense.deformation[i],
                dense.mask[i],
            )
            for i in range(count)
        ]

    @torch.inference_mode()
    def _estimate(self, source: Source, keypoints: Keypoints) -> list[Estimated]:
        encoded = source.encoded.expand(len(keypoints.value))
        with explained_memory(self.batch_size):
            dense = self.model.motion(encoded.small, encoded.keypoints, keypoints)
        parts = zip(to_motions(keypoints), dense.deformation, dense.mask, strict=True)
        return [Estimated(motion, to_floats(where), to_floats(mask)) for motion, where, mask in parts]

    def _with_alpha(self, prediction: Prediction, alpha: Tensor | None) -> Tensor:
        """Append the source's transparency, warped as the picture is."""
        if alpha is None:
            return prediction.image
        layer = alpha.expand(len(prediction.image), -1, -1, -1)
        moved = self.model.sampling.warp(layer, prediction.motion.deformation)
        return torch.cat([prediction.image.float(), moved], dim=1)

    def choose_reference(self, source: Source, motions: Sequence[Motion]) -> int:
        """Return the index of the motion that is nearest to the source's own."""
        return choose_reference(source.motion, motions, self.info.keypoint_names or ())

    def animate_frames(
        self, source: Picture, driving: Iterable[Picture], options: MotionOptions | None = None
    ) -> Iterator[Picture]:
        """Animate a source with driving frames, all uint8 [H, W, 3] of one aspect; the first is the reference.

        Smoothing, if any, takes the frames to be 1/25 of a second apart.
        """
        motions = self.detect(driving)
        timed = ((motion, Fraction(i, LIBRARY_FRAME_RATE)) for i, motion in enumerate(motions))
        for rendered in self.animate(self.set_source(source), timed, options=options):
            yield rendered.image

    def _pictures(self, pictures: Sequence[Picture], size: tuple[int, ...]) -> Tensor:
        """Stack uint8 pictures [H, W, C], resize them to ``size`` where they differ, scale to [0, 1]."""
        stacked = torch.stack([to_tensor(picture, size) for picture in pictures])
        return upload(stacked, self.acceleration.device).float() / 255

    def _keypoints(self, motions: Sequence[Motion]) -> Keypoints:
        value = torch.from_numpy(np.stack([motion.value for motion in motions]))
        jacobian = torch.from_numpy(np.stack([motion.jacobian for motion in motions]))
        device = self.acceleration.device
        return Keypoints(value.to(device), jacobian.to(device))
