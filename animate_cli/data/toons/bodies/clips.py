"""How toon-bodies move in time, and pairs of poses to train on."""

import torch
from torch import Tensor

from animate_cli.data.toons.bodies.pose import BodyPose, rest_pose
from animate_cli.data.toons.draws import Draws
from animate_cli.data.toons.figures.waves import at, draw_waves
from animate_cli.data.toons.moving import PAIR_SECONDS, film, pair_figures


class BodyClip:
    """A batch of smooth motions [B], to be read at any time: sums of slow sines about a stance.

    Hands wander, weight goes from foot to foot, the body turns: a quarter of the clips right round, a quarter
    by half a turn, the rest a little. Now and then a leg is lifted. A third has a moving camera.
    """

    def __init__(self, generator: torch.Generator, batch: int) -> None:
        self.draws = draws = Draws(generator, batch)
        self.rest = rest_pose(batch)
        self._slow = [draw_waves(draws, 0.06, 0.45) for _ in range(12)]
        self._hands = [draw_waves(draws, 0.1, 0.7) for _ in range(6)]
        self._lively = draws.uniform(0.55, 1.15)
        self._home = torch.stack(
            [draws.uniform(0.1, 0.65, 2), draws.uniform(-0.35, 0.8, 2), draws.uniform(0.0, 0.55, 2)], -1
        )
        self._base_yaw = draws.normal(0, 0.6)
        turning = draws.choice((0.45, 0.3, 0.25))
        self._turn = draws.pick((0.45, 1.7, 3.1), turning)
        self._stance = torch.stack([draws.uniform(0.1, 0.42), draws.uniform(-0.25, 0.3)], 1)
        self._crouch = draws.uniform(0.0, 0.16)
        self._kick = draws.chance(0.35) * draws.uniform(0.3, 0.9)
        self._kick_side = draws.chance(0.5)
        self._kick_phase = draws.uniform(0, 1)
        self._step = draws.uniform(0.0, 0.14)
        self.scale = torch.where(
            draws.chance(0.22) > 0.5, draws.uniform(1.0, 1.35), draws.uniform(0.66, 0.93)
        )
        drop = torch.where(self.scale > 0.97, draws.uniform(0.1, 0.55), draws.uniform(-0.1, 0.02))
        low = torch.where(self.scale > 0.97, self.scale - 1 + 0.95, 0.94 * torch.ones_like(self.scale))
        self.place = torch.stack([draws.uniform(-0.3, 0.3), low + drop.clamp_max(0.3)], 1)
        self._tilt = draws.uniform(0.0, 0.24)
        self._camera = draws.chance(0.33) * draws.uniform(0.5, 1.5)
        self._blink_every, self._blink_phase = draws.uniform(1.6, 5.0), draws.uniform(0, 1)

    def pose(self, time: Tensor) -> BodyPose:
        """Return the poses at times [B] in seconds."""
        live = self._lively
        slow = [at(waves, time) * live for waves in self._slow]
        quick = [at(waves, time) * live for waves in self._hands]
        yaw = self._base_yaw + self._turn * slow[0] * 0.9
        camera = torch.stack([slow[9] * 0.10, slow[10] * 0.05, slow[11] * 0.06], 1) * self._camera[:, None]
        walk = torch.stack([slow[8] * 0.16, torch.zeros_like(time)], 1)
        phase = (time / self._blink_every + self._blink_phase) % 1
        return self.rest._replace(
            place=self.place + walk + camera[:, :2],
            scale=self.scale * torch.exp(camera[:, 2]),
            tilt=self._tilt,
            yaw=yaw,
            twist=0.35 * slow[1],
            lean=torch.stack([0.08 + 0.13 * slow[2], 0.12 * slow[3]], 1),
            sway=torch.stack([0.13 * slow[4], 0.07 * slow[5]], 1),
            crouch=(self._crouch + 0.07 * slow[6]).clamp_min(0),
            head=torch.stack([0.45 * slow[7], 0.14 * slow[8], 0.1 * slow[3]], 1),
            hands=self._reach(quick),
            feet=self._feet(time),
            toes=0.3 + 0.15 * torch.stack([slow[5], slow[6]], 1),
            blink=(1 - ((phase - 0.5) * self._blink_every / 0.14).abs()).clamp(0, 1),
            smile=(0.35 + 0.45 * slow[10]).clamp(-1, 1),
            mouth_open=(0.5 * slow[11] - 0.1).clamp(0, 1),
            gaze=torch.stack([slow[7], 0.5 * slow[2]], 1).clamp(-1, 1),
            camera=camera,
        )

    def _reach(self, quick: list[Tensor]) -> Tensor:
        """Places of the hands [B, 2, 3], never inside the trunk."""
        moved = self._home + torch.stack(quick, -1).view(-1, 2, 3) * torch.tensor([0.38, 0.6, 0.4])
        out, down, ahead = moved.unbind(-1)
        out = out.clamp(-0.45, 0.95)
        inner = (0.3 - out).clamp_min(0) * (down > -0.5).float()
        return torch.stack([out, down.clamp(-0.95, 0.95), torch.maximum(ahead, inner * 0.9 + 0.02)], -1)

    def _feet(self, time: Tensor) -> Tensor:
        """Places of the feet [B, 2, 3]: planted, stepping a little, or one kicking."""
        apart, ahead = self._stance.unbind(1)
        sway = at(self._slow[5], time)
        lift = ((torch.sin((time / 3.2 + self._kick_phase) * 2 * torch.pi) - 0.25) / 0.75).clamp_min(0)
        lift = lift * lift * (3 - 2 * lift) * self._kick
        stepping = at(self._slow[2], time).clamp_min(0) * self._step
        left = torch.stack([apart, stepping, ahead + 0.06 * sway], 1)
        right = torch.stack([apart, 0 * apart, -ahead], 1)
        feet = torch.stack([left, right], 1)
        side = torch.stack([self._kick_side, 1 - self._kick_side], 1)[:, :, None]
        raised = torch.stack([apart + 0.1 * lift, lift * 0.75, 0.25 + 0.55 * lift], 1)[:, None]
        return torch.lerp(feet, raised, side * (lift * 2.5).clamp_max(1)[:, None, None])


def random_motion(generator: torch.Generator, batch: int, num_frames: int, fps: float = 25.0) -> BodyPose:
    """Draw smooth clips: a BodyPose of tensors [B, T, ...]; a third has a moving camera."""
    return film(BodyClip(generator, batch), batch, num_frames, fps)


def random_pose(generator: torch.Generator, batch: int) -> BodyPose:
    """Draw independent poses."""
    clip = BodyClip(generator, batch)
    return clip.pose(clip.draws.uniform(0, PAIR_SECONDS))


def random_pose_pairs(generator: torch.Generator, batch: int) -> tuple[BodyPose, BodyPose]:
    """Draw pairs of poses [B]: half are two times of one clip, half of two clips, at a like distance."""
    draws = Draws(generator, batch)
    return pair_figures(draws, BodyClip(generator, batch), BodyClip(generator, batch))
