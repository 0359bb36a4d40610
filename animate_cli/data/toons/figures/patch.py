"""A part of the sheet that one tube is painted on."""

from typing import NamedTuple

import torch
from torch import Tensor

from animate_cli.data.toons.figures.figure import Cover, cap_edge
from animate_cli.data.toons.figures.tubes import Seen, Tubes, attach, see
from animate_cli.data.toons.identity import Style
from animate_cli.data.toons.shapes import cover, waves

CHANNELS = 6
"""Red, green, blue, light (1 is neutral), ink (0 to 1), mask (0 to 1)."""


class Patch:
    """Windows [R, n, n] of a sheet with a tube in front of them.

    tubes, cover, style: chosen rows. rows: [R] of the batch. seen: the tube; along, around: coordinates that
    stick to it; pixel: size of a pixel, [R, 1, 1]. colors: [R, n, n, 6], what is there so far.
    """

    def __init__(self, sheet: "Sheet", rows: Tensor, tubes: Tubes, over: Cover, side: int) -> None:
        self.rows, self.tubes, self.cover = rows, tubes, over
        self.style = Style(*(values[rows] for values in sheet.style))
        self.outline = sheet.outline[rows]
        self.pixel = sheet.pixel
        self._sheet = sheet
        self._index, self.x, self.y = sheet.window(rows, tubes, side)
        self.seen = see(tubes, self.x, self.y, self.style.light[:, :2])
        self.along, self.around = attach(tubes, self.seen)
        self.alpha = torch.empty(0)
        self.colors = sheet.values[self._index]

    def paint(self, capped: bool) -> None:
        """Fill the tube with its cover."""
        seen = self.seen
        distance = seen.distance
        if capped:
            edge = cap_edge(self.tubes, self.cover, self.along, self.around)
            distance = torch.maximum(distance, edge)
        self.alpha = cover(distance, self.pixel)
        rim = distance + self.outline
        hem = self._hem()
        ink = torch.maximum(cover(-rim, self.pixel), hem) if hem is not None else cover(-rim, self.pixel)
        light = self._light()
        if bool((self.cover.joined > 0).any()):
            melt = ((0.5 - self.along) * 3).clamp_(0, 1) * self.cover.joined[:, None, None]
            ink, light = ink * (1 - melt), torch.lerp(light, self.colors[..., 3], melt)
        layer = torch.empty(*self.alpha.shape, CHANNELS, dtype=self.alpha.dtype, device=self.alpha.device)
        layer[..., :3] = self._color()
        layer[..., 3] = light
        layer[..., 4] = ink * (self.outline > 0)
        layer[..., 5] = 1
        self.colors.lerp_(layer, self.alpha[..., None])

    def tint(self, share: Tensor, color: Tensor) -> None:
        """Lay a colour [R, 3] over the tube with an opacity [R, n, n]."""
        self.colors[..., :3].lerp_(color[:, None, None], (share * self.alpha)[..., None])

    def line(self, share: Tensor) -> None:
        """Draw ink on the tube with an opacity [R, n, n]."""
        ink = self.colors[..., 4]
        ink.lerp_(torch.ones_like(ink), share * self.alpha)

    def finish(self) -> None:
        """Put the windows back on the sheet."""
        self._sheet.values[self._index] = self.colors

    def _light(self) -> Tensor:
        style, seen = self.style, self.seen
        lz, cel = style.light[:, 2, None, None], style.cel[:, None, None]
        facing = torch.addcmul((1 - seen.rim * seen.rim).sqrt_().mul_(lz), seen.rim, seen.lit)
        tones = ((facing - 0.25) * 6 + 0.5).clamp_(0, 1) * 0.75 + 0.2
        facing = torch.lerp(facing, tones, cel)
        light = 1 + style.shading[:, None, None] * 0.8 * (facing - 0.7)
        return light.mul_(self.cover.shade[:, None, None])

    def _color(self) -> Tensor:
        over, tubes = self.cover, self.tubes
        k = over.pattern[..., None, None]
        first, second, third = (c[:, None, None] for c in (over.first, over.second, over.third))
        color = first.expand(*self.along.shape, 3)
        if bool((over.pattern[:, 1:] != 0).any()):
            u = self.around * tubes.girth[:, None, None]
            v = self.along * tubes.span[:, None, None]
            cos, sin = torch.cos(over.angle)[:, None, None], torch.sin(over.angle)[:, None, None]
            u, v = u * cos + v * sin, v * cos - u * sin
            rate, wobble = over.rate[:, None, None], over.wobble[:, None, None]
            if bool((over.wobble != 0).any()):
                u, v = u + wobble / rate * waves(v, rate * 0.63), v + wobble / rate * waves(u, rate * 0.57)
            across, down = waves(u, rate), waves(v, rate)
            field = k[:, 0] + k[:, 1] * across + k[:, 2] * down + k[:, 3] * across * down
            grain = self.pixel * (tubes.girth / tubes.radii.mean(1))[:, None, None]
            mix = (0.5 - field / (4 * rate * grain)).clamp_(0, 1)
            color = torch.lerp(color, second, mix[..., None])
        if bool((over.gloss > 0).any()):
            strands = waves(self.around + 0.2 * self.along, 1.9) * 0.6 + waves(self.around, 4.3) * 0.4
            color = color * (1 + 0.14 * over.gloss[:, None, None] * strands)[..., None]
        if bool((over.belly > 0).any()):
            low = ((-torch.cos(self.around) - 1 + over.belly[:, None, None]) * 5).clamp_(0, 1)
            color = torch.lerp(color, over.under[:, None, None], low[..., None])
        if bool((tubes.cut < 4).any()):
            beyond = ((self.along - tubes.cut[:, None, None]) * self._unit() / self.pixel + 0.5).clamp_(0, 1)
            color = torch.lerp(color, third, beyond[..., None])
        return color

    def _unit(self) -> Tensor:
        """Length of a step along the tube in the picture [R, 1, 1]."""
        step = (self.tubes.points[:, 1:] - self.tubes.points[:, :-1]).norm(dim=-1)
        return step.mean(1)[:, None, None].clamp_min(1e-3)

    def _hem(self) -> Tensor | None:
        """Ink where a sleeve ends."""
        if not bool((self.tubes.cut < 4).any()):
            return None
        off = (self.along - self.tubes.cut[:, None, None]).abs() * self._unit()
        return cover(off - self.outline * 0.5, self.pixel) * (self.tubes.cut < 4)[:, None, None]


