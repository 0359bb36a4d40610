"""A part of the sheet that one tube is painted on."""

from functools import cached_property

import torch
from torch import Tensor

from animate_cli.data.toons.figures.figure import Cover, cap_edge
from animate_cli.data.toons.figures.tubes import NO_CUT, Tubes, attach, see, turned
from animate_cli.data.toons.identity import Style
from animate_cli.data.toons.shapes import cover, waves
from animate_cli.data.toons.windows import Window


class Patch:
    """Windows [R, n, m] of a sheet with a tube in front of them.

    tubes, cover: chosen rows. rows: [R] of the batch. seen: the tube; along, around: coordinates that
    stick to it; pixel: size of a pixel, [R, 1, 1]. colors: [R, 6, n, m], what is there so far.
    """

    def __init__(self, sheet: "Sheet", rows: Tensor, tubes: Tubes, over: Cover) -> None:
        self.rows, self.tubes, self.cover = rows, tubes, over
        self.light, self.cel, self.shading = (
            values[rows] for values in (sheet.style.light, sheet.style.cel, sheet.style.shading)
        )
        self.outline = sheet.outline[rows]
        self.pixel = sheet.pixel
        self._sheet = sheet
        self._window = sheet.window(rows, *bounds(tubes))
        self.seen = see(tubes, *self._window.cross(sheet.x, sheet.y), self.light[:, :2])
        self.along = attach(tubes, self.seen)[0] if bool((tubes.nod != 0).any()) else self.seen.along
        self.alpha = torch.empty(0)
        self.colors = self._window.take(sheet.pictures)

    @cached_property
    def around(self) -> Tensor:
        """Angle [R, n, m] from the tube's front, which plain tubes do not need."""
        return turned(self.tubes, self.seen)

    def paint(self, capped: bool) -> None:
        """Fill the tube with its cover."""
        distance = self.seen.distance
        if capped:
            edge = cap_edge(self.tubes, self.cover, self.along, self.around)
            distance = torch.maximum(distance, edge)
        steps = distance / self.pixel
        shown = self.alpha = (0.5 - steps).clamp_(0, 1)
        hem = self._hem()
        ink = steps.add_(self.outline / self.pixel + 0.5).clamp_(0, 1)
        if hem is not None:
            ink = torch.maximum(ink, hem)
        ink, light = self._melt(ink.mul_(self.outline > 0), self._light())
        for channel, value in enumerate((*self._color(), light, ink)):
            self.colors[:, channel].lerp_(value.expand_as(shown), shown)
        self.colors[:, 5].lerp_(shown.new_ones(()).expand_as(shown), shown)

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
        self._window.put(self._sheet.pictures, self.colors)

    def _melt(self, ink: Tensor, light: Tensor) -> tuple[Tensor, Tensor]:
        """Take ink and shade away where the tube joins what is around it."""
        joined = self.cover.joined
        if not bool((joined != 0).any()):
            return ink, light
        start, end = joined.clamp(0, 1)[:, None, None], (-joined).clamp(0, 1)[:, None, None]
        melt = ((0.7 - self.along) * 1.5).clamp_(0, 1).mul_(start)
        if bool((joined < 0).any()):
            melt += (self.along - 0.8).clamp_(0, 1).mul_(end)
        light = light.lerp_(self.cover.shade[:, None, None].expand_as(melt), melt)
        return ink.mul_(1 - melt), light

    def _light(self) -> Tensor:
        seen, lz, cel = self.seen, self.light[:, 2, None, None], self.cel[:, None, None]
        facing = (seen.rim * seen.rim).neg_().add_(1).sqrt_().mul_(lz).addcmul_(seen.rim, seen.lit)
        if bool((cel > 0).any()):
            facing.lerp_((facing * 4.5).sub_(0.55).clamp_(0.2, 0.95), cel)
        shade, strength = self.cover.shade[:, None, None], self.shading[:, None, None] * 0.8
        return facing.mul_(strength * shade).add_((1 - 0.7 * strength) * shade)

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
            color = first if mix is None else (mix * (second - first)).add_(first)
            if strands is not None:
                color = color * strands
            if low is not None:
                color = torch.lerp(color, under, low)
            if beyond is not None:
                color = torch.lerp(color, third, beyond)
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
    """Pictures [B, 6, size, size] as those of a Canvas, and their points x [B, 1, size] and y [B, size, 1]."""

    def __init__(self, pictures: Tensor, style: Style, outline: Tensor) -> None:
        """Begin with backgrounds; outline: [B, 1, 1], width in the picture's units."""
        batch, _, _, self.size = pictures.shape
        self.pictures, self.style, self.outline = pictures, style, outline
        self.pixel = pictures.new_full((1, 1, 1), 2 / (self.size - 1))
        line = (torch.arange(self.size, device=pictures.device) * (2 / (self.size - 1)) - 1).expand(batch, -1)
        self.x, self.y = line[:, None], line[:, :, None]

    def window(self, rows: Tensor, low: Tensor, high: Tensor) -> Window:
        """Choose windows that hold boxes with corners [R, 2], (x, y) in [-1, 1]."""
        step = (self.size - 1) * 0.5
        return Window(rows, (low + 1) * step, (high + 1) * step, (self.size, self.size))


def bounds(tubes: Tubes) -> tuple[Tensor, Tensor]:
    """Corners [R, 2] of boxes that hold tubes: each ball as large as its largest neighbour, and a little."""
    radii = tubes.radii
    around = torch.maximum(radii, torch.cat([radii[:, 1:], radii[:, -1:]], 1))
    around = torch.maximum(around, torch.cat([radii[:, :1], radii[:, :-1]], 1))
    around = (around + tubes.bag.clamp_min(0)[:, None])[..., None] * 1.08
    return (tubes.points - around).amin(1), (tubes.points + around).amax(1)
