"""Draw ten faces in styles that the toons do not have: ``python examples/drawings.py DIR``.

They show how the bundled weights cope with drawings unlike those they were trained on.
"""

import argparse
import math
import random
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

SIDE = 512
Point = tuple[float, float]
Draw = ImageDraw.ImageDraw


def sheet(color: str) -> tuple[Image.Image, Draw]:
    """Return an empty picture and its pen."""
    picture = Image.new("RGB", (SIDE, SIDE), color)
    return picture, ImageDraw.Draw(picture)


def disc(pen: Draw, x: float, y: float, across: float, down: float, **style: object) -> None:
    """Draw an ellipse about a point."""
    pen.ellipse((x - across, y - down, x + across, y + down), **style)  # type: ignore[arg-type]


def emoji() -> Image.Image:
    """Draw a yellow disc with a smile."""
    picture, pen = sheet("white")
    disc(pen, 256, 250, 190, 190, fill="#ffd23f", outline="#c98f00", width=6)
    for x in (190, 322):
        disc(pen, x, 205, 24, 36, fill="#3b2a1a")
    pen.arc((150, 190, 362, 370), 20, 160, fill="#3b2a1a", width=14)
    return picture


def stick() -> Image.Image:
    """Draw a child's felt-pen figure on squared paper."""
    picture, pen = sheet("#fdfdf6")
    for line in range(0, SIDE, 32):
        pen.line((line, 0, line, SIDE), fill="#cfe0f0")
        pen.line((0, line, SIDE, line), fill="#cfe0f0")
    disc(pen, 256, 210, 130, 140, outline="#1d3fbf", width=9)
    for x in (205, 305):
        disc(pen, x, 180, 12, 14, fill="#1d3fbf")
    pen.line((256, 200, 244, 240, 260, 242), fill="#1d3fbf", width=7)
    pen.arc((190, 210, 322, 300), 25, 155, fill="#d0261f", width=9)
    pen.line((256, 350, 256, 512), fill="#1d3fbf", width=9)
    pen.line((120, 470, 256, 400, 392, 470), fill="#1d3fbf", width=9)
    return picture


def crayon() -> Image.Image:
    """Draw thick waxy strokes that miss their outlines."""
    picture, pen = sheet("#f4ead2")
    dice = random.Random(1)  # noqa: S311 - strokes are no secret

    def scribble(x: float, y: float, across: float, down: float, color: str, count: int) -> None:
        for _ in range(count):
            angle, length = dice.uniform(0, math.tau), dice.uniform(0.2, 1.05)
            px, py = x + across * length * math.cos(angle), y + down * length * math.sin(angle)
            pen.line((px - 22, py + 10, px + 22, py - 10), fill=color, width=7)

    scribble(256, 470, 170, 70, "#4a7d3a", 260)
    scribble(256, 240, 120, 150, "#e8a87c", 420)
    scribble(256, 120, 140, 60, "#6b3e1d", 260)
    for x in (208, 304):
        disc(pen, x, 230, 20, 13, fill="#fffbe8", outline="#3a2a20", width=5)
        disc(pen, x, 230, 8, 9, fill="#243a6b")
    pen.line((256, 235, 240, 290, 262, 292), fill="#a05a3a", width=6)
    pen.line((212, 330, 256, 346, 300, 328), fill="#b3262a", width=12)
    return picture


def comic() -> Image.Image:
    """Draw in black ink, with a half of the face in shadow."""
    picture, pen = sheet("white")
    pen.polygon([(110, 512), (170, 400), (342, 400), (402, 512)], fill="black")
    pen.polygon(
        [(160, 120), (352, 120), (352, 300), (300, 390), (212, 390), (160, 300)],
        fill="white",
        outline="black",
        width=7,
    )
    pen.polygon(
        [(256, 120), (352, 120), (352, 300), (300, 390), (270, 390), (285, 300), (262, 250)], fill="black"
    )
    pen.polygon(
        [(140, 190), (160, 70), (290, 50), (380, 110), (362, 190), (300, 130), (220, 140)], fill="black"
    )
    pen.line((185, 205, 240, 215), fill="black", width=9)
    disc(pen, 215, 232, 20, 10, fill="white", outline="black", width=4)
    disc(pen, 218, 232, 7, 8, fill="black")
    disc(pen, 312, 232, 18, 9, fill="white")
    disc(pen, 314, 232, 6, 7, fill="black")
    pen.line((256, 235, 240, 295, 262, 298), fill="black", width=5)
    pen.line((215, 335, 262, 340), fill="black", width=6)
    pen.line((262, 340, 300, 333), fill="white", width=6)
    return picture


def chibi() -> Image.Image:
    """Draw a large head with huge eyes."""
    picture, pen = sheet("#ffe6f0")
    pen.polygon([(190, 430), (322, 430), (350, 512), (162, 512)], fill="#7a5cc0")
    disc(pen, 256, 250, 185, 175, fill="#5a3b8c")
    disc(pen, 256, 285, 155, 150, fill="#ffe0cc")
    pen.polygon(
        [
            (100, 230),
            (180, 130),
            (210, 220),
            (256, 130),
            (300, 225),
            (340, 130),
            (412, 230),
            (380, 110),
            (256, 70),
            (130, 110),
        ],
        fill="#6d48a8",
    )
    for x in (186, 326):
        disc(pen, x, 295, 38, 52, fill="white", outline="#3c2a5c", width=5)
        disc(pen, x, 305, 28, 40, fill="#3a86c8")
        disc(pen, x, 310, 14, 22, fill="#12283c")
        disc(pen, x + 10, 285, 9, 11, fill="white")
    pen.arc((236, 365, 276, 392), 10, 170, fill="#b04a5a", width=5)
    return picture