class Sheet:
    """All pictures of a batch as rows of pixels [B * size * size, 6]."""

    def __init__(self, color: Tensor, style: Style, outline: Tensor) -> None:
        """Begin with backgrounds [B, 3, size, size]; outline: [B, 1, 1], width in the picture's units."""
        batch, _, self.size, _ = color.shape
        self.style, self.outline = style, outline
        self.pixel = color.new_full((1, 1, 1), 2 / (self.size - 1))
        values = color.new_zeros(batch, self.size, self.size, CHANNELS)
        values[..., :3] = color.permute(0, 2, 3, 1)
        values[..., 3] = 1
        self.values = values.view(-1, CHANNELS)

    def window(self, rows: Tensor, tubes: Tubes, side: int) -> tuple[Tensor, Tensor, Tensor]:
        """Choose windows [R, n, n] around tubes: indices of pixels, and the points' x and y."""
        size = self.size
        low, high = bounds(tubes)
        corner = (((low + high) * 0.5 + 1) * 0.5 * (size - 1) - (side - 1) / 2).round()
        corner = corner.clamp(0, size - side).long()
        line = torch.arange(side, device=rows.device)
        column, row = corner[:, 0, None] + line, corner[:, 1, None] + line
        index = rows[:, None, None] * size * size + row[:, :, None] * size + column[:, None]
        scale = 2 / (size - 1)
        x, y = column.to(self.values) * scale - 1, row.to(self.values) * scale - 1
        return index, x[:, None].expand(-1, side, -1), y[:, :, None].expand(-1, -1, side)


def bounds(tubes: Tubes) -> tuple[Tensor, Tensor]:
    """Corners [..., 2] of boxes that hold tubes, as far as they are inside the picture."""
    radii = (tubes.radii.amax(-1) + tubes.bag.clamp_min(0))[..., None] * 1.08
    low, high = tubes.points.amin(-2) - radii, tubes.points.amax(-2) + radii
    return low.clamp(-1, 1), high.clamp(-1, 1)
