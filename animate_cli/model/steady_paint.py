"""Memory between frames: what was painted where the source shows nothing is carried on, not painted anew."""

import torch
from torch import Tensor

from animate_cli.model.grid import resize
from animate_cli.model.motion_model import MovingModel
from animate_cli.model.values import Keypoints, Prediction

HIDDEN, SURELY_HIDDEN = 0.5, 0.3
"""Values of the source's coarse occlusion map below which a place is taken to be hidden, in part and altogether."""


class SteadyPaint:
    """Mixes each frame with the one before, moved along, where the source hides a place and that one shows it.

    It remembers the last frame, as it was mixed, so frames come in the order of time.
    """

    def __init__(self, model: MovingModel, share: float) -> None:
        """Begin without a memory; ``share`` in [0, 1] is the most that is kept of the frame before."""
        self.model, self.share = model, share
        self._last: tuple[Tensor, Keypoints] | None = None

    def __call__(self, prediction: Prediction, keypoints: Keypoints) -> Prediction:
        """Mix the pictures of a batch, made for keypoints [B, K]."""
        mixed = []
        for index in range(len(prediction.image)):
            image, occlusion, value, jacobian = (
                part[index : index + 1]
                for part in (prediction.image, prediction.motion.occlusions[0], *keypoints)
            )
            mixed.append(self._mix(image, occlusion, Keypoints(value, jacobian)))
        return prediction._replace(image=torch.cat(mixed))

    def _mix(self, image: Tensor, occlusion: Tensor, keypoints: Keypoints) -> Tensor:
        """Mix a picture [1, 3, H, W] that the source shows by an occlusion map [1, 1, h, w]."""
        if self._last is not None:
            carried, shown = self._carry(*self._last, keypoints)
            hidden = ((HIDDEN - occlusion.float()) / (HIDDEN - SURELY_HIDDEN)).clamp(0, 1)
            share = self.share * resize(hidden, *image.shape[-2:]) * resize(shown, *image.shape[-2:])
            image = torch.lerp(image, carried, share)
        self._last = image, keypoints
        return image

    def _carry(self, last: Tensor, before: Keypoints, now: Keypoints) -> tuple[Tensor, Tensor]:
        """Move the last picture to the keypoints of now; also return how far it shows each place, [1, 1, h, w]."""
        small = self.model.downscale(resize(last, *self.model.config.size))
        motion = self.model.motion(small, before, now)
        carried = self.model.sampling.warp(last, motion.deformation)
        return carried, motion.occlusions[0].float().square()
