"""A canvas with the toons that are painted on it, and smaller easels about parts of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from animate_cli.data.toons.canvas import Canvas
from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.scene import Scene
from animate_cli.data.toons.windows import Window


class Easel:
    """Toons, a canvas [B, 6, H, W] to paint them on, and its points x [B, 1, W] and y [B, H, 1] in head units."""

    def __init__(self, scene: Scene, canvas: Canvas, x: Tensor, y: Tensor) -> None:
        self.scene, self.canvas, self.x, self.y = scene, canvas, x, y

    @property
    def every(self) -> Tensor:
        """All rows [B]."""
        return torch.arange(self.x.shape[0], device=self.x.device)

    @property
    def origin(self) -> Tensor:
        """The first point [B, 2], (x, y) in head units."""
        return torch.stack([self.x[:, 0, 0], self.y[:, 0, 0]], 1)

    def window(self, low: Tensor, high: Tensor, rows: Tensor | None = None) -> Window:
        """Choose windows that hold boxes with corners [R, 2] in head units, of the rows [R] or all."""
        rows = self.every if rows is None else rows
        origin, pixel = self.origin[rows], self.canvas.pixel[rows, 0]
        shape = self.y.shape[1], self.x.shape[2]
        return Window(rows, (low - origin) / pixel, (high - origin) / pixel, shape)

    def square(self, center: Tensor, reach: Tensor) -> tuple[Tensor, Tensor]:
        """Corners [B, 2] of squares of whole pixels about centres [B, 2], with a reach [B] in head units."""
        origin, pixel = self.origin, self.canvas.pixel[:, 0]
        side = (2 * reach[:, None] / pixel).floor() + 2
        low = ((center - origin) / pixel - side / 2).round()
        return low * pixel + origin, (low + side) * pixel + origin

    def inside(self, low: Tensor, high: Tensor) -> Tensor:
        """Tell which points [B, h, w] are in boxes with corners [B, 2]."""
        half = 0.5 * self.canvas.pixel
        across = (self.x > per_pixel(low[:, 0]) - half) & (self.x < per_pixel(high[:, 0]) + half)
        return across & (self.y > per_pixel(low[:, 1]) - half) & (self.y < per_pixel(high[:, 1]) + half)

    @contextmanager
    def within(self, part: Window) -> Iterator["Easel"]:
        """Give an easel of its own to paint a window on."""
        scene = self.scene if part.rows.numel() == self.x.shape[0] else self.scene.take(part.rows)
        canvas = self.canvas.cut(part)
        yield Easel(scene, canvas, *part.cross(self.x, self.y))
        self.canvas.paste(part, canvas)


def set_up(scene: Scene, sheet: Tensor) -> Easel:
    """Put toons on an easel with a sheet [B, 6, H, W]."""
    size, pose = sheet.shape[-1], scene.pose
    line = torch.linspace(-1, 1, size, device=sheet.device)
    canvas = Canvas(sheet, pixel_size(scene, size), per_pixel(scene.identity.style.outline))
    x = (line - pose.place[:, :1]) / pose.scale[:, None]
    y = (line - pose.place[:, 1:]) / pose.scale[:, None]
    return Easel(scene, canvas, x[:, None], y[:, :, None])


def pixel_size(scene: Scene, size: int) -> Tensor:
    """Size of a pixel [B, 1, 1] of pictures of a size, in head units."""
    return per_pixel(2 / (size - 1) / scene.pose.scale)
