"""One colour a keypoint, that people with any kind of colour vision can tell apart."""

from animate_cli.overlay.values import BLACK, WHITE, Colour

PALETTE: tuple[Colour, ...] = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167),
    (120, 0, 230), (200, 255, 160), (120, 40, 0), (0, 255, 200), (160, 120, 255), (40, 40, 160), (230, 0, 80),
    (120, 40, 120), (160, 200, 120), (160, 230, 255), (160, 0, 80), (120, 80, 230), (160, 80, 120),
)  # fmt: skip
"""Okabe and Ito's seven, then each colour as far as can be from all before it in CIELAB, seen with full colour
vision and with each of the three kinds of dichromacy (Machado et al. 2009). The nearest two are 15 apart."""

ALARM: Colour = (255, 32, 32)
"""What circles a misplaced keypoint."""


def colour_of(index: int) -> Colour:
    """Return the colour of keypoint ``index``; they repeat after the palette's end, where the number tells."""
    return PALETTE[index % len(PALETTE)]


def ink_on(colour: Colour) -> Colour:
    """Return black or white, whichever is read more easily on a colour."""
    red, green, blue = ((channel / 255) ** 2.2 for channel in colour)
    return BLACK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 else WHITE
