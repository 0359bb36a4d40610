"""How toon-animals move in time, and pairs of poses to train on."""

import torch
from torch import Tensor

from animate_cli.data.toons.animals.pose import AnimalPose, rest_pose
from animate_cli.data.toons.draws import Draws
from animate_cli.data.toons.figures.waves import at, draw_waves
from animate_cli.data.toons.moving import PAIR_SECONDS, film, pair_figures

GAITS = ((0.0, 0.5, 0.75, 0.25), (0.0, 0.5, 0.5, 0.0), (0.0, 0.12, 0.5, 0.62), (0.0, 0.0, 0.0, 0.0))
"""Walk, trot, gallop, flap: the phase of each limb in a stride."""


class AnimalClip:
    """A batch of smooth motions [B], to be read at any time: strides, and slow sines about a stance.

    Most walk or run on the spot, some stand and look about; all turn a little, a fifth right past the viewer.
    A third has a moving camera.
    """

    def __init__(self, generator: torch.Generator, batch: int) -> None:
        self.draws = draws = Draws(generator, batch)
        self.rest = rest_pose(batch)
        self._slow = [draw_waves(draws, 0.08, 0.6) for _ in range(10)]
        gait = draws.choice((0.42, 0.25, 0.25, 0.08))
        self._phases = torch.tensor(GAITS)[gait] + draws.uniform(0, 1, 1)
        self._rate = draws.pick((0.8, 1.3, 1.7, 1.5), gait) * draws.uniform(0.8, 1.2)
        self._stride = (
            draws.pick((0.75, 0.9, 1.1, 0.9), gait)
            * draws.uniform(0.7, 1.1)
            * (1 - 0.85 * draws.chance(0.15))
        )
        self._bounce = draws.pick((0.02, 0.04, 0.09, 0.05), gait)
        side = torch.where(draws.chance(0.5) > 0.5, 1.0, -1.0)
        self._yaw = side * draws.uniform(0.65, 1.75)
        self._turn = torch.where(draws.chance(0.2) > 0.5, draws.uniform(0.8, 1.4), draws.uniform(0.05, 0.35))
        self.scale = draws.uniform(0.8, 1.15)
        self.place = torch.stack([draws.uniform(-0.14, 0.14), draws.uniform(-0.10, 0.14)], 1)
        self._tilt = draws.uniform(0.0, 0.28)
        self._neck = draws.normal(0, 0.14)
        self._camera = draws.chance(0.33) * draws.uniform(0.5, 1.5)
        self._blink_every, self._blink_phase = draws.uniform(1.6, 5.0), draws.uniform(0, 1)

    def pose(self, time: Tensor) -> AnimalPose:
        """Return the poses at times [B] in seconds."""
        slow = [at(waves, time) for waves in self._slow]
        turn = 2 * torch.pi * (time[:, None] * self._rate[:, None] + self._phases)
        stride = self._stride[:, None]
        beat = 2 * torch.pi * time * self._rate * 2
        camera = torch.stack([slow[7] * 0.10, slow[8] * 0.05, slow[9] * 0.06], 1) * self._camera[:, None]
        walk = torch.stack([slow[6] * 0.12, slow[5] * 0.03], 1)
        phase = (time / self._blink_every + self._blink_phase) % 1
        return self.rest._replace(
            place=self.place + walk + camera[:, :2],
            scale=self.scale * torch.exp(camera[:, 2]),
            tilt=self._tilt,
            yaw=(self._yaw + self._turn * slow[0]).clamp(-1.95, 1.95),
            pitch=0.05 * slow[1] + self._bounce * torch.sin(beat * 0.5),
            bob=self._bounce * torch.cos(beat) * self._stride,
            swing=torch.sin(turn) * stride,
            lift=torch.cos(turn).clamp_min(0) * stride.clamp_max(1),
            bend=torch.stack([0.32 * slow[2], 0.5 * slow[3] + 0.15 * torch.sin(beat * 0.5)], 1),
            neck=self._neck + 0.2 * slow[4] + self._bounce * torch.cos(beat),
            head=torch.stack([0.3 * slow[5], 0.2 * slow[6]], 1),
            tail=0.35 * slow[7] + 0.15 * torch.sin(beat * 0.5),
            ears=(0.7 * slow[8]).clamp(-1, 1),
            blink=(1 - ((phase - 0.5) * self._blink_every / 0.14).abs()).clamp(0, 1),
            mouth=(0.8 * slow[9]).clamp(0, 1),
            camera=camera,
        )


def random_motion(generator: torch.Generator, batch: int, num_frames: int, fps: float = 25.0) -> AnimalPose:
    """Draw smooth clips: an AnimalPose of tensors [B, T, ...]; a third has a moving camera."""
    return film(AnimalClip(generator, batch), batch, num_frames, fps)


def random_pose(generator: torch.Generator, batch: int) -> AnimalPose:
    """Draw independent poses."""
    clip = AnimalClip(generator, batch)
    return clip.pose(clip.draws.uniform(0, PAIR_SECONDS))


def random_pose_pairs(generator: torch.Generator, batch: int) -> tuple[AnimalPose, AnimalPose]:
    """Draw pairs of poses [B]: half are two times of one clip, half of two clips, at a like distance."""
    draws = Draws(generator, batch)
    return pair_figures(draws, AnimalClip(generator, batch), AnimalClip(generator, batch))