def robot() -> Image.Image:
    """Draw rectangles and rivets."""
    picture, pen = sheet("#27313b")
    pen.rectangle((130, 120, 382, 390), fill="#a8b4bd", outline="#5b6770", width=8)
    pen.rectangle((220, 390, 292, 430), fill="#7f8b94")
    pen.rectangle((100, 430, 412, 512), fill="#8d99a2", outline="#5b6770", width=8)
    pen.line((256, 120, 256, 70), fill="#5b6770", width=8)
    disc(pen, 256, 60, 16, 16, fill="#e0452f")
    for x in (196, 316):
        disc(pen, x, 215, 36, 36, fill="#1b2228", outline="#5b6770", width=6)
        disc(pen, x, 215, 15, 15, fill="#35e0d0")
    pen.polygon([(256, 240), (240, 285), (272, 285)], fill="#7f8b94")
    pen.rectangle((186, 315, 326, 355), fill="#1b2228")
    for x in range(206, 326, 24):
        pen.line((x, 315, x, 355), fill="#a8b4bd", width=5)
    return picture


def mosaic() -> Image.Image:
    """Lay the chibi in tiles."""
    small = chibi().resize((32, 32), Image.Resampling.BOX)
    picture = small.resize((SIDE, SIDE), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(picture)
    for line in range(0, SIDE, 16):
        pen.line((line, 0, line, SIDE), fill="#d8c8c8")
        pen.line((0, line, SIDE, line), fill="#d8c8c8")
    return picture


def chalk() -> Image.Image:
    """Draw white lines on a blackboard."""
    picture, pen = sheet("#22382c")
    disc(pen, 256, 230, 125, 155, outline="#f0f4ee", width=6)
    pen.arc((130, 60, 382, 260), 190, 350, fill="#f0f4ee", width=26)
    for x in (208, 304):
        disc(pen, x, 215, 26, 14, outline="#f0f4ee", width=4)
        disc(pen, x, 215, 7, 7, fill="#f0f4ee")
        pen.line((x - 28, 182, x + 26, 178), fill="#f0f4ee", width=6)
    pen.line((258, 215, 242, 275, 266, 278), fill="#f0f4ee", width=4)
    pen.arc((206, 270, 306, 340), 15, 165, fill="#f4b8b0", width=8)
    pen.line((190, 380, 120, 512), fill="#f0f4ee", width=5)
    pen.line((322, 380, 392, 512), fill="#f0f4ee", width=5)
    grain = Image.effect_noise((SIDE, SIDE), 60).convert("L")
    return Image.composite(
        picture, Image.new("RGB", (SIDE, SIDE), "#22382c"), grain.point(lambda v: min(255, v + 90))
    )


def poster() -> Image.Image:
    """Cut flat shapes of four colours."""
    picture, pen = sheet("#f2542d")
    pen.polygon([(90, 512), (150, 410), (362, 410), (422, 512)], fill="#0e9594")
    disc(pen, 256, 210, 160, 170, fill="#562c2c")
    pen.rounded_rectangle((160, 120, 352, 400), 90, fill="#f5dfbb")
    pen.polygon([(160, 210), (160, 110), (352, 110), (352, 210), (256, 150)], fill="#562c2c")
    for x in (208, 304):
        disc(pen, x, 245, 14, 14, fill="#562c2c")
    pen.polygon([(256, 250), (236, 310), (262, 310)], fill="#e0b98a")
    pen.pieslice((216, 310, 296, 370), 0, 180, fill="#f2542d")
    return picture


def wash() -> Image.Image:
    """Paint softly and wet."""
    picture, pen = sheet("#dfe7ea")
    disc(pen, 256, 520, 220, 130, fill="#5c7fa3")
    disc(pen, 256, 215, 140, 165, fill="#8a5a3c")
    disc(pen, 256, 245, 112, 145, fill="#e3b79b")
    disc(pen, 190, 285, 34, 24, fill="#dd9484")
    disc(pen, 322, 285, 34, 24, fill="#dd9484")
    picture = picture.filter(ImageFilter.GaussianBlur(9))
    pen = ImageDraw.Draw(picture)
    for x in (210, 302):
        disc(pen, x, 235, 22, 12, fill="#fbf6ef")
        disc(pen, x, 236, 10, 11, fill="#4c5a3c")
        pen.line((x - 28, 208, x + 26, 204), fill="#6b4630", width=7)
    disc(pen, 256, 295, 18, 10, fill="#cf8e72")
    disc(pen, 256, 340, 40, 12, fill="#b0504c")
    return picture.filter(ImageFilter.GaussianBlur(2))


DRAWINGS: tuple[Callable[[], Image.Image], ...] = (
    emoji, stick, crayon, comic, chibi, robot, mosaic, chalk, poster, wash,
)  # fmt: skip


def main() -> None:
    """Write all ten as PNG files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for draw in DRAWINGS:
        draw().save(folder / f"{draw.__name__}.png")
    print(f"wrote {len(DRAWINGS)} drawings into {folder}")


if __name__ == "__main__":
    main()
