"""What is behind a toon: ten kinds of backgrounds, painted in the camera's coordinates."""

from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.identity import Background
from animate_cli.data.toons.shapes import box, cover, waves
from animate_cli.data.toons.trees import take


class Filmed(Protocol):
    """A pose with a camera [B, 3]: shift (x, y) of the background and the logarithm of its zoom."""

    @property
    def camera(self) -> Tensor:
        """See the class."""


class Backed(Protocol):
    """Whoever has a background."""

    @property
    def background(self) -> Background:
        """What is behind it."""


def to_camera(pose: Filmed, points: Tensor) -> Tensor:
    """Turn (x, y) in [-1, 1] [B, h, w, 2] into places of the background, which move with the camera only."""
    return (points - pose.camera[:, None, None, :2]) * torch.exp(-pose.camera[:, 2])[:, None, None, None]


def from_camera(pose: Filmed, places: Tensor) -> Tensor:
    """Turn places of the background [B, h, w, 2] into (x, y) of the picture; undoes to_camera."""
    return places * torch.exp(pose.camera[:, 2])[:, None, None, None] + pose.camera[:, None, None, :2]


def paint_background(who: Backed, pose: Filmed, size: int) -> Tensor:
    """Colours [B, 3, size, size] of the background."""
    back, camera = who.background, pose.camera
    color = camera.new_empty(camera.shape[0], 3, size, size)
    for kind in sorted(set(back.kind.tolist())):
        rows = (back.kind == kind).nonzero()[:, 0]
        color.index_copy_(0, rows, _PAINTERS[kind](_Corner(take(back, rows), camera[rows], size)))
    return color


class _Corner:
    """The rows of one kind of background: colours [B, 3, 1, 1], numbers [B, 1, 1] and places.

    Cameras do not roll: x is [B, 1, w] and y [B, h, 1].
    """

    def __init__(self, back: Background, camera: Tensor, size: int) -> None:
        self.first, self.second, self.third = (
            color[:, :, None, None] for color in (back.first, back.second, back.third)
        )
        self.frequency, self.noise = per_pixel(back.frequency), back.noise
        line, zoom = torch.linspace(-1, 1, size, device=camera.device), torch.exp(-camera[:, 2:])
        self.x = ((line - camera[:, :1]) * zoom)[:, None]
        self.y = ((line - camera[:, 1:2]) * zoom)[:, :, None]
        cos, sin = per_pixel(torch.cos(back.angle)), per_pixel(torch.sin(back.angle))
        self.u, self.v = self.x * cos + self.y * sin, self.y * cos - self.x * sin
        self.pixel = 2 / size

    @cached_property
    def places(self) -> Tensor:
        """Places [B, h, w, 2] of all pixels."""
        shape = -1, self.y.shape[1], self.x.shape[2]
        return torch.stack([self.x.expand(shape), self.y.expand(shape)], -1)

    def clouds(self, zoom: float, mode: str = "bilinear") -> Tensor:
        """Noise [B, 3, h, w] of the background at a zoom."""
        return grid_sample(self.noise, self.places * zoom, mode, "reflection", align_corners=True)

    def ridge(self, zoom: float, row: float, channel: int) -> Tensor:
        """Smooth line [B, 1, w] of hills, a function of x only, in [-0.5, 0.5]."""
        line = torch.stack([self.x * zoom, torch.full_like(self.x, row)], -1)
        return grid_sample(self.noise, line, "bicubic", "reflection", align_corners=True)[:, channel] - 0.5

    def mix(self, share: Tensor) -> Tensor:
        """Mix the first colour with the second by a share [B, h, w]; colours [B, 3, h, w]."""
        return torch.lerp(self.first, self.second, share[:, None])


def _plain(corner: _Corner) -> Tensor:
    return corner.first.expand(-1, -1, corner.y.shape[1], corner.x.shape[2])


def _gradient(corner: _Corner) -> Tensor:
    return corner.mix((corner.u * 0.45 + 0.5).clamp(0, 1))


def _stripes(corner: _Corner) -> Tensor:
    return corner.mix(cover(waves(corner.u, corner.frequency), 4 * corner.frequency * corner.pixel))


def _checks(corner: _Corner) -> Tensor:
    rate = corner.frequency * 0.7
    return corner.mix(cover(waves(corner.u, rate) * waves(corner.v, rate) * 2, 8 * rate * corner.pixel))


