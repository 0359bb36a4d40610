"""A part of the sheet that one tube is painted on."""

import torch
from torch import Tensor

from animate_cli.data.toons.figures.figure import Cover, cap_edge
from animate_cli.data.toons.figures.tubes import NO_CUT, Tubes, attach, see
from animate_cli.data.toons.identity import Style
from animate_cli.data.toons.shapes import cover, waves

CHANNELS = 6
"""Red, green, blue, light (1 is neutral), ink (0 to 1), mask (0 to 1)."""


class Patch:
    """Windows [R, n, n] of a sheet with a tube in front of them.

    tubes, cover: chosen rows. rows: [R] of the batch. seen: the tube; along, around: coordinates that
    stick to it; pixel: size of a pixel, [R, 1, 1]. colors: [R, 6, n, n], what is there so far.
    """

    def __init__(
        self, sheet: "Sheet", rows: Tensor, tubes: Tubes, over: Cover, side: tuple[int, int]
    ) -> None:
        self.rows, self.tubes, self.cover = rows, tubes, over
        self.light, self.cel, self.shading = (
            values[rows] for values in (sheet.style.light, sheet.style.cel, sheet.style.shading)
        )
        self.outline = sheet.outline[rows]
        self.pixel = sheet.pixel
        self._sheet = sheet
        self._index, self.x, self.y = sheet.window(rows, tubes, side)
        self.seen = see(tubes, self.x, self.y, self.light[:, :2])
        self.along, self.around = attach(tubes, self.seen)
        self.alpha = torch.empty(0)
        self.colors = sheet.take(self._index)

    def paint(self, capped: bool) -> None:
        """Fill the tube with its cover."""
        distance = self.seen.distance
        if capped:
            edge = cap_edge(self.tubes, self.cover, self.along, self.around)
            distance = torch.maximum(distance, edge)
        self.alpha = cover(distance, self.pixel)
        rim = distance + self.outline
        hem = self._hem()
        ink = torch.maximum(cover(-rim, self.pixel), hem) if hem is not None else cover(-rim, self.pixel)
        light = self._light()
        ink, light = self._melt(ink, light)
        shown, inked = self.alpha, ink * (self.outline > 0)
        for channel, value in enumerate((*self._color(), light, inked)):
            self.colors[:, channel].lerp_(value, shown)
        self.colors[:, 5].lerp_(torch.ones_like(shown), shown)

    def tint(self, share: Tensor, color: Tensor) -> None:
        """Lay a colour [R, 3] over the tube with an opacity [R, n, n]."""
        share = share * self.alpha
        for channel in range(3):
            self.colors[:, channel].lerp_(color[:, channel, None, None].expand_as(share), share)

    def line(self, share: Tensor) -> None:
        """Draw ink on the tube with an opacity [R, n, n]."""
        ink = self.colors[:, 4]
        ink.lerp_(torch.ones_like(ink), share * self.alpha)

    def finish(self) -> None:
        """Put the windows back on the sheet."""
        self._sheet.put(self._index, self.colors)

    def _melt(self, ink: Tensor, light: Tensor) -> tuple[Tensor, Tensor]:
        """Take ink and shade away where the tube joins what is around it."""
        joined = self.cover.joined
        if not bool((joined != 0).any()):
            return ink, light
        start, end = joined.clamp(0, 1)[:, None, None], (-joined).clamp(0, 1)[:, None, None]
        melt = ((0.7 - self.along) * 1.5).clamp_(0, 1) * start + (self.along - 0.8).clamp_(0, 1) * end
        return ink * (1 - melt), torch.lerp(light, self.cover.shade[:, None, None].expand_as(melt), melt)

    def _light(self) -> Tensor:
        seen, lz, cel = self.seen, self.light[:, 2, None, None], self.cel[:, None, None]
        facing = torch.addcmul((1 - seen.rim * seen.rim).sqrt_().mul_(lz), seen.rim, seen.lit)
        tones = ((facing - 0.25) * 6 + 0.5).clamp_(0, 1) * 0.75 + 0.2
        facing = torch.lerp(facing, tones, cel)
        light = 1 + self.shading[:, None, None] * 0.8 * (facing - 0.7)
        return light.mul_(self.cover.shade[:, None, None])

    def _color(self) -> list[Tensor]:
        """Red, green and blue of the cover, each [R, n, n]."""
        over, tubes = self.cover, self.tubes
        mix = self._pattern() if bool((over.pattern[:, 1:] != 0).any()) else None
        strands = self._strands() if bool((over.gloss > 0).any()) else None
        low = self._belly() if bool((over.belly > 0).any()) else None
        beyond = self._beyond() if bool((tubes.cut < NO_CUT).any()) else None
        colors = []
        for channel in range(3):
            first, second, third, under = (
                values[:, channel, None, None] for values in (over.first, over.second, over.third, over.under)
            )
            color = first.expand_as(self.along) if mix is None else torch.addcmul(first, mix, second - first)
            if strands is not None:
                color = color * strands
            if low is not None:
                color = torch.lerp(color, under.expand_as(color), low)
            if beyond is not None:
                color = torch.lerp(color, third.expand_as(color), beyond)
            colors.append(color)
        return colors

    def _pattern(self) -> Tensor:
        over, tubes = self.cover, self.tubes
        k, rate = over.pattern[..., None, None], over.rate[:, None, None]
        u, v = self.around * tubes.girth[:, None, None], self.along * tubes.span[:, None, None]
        cos, sin = torch.cos(over.angle)[:, None, None], torch.sin(over.angle)[:, None, None]
        u, v = torch.addcmul(u * cos, v, sin), torch.addcmul(v * cos, u, sin, value=-1)
        if bool((over.wobble != 0).any()):
            sway = over.wobble[:, None, None] / rate
            u, v = u + sway * waves(v, rate * 0.63), v + sway * waves(u, rate * 0.57)
        across, down = waves(u, rate), waves(v, rate)
        field = k[:, 0] + k[:, 1] * across + k[:, 2] * down + k[:, 3] * across * down
        grain = self.pixel * (tubes.girth / tubes.radii.mean(1))[:, None, None]
        patterned = (over.pattern[:, 1:] != 0).any(1)[:, None, None]
        return (0.5 - field / (4 * rate * grain)).clamp_(0, 1).mul_(patterned)

    def _strands(self) -> Tensor:
        strands = waves(self.around + 0.2 * self.along, 1.9) * 0.6 + waves(self.around, 4.3) * 0.4
        tone: Tensor = 1 + 0.14 * self.cover.gloss[:, None, None] * strands
        return tone

    def _belly(self) -> Tensor:
        return ((-torch.cos(self.around) - 1 + self.cover.belly[:, None, None]) * 5).clamp_(0, 1)

    def _beyond(self) -> Tensor:
        past: Tensor = (self.along - self.tubes.cut[:, None, None]) * self._unit()
        return (past / self.pixel + 0.5).clamp_(0, 1)

    def _unit(self) -> Tensor:
        """Length of a step along the tube in the picture [R, 1, 1]."""
        step: Tensor = (self.tubes.points[:, 1:] - self.tubes.points[:, :-1]).norm(dim=-1)
        return step.mean(1)[:, None, None].clamp_min(1e-3)

    def _hem(self) -> Tensor | None:
        """Ink where a sleeve ends."""
        if not bool((self.tubes.cut < NO_CUT).any()):
            return None
        off = (self.along - self.tubes.cut[:, None, None]).abs() * self._unit()
        return cover(off - self.outline * 0.5, self.pixel) * (self.tubes.cut < NO_CUT)[:, None, None]


