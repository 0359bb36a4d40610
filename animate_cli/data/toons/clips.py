"""How toons move in time, and pairs of poses to train on."""

import torch
from torch import Tensor

from animate_cli.data.toons.draws import Draws
from animate_cli.data.toons.moving import PAIR_SECONDS, choose, film
from animate_cli.data.toons.pose import MAX_YAW, Pose, random_pose


class Clip:
    """A batch of smooth motions [B], to be read at any time: sums of slow sines about a resting pose."""

    def __init__(self, generator: torch.Generator, batch: int) -> None:
        self.draws = draws = Draws(generator, batch)
        self.rest = random_pose(generator, batch)
        lively = draws.uniform(0.5, 1.3)
        self._sway = [self._waves(0.05, 0.6) for _ in range(10)]
        self._quick = [self._waves(0.3, 1.6) for _ in range(5)]
        self._syllables = self._waves(1.2, 4.0)
        self._talk = self._waves(0.1, 0.5)
        self._blink_every, self._blink_phase = draws.uniform(1.6, 5.0), draws.uniform(0, 1)
        self._lively = lively
        self._yaw_reach = torch.where(
            draws.chance(0.9) > 0.5, draws.uniform(0.8, 1.35), draws.uniform(0.1, 0.5)
        )
        self._camera = draws.chance(0.33) * draws.uniform(0.15, 0.5)
        self._rest_yaw = self.rest.yaw * 0.4

    def _waves(self, slowest: float, fastest: float) -> Tensor:
        """Frequencies (Hz), phases and weights [B, 3, 3] of one trajectory."""
        frequency = self.draws.uniform(slowest, fastest, 3)
        weight = self.draws.uniform(0.3, 1.0, 3) / (frequency / slowest).sqrt()
        weight = weight / weight.norm(dim=1, keepdim=True)
        return torch.stack([frequency * 2 * torch.pi, self.draws.uniform(0, 2 * torch.pi, 3), weight], 1)

    @staticmethod
    def _at(waves: Tensor, time: Tensor) -> Tensor:
        """Read a trajectory [B], about within [-1.5, 1.5], at times [B] in seconds."""
        return (torch.sin(waves[:, 0] * time[:, None] + waves[:, 1]) * waves[:, 2]).sum(1)

    def pose(self, time: Tensor) -> Pose:
        """Return the poses at times [B] in seconds."""
        rest, live = self.rest, self._lively
        sway = [self._at(waves, time) * live for waves in self._sway]
        quick = [self._at(waves, time) * live for waves in self._quick]
        yaw = (self._rest_yaw + self._yaw_reach * sway[0]).clamp(-MAX_YAW, MAX_YAW)
        pitch = (0.5 * rest.pitch + 0.16 * sway[1] + 0.03 * quick[0]).clamp(-0.5, 0.5)
        roll = (0.6 * rest.roll + 0.12 * sway[2]).clamp(-0.5, 0.5)
        zoom = torch.exp(0.07 * sway[3])
        scale = rest.scale * zoom
        camera = torch.stack([sway[7] * 0.12, sway[8] * 0.07, sway[9] * 0.06], 1) * self._camera[:, None]
        shift = (
            torch.stack([sway[4] * 0.14 + torch.sin(roll) * 0.5 + 0.1 * yaw, sway[5] * 0.08], 1)
            * scale[:, None]
        )
        phase = (time / self._blink_every + self._blink_phase) % 1
        blink = (1 - ((phase - 0.5) * self._blink_every / 0.14).abs()).clamp(0, 1)
        talking = (self._at(self._talk, time) + 0.5).clamp(0, 1)
        opening = (self._at(self._syllables, time) * 0.6 + 0.35).clamp(0, 1) * talking * live.clamp_max(1)
        return Pose(
            place=rest.place + shift + camera[:, :2],
            scale=scale * torch.exp(camera[:, 2]),
            yaw=yaw,
            pitch=pitch,
            roll=roll,
            gaze=torch.stack([quick[1] * 0.45 - 0.2 * sway[0], quick[2] * 0.3], 1).clamp(-1, 1),
            blink=torch.maximum(rest.blink * 0.3, blink[:, None].expand(-1, 2)),
            brows=(rest.brows * 0.5 + 0.5 * sway[6][:, None]).clamp(-1, 1),
            mouth_open=opening,
            mouth_width=(0.5 * rest.mouth_width + 0.4 * quick[3]).clamp(-1, 1),
            smile=(rest.smile + 0.35 * sway[8]).clamp(-1, 1),
            shoulders=rest.shoulders + 0.04 * sway[5],
            torso=rest.torso - shift / scale[:, None] * 0.6,
            torso_yaw=(rest.torso_yaw * 0.5 + 0.3 * yaw).clamp(-0.8, 0.8),
            camera=camera,
        )


def random_motion(generator: torch.Generator, batch: int, num_frames: int, fps: float = 25.0) -> Pose:
    """Draw smooth clips of talking heads: a Pose of tensors [B, T, ...]; a third has a moving camera."""
    return film(Clip(generator, batch), batch, num_frames, fps)


def random_pose_pairs(generator: torch.Generator, batch: int) -> tuple[Pose, Pose]:
    """Draw pairs of poses [B]: most are two times of one clip, some are independent, at a like distance."""
    draws = Draws(generator, batch)
    clip = Clip(generator, batch)
    first_time = draws.uniform(0, PAIR_SECONDS)
    first, second = clip.pose(first_time), clip.pose(first_time + draws.uniform(0.3, PAIR_SECONDS))
    lone = random_pose(generator, batch), random_pose(generator, batch)
    near = lone[0].scale * torch.exp(draws.normal(0, 0.13))
    other = lone[1]._replace(
        scale=torch.where(draws.chance(0.85) > 0.5, near.clamp(0.25, 0.72), lone[1].scale)
    )
    apart = draws.chance(0.3) > 0.5
    return choose(apart, lone[0], first), choose(apart, other, second)
