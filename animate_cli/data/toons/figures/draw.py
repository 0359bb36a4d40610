"""Draw figures: a background, a shadow on the ground, the tubes from back to front, and a style over all."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from animate_cli.data.toons.background import paint_background
from animate_cli.data.toons.canvas import Canvas
from animate_cli.data.toons.figures.figure import Figure
from animate_cli.data.toons.figures.follow import find_marks
from animate_cli.data.toons.figures.patch import Patch, Sheet, bounds
from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.grids import grid
from animate_cli.data.toons.identity import Background, Colors, Style
from animate_cli.data.toons.shapes import bump
from animate_cli.data.toons.style import apply_style
from animate_cli.data.toons.trees import join, take
from animate_cli.data.toons.values import ToonFrame

CHUNK = 32
"""Figures drawn at once on a processor: few enough for its cache, many enough to keep it busy."""

OUTLINE = 0.34
"""Width of outlines against those of faces, in the picture's units."""


class Character(Protocol):
    """What every identity has, whatever it stands for."""

    @property
    def colors(self) -> Colors:
        """Its colours."""

    @property
    def background(self) -> Background:
        """What is behind it."""

    @property
    def style(self) -> Style:
        """How its pictures are made."""


class Held(Protocol):
    """What every pose has: a place [B, 2] in the picture, a scale [B] and a camera [B, 3]."""

    @property
    def scale(self) -> Tensor:
        """Size over the picture's; figures of like size are drawn together, as their windows are."""

    @property
    def place(self) -> Tensor:
        """Where in the picture."""

    @property
    def camera(self) -> Tensor:
        """What the background moves by."""


Who = TypeVar("Who", bound=Character)
How = TypeVar("How", bound=Held)


def render(identity: Who, pose: How, hold: Callable[[Who, How], Figure], size: int) -> ToonFrame:
    """Draw every identity in its pose at size x size; hold: makes figures of them."""
    batch, device = pose.place.shape[0], pose.place.device
    if device.type != "cpu" or batch <= CHUNK:
        return _draw(identity, pose, hold(identity, pose), size)
    order = pose.scale.argsort()
    parts = [render(take(identity, rows), take(pose, rows), hold, size) for rows in torch.split(order, CHUNK)]
    return take(join(*parts), order.argsort())


def _draw(who: Character, pose: Held, figure: Figure, size: int) -> ToonFrame:
    batch = pose.place.shape[0]
    points = grid(size, batch, pose.place.device)
    color = paint_background(who, pose, points)
    color *= (1 - _shadow(figure, points))[:, None]
    outline = per_pixel(who.style.outline) * OUTLINE
    sheet = Sheet(color, who.style, outline)
    for step, side in zip(figure.passes, _sides(figure, size), strict=True):
        rows = step.rows.nonzero()[:, 0]
        if rows.numel():
            patch = Patch(sheet, rows, *figure.parts.choose(rows, step.tube[rows]), side)
            patch.paint(step.capped)
            if step.decorate is not None:
                step.decorate(patch)
            patch.finish()
    pixels = sheet.pictures
    canvas = Canvas(pixels[:, :3].contiguous(), sheet.pixel, outline)
    canvas.light, canvas.ink = pixels[:, 3], pixels[:, 4]
    image = apply_style(who.style, who.colors, canvas, pose)
    return ToonFrame(image, pixels[:, 5].clone(), *find_marks(figure))


def _sides(figure: Figure, size: int) -> list[tuple[int, int]]:
    """Width and height of the windows that hold each pass's tubes."""
    low, high = bounds(figure.parts.tubes)
    reach = ((high - low) * 0.5 * (size - 1)).ceil()
    every = torch.arange(reach.shape[0], device=reach.device)
    widest = [(reach[every, step.tube] * step.rows[:, None]).amax(0) for step in figure.passes]
    return [
        (min(size, int(across) + 3), min(size, int(down) + 3))
        for across, down in torch.stack(widest).tolist()
    ]


def _shadow(figure: Figure, points: Tensor) -> Tensor:
    """Darkness [B, h, w] of the shadow on the ground."""
    offset = (points - figure.ground[:, None, None, :2]) / figure.ground[:, None, None, 2:]
    return bump((offset * offset).sum(-1) * 2) * figure.shadow[:, None, None]