class Sheet:
    """All pictures of a batch: values [B * 6 * size * blocks, block], cut along rows into blocks of pixels."""

    def __init__(self, color: Tensor, style: Style, outline: Tensor) -> None:
        """Begin with backgrounds [B, 3, size, size]; outline: [B, 1, 1], width in the picture's units."""
        batch, _, self.size, _ = color.shape
        self.style, self.outline = style, outline
        self.pixel = color.new_full((1, 1, 1), 2 / (self.size - 1))
        self.block = next(block for block in (8, 4, 2, 1) if self.size % block == 0)
        self.pictures = color.new_zeros(batch, CHANNELS, self.size, self.size)
        self.pictures[:, :3] = color
        self.pictures[:, 3] = 1
        self.values = self.pictures.view(-1, self.block)

    def window(self, rows: Tensor, tubes: Tubes, side: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        """Choose windows [R, n, m] around tubes: indices of blocks [R, 6, n, m / block], the points' x and y."""
        size, block, device = self.size, self.block, rows.device
        low, high = bounds(tubes)
        width, height = side
        reach = torch.tensor([width, height], device=device)
        corner = (((low + high) * 0.5 + 1) * 0.5 * (size - 1) - (reach - 1) / 2).round()
        top = corner[:, 1].clamp(0, size - height).long()
        across = min(size // block, (width + block - 2) // block + 1)
        left = (corner[:, 0] / block).floor().clamp(0, size // block - across).long()
        row = top[:, None] + torch.arange(height, device=device)
        column = left[:, None] + torch.arange(across, device=device)
        layer = rows[:, None] * CHANNELS + torch.arange(CHANNELS, device=device)
        index = ((layer[:, :, None] * size + row[:, None]) * (size // block))[..., None] + column[
            :, None, None
        ]
        scale = 2 / (size - 1)
        x = left[:, None] * block + torch.arange(across * block, device=device)
        x, y = x * scale - 1, row * scale - 1
        shape = (-1, height, across * block)
        return index, x[:, None].expand(shape), y[:, :, None].expand(shape)

    def take(self, index: Tensor) -> Tensor:
        """Cut windows [R, 6, n, m] out."""
        return self.values[index].flatten(-2)

    def put(self, index: Tensor, part: Tensor) -> None:
        """Put windows back."""
        self.values[index] = part.view(*index.shape, self.block)


def bounds(tubes: Tubes) -> tuple[Tensor, Tensor]:
    """Corners [..., 2] of boxes that hold tubes, as far as they are inside the picture."""
    radii = (tubes.radii.amax(-1) + tubes.bag.clamp_min(0))[..., None] * 1.08
    low, high = tubes.points.amin(-2) - radii, tubes.points.amax(-2) + radii
    return low.clamp(-1, 1), high.clamp(-1, 1)