def _dots(corner: _Corner) -> Tensor:
    field = 0.9 + waves(corner.u, corner.frequency) + waves(corner.v, corner.frequency)
    return corner.mix(cover(field, 6 * corner.frequency * corner.pixel))


def _clouds(corner: _Corner) -> Tensor:
    wide, fine = corner.clouds(0.22), corner.clouds(0.7)
    share = (wide[:, 0] * 1.3 + fine[:, 1] * 0.7 - 0.5).clamp(0, 1)
    third = ((wide[:, 2] + fine[:, 2] * 0.5 - 0.95) * 4).clamp(0, 1)
    return torch.lerp(corner.mix(share), corner.third, (third * 0.6)[:, None])


def _bokeh(corner: _Corner) -> Tensor:
    color = corner.mix((corner.y * 0.4 + 0.5).clamp(0, 1))
    for index in range(7):
        place = corner.noise[:, :2, 0, index] * 2.6 - 1.3
        size = 0.08 + 0.28 * corner.noise[:, 2, 0, index]
        distance = torch.hypot(
            corner.x - per_pixel(place[:, 0]), corner.y - per_pixel(place[:, 1])
        ) - per_pixel(size)
        glow = cover(distance, 0.05) * per_pixel(0.25 + 0.5 * corner.noise[:, 0, 1, index])
        color = torch.lerp(color, corner.third if index % 2 else corner.second * 0.5 + 0.5, glow[:, None])
    return color


def _room(corner: _Corner) -> Tensor:
    noise, x, y, pixel = corner.noise, corner.x, corner.y, corner.pixel
    wall = corner.first * (1 + 0.12 * waves(x, corner.frequency)[:, None] * noise[:, :1, :1, :1])
    floor = per_pixel(0.35 + 0.5 * noise[:, 0, 0, 0])
    color = torch.lerp(wall, corner.second * 0.8, cover(floor - y, pixel)[:, None])
    for index in range(3):
        middle = noise[:, :2, 1, index] * torch.tensor([2.6, 0.9]).to(noise) - torch.tensor([1.3, 0.9]).to(
            noise
        )
        half = 0.16 + 0.3 * noise[:, :2, 2, index]
        edge = box(
            x - per_pixel(middle[:, 0]),
            y - per_pixel(middle[:, 1]),
            per_pixel(half[:, 0]),
            per_pixel(half[:, 1]),
        )
        frame = corner.third * (0.4 + 0.3 * index)
        inside = (corner.third if index % 2 else corner.second) * 0.6 + 0.4 * noise[
            :, :, 3, index, None, None
        ]
        color = torch.lerp(color, frame.clamp(0, 1), cover(edge, pixel)[:, None])
        color = torch.lerp(color, inside, cover(edge + 0.05, pixel)[:, None])
    return color


def _blurred(corner: _Corner) -> Tensor:
    wide = corner.clouds(0.12)
    fine = corner.clouds(0.35, "bicubic").clamp(0, 1)
    stretch = torch.tensor([0.4, 0.04]).to(corner.noise)
    upright = grid_sample(corner.noise, corner.places * stretch, "bilinear", "reflection", align_corners=True)
    color = corner.mix((wide[:, 0] * 1.6 - 0.3).clamp(0, 1)) * (0.6 + 0.7 * upright[:, 1:2])
    return color + (fine * 0.4 + fine.mean(1, keepdim=True) * 0.6 - 0.5) * 0.25


def _outdoors(corner: _Corner) -> Tensor:
    noise = corner.noise
    sky = torch.lerp(corner.first * 0.5 + 0.5, corner.first, (corner.y * 0.5 + 0.5).clamp(0, 1)[:, None])
    line = corner.clouds(0.5)
    level = per_pixel(noise[:, 0, 0, 0]) * 0.8 - 0.3
    far = level + corner.ridge(0.16, 0.2, 0) * 0.7
    near = level + 0.35 + corner.ridge(0.25, -0.6, 1) * 0.5
    color = torch.lerp(sky, corner.second * 0.75, cover(far - corner.y, corner.pixel * 1.5)[:, None])
    color = torch.lerp(color, corner.third * 0.7, cover(near - corner.y, corner.pixel * 1.5)[:, None])
    return color * (0.9 + 0.2 * line[:, 2:])


_PAINTERS = (_plain, _gradient, _stripes, _checks, _dots, _clouds, _bokeh, _room, _blurred, _outdoors)
