"""Draw figures: a background, a shadow on the ground, the tubes from back to front, and a style over all."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from animate_cli.data.toons.background import paint_background
from animate_cli.data.toons.canvas import Canvas, new_sheet
from animate_cli.data.toons.figures.figure import Figure
from animate_cli.data.toons.figures.follow import find_marks
from animate_cli.data.toons.figures.patch import Patch, Sheet
from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.identity import Background, Colors, Style
from animate_cli.data.toons.shapes import bump
from animate_cli.data.toons.style import apply_style
from animate_cli.data.toons.trees import join, take
from animate_cli.data.toons.values import ToonFrame

PIXELS = 16 * 256 * 256
"""Pixels drawn at once on a processor: few enough for its cache, many enough to keep it busy."""

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
    chunk = max(1, PIXELS // size**2)
    if device.type != "cpu" or batch <= chunk:
        return _draw(identity, pose, hold(identity, pose), size)
    order = pose.scale.argsort()
    parts = [render(take(identity, rows), take(pose, rows), hold, size) for rows in torch.split(order, chunk)]
    return take(join(*parts), order.argsort())


def _draw(who: Character, pose: Held, figure: Figure, size: int) -> ToonFrame:
    outline = per_pixel(who.style.outline) * OUTLINE
    sheet = Sheet(new_sheet(paint_background(who, pose, size)), who.style, outline)
    _cast_shadow(sheet, figure)
    for step in figure.passes:
        rows = step.rows.nonzero()[:, 0]
        if rows.numel():
            patch = Patch(sheet, rows, *figure.parts.choose(rows, step.tube[rows]))
            patch.paint(step.capped)
            if step.decorate is not None:
                step.decorate(patch)
            patch.finish()
    canvas = Canvas(sheet.pictures, sheet.pixel, outline)
    image = apply_style(who.style, who.colors, canvas, pose)
    return ToonFrame(image, canvas.mask.clone(), *find_marks(figure))


def _cast_shadow(sheet: Sheet, figure: Figure) -> None:
    """Darken the ground below the figures."""
    middle, reach = figure.ground[:, :2], figure.ground[:, 2:]
    rows = torch.arange(len(middle), device=middle.device)
    window = sheet.window(rows, middle - 1.5 * reach, middle + 1.5 * reach)
    x, y = window.cross(sheet.x, sheet.y)
    x, y = (
        (x - per_pixel(middle[:, 0])) / per_pixel(reach[:, 0]),
        (y - per_pixel(middle[:, 1])) / per_pixel(reach[:, 1]),
    )
    dark = bump(x * x * 2 + y * y * 2).mul_(per_pixel(figure.shadow))
    color = sheet.pictures[:, :3]
    window.put(color, window.take(color).mul_(dark.neg_().add_(1)[:, None]))
