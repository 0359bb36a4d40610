"""Who a toon is: all that stays while it moves. Lengths are in head units (half a head's height)."""

from typing import NamedTuple

from torch import Tensor


class Head(NamedTuple):
    """Half width, crown height, jaw width, chin size, length of the lower face, neck radius; each [B]."""

    width: Tensor
    crown: Tensor
    jaw: Tensor
    chin: Tensor
    length: Tensor
    neck: Tensor


class Eyes(NamedTuple):
    """Eyes [B]: places, half width, lids' heights, iris radius, shape and paint.

    round: 0 almond to 1 circle. white: opacity of the white (0 for dot eyes). shine: size of the highlight.
    """

    spacing: Tensor
    y: Tensor
    width: Tensor
    upper: Tensor
    lower: Tensor
    iris: Tensor
    pupil: Tensor
    round: Tensor
    slant: Tensor
    white: Tensor
    lash: Tensor
    shine: Tensor
    crease: Tensor


class Brows(NamedTuple):
    """Brows [B]: height above the eye, half length, thickness, angle, arch."""

    y: Tensor
    length: Tensor
    thickness: Tensor
    angle: Tensor
    arch: Tensor


class Nose(NamedTuple):
    """Nose [B]: y of its tip, half width, how far it sticks out, bridge, shadow, nostrils, redness."""

    y: Tensor
    width: Tensor
    out: Tensor
    bridge: Tensor
    shadow: Tensor
    nostrils: Tensor
    red: Tensor


class Mouth(NamedTuple):
    """Mouth [B]: y, half width, thickness of the lips, their opacity, teeth, resting smile."""

    y: Tensor
    width: Tensor
    upper: Tensor
    lower: Tensor
    paint: Tensor
    teeth: Tensor
    rest: Tensor


class Ears(NamedTuple):
    """Ears [B]: size of human ones (0 for none); place, size, point and lean of ears on top (0 for none)."""

    human: Tensor
    x: Tensor
    y: Tensor
    width: Tensor
    height: Tensor
    point: Tensor
    lean: Tensor


class Hair(NamedTuple):
    """Hair [B]: a cap around the skull, cut at a hairline, and a fall behind; buns, curls, spikes.

    cap: 1 where there is one. volume: thickness. line: y of the hairline. part: slant of the hairline.
    fringe: teeth of the fringe. side: z before which the sides are cut. nape: y below which the cap ends.
    fall: y where long hair ends (0 for none). spread: half width of long hair.
    curl, spike: waves of the outline. bun: radius (0 for none). strand, gloss: how strongly they show.
    """

    cap: Tensor
    volume: Tensor
    line: Tensor
    part: Tensor
    fringe: Tensor
    side: Tensor
    temple: Tensor
    nape: Tensor
    fall: Tensor
    spread: Tensor
    curl: Tensor
    spike: Tensor
    bun: Tensor
    bun_x: Tensor
    bun_y: Tensor
    strand: Tensor
    gloss: Tensor


class Face(NamedTuple):
    """Marks of the face [B]: beard (opacity), its length and top, moustache, blush, freckles."""

    beard: Tensor
    beard_top: Tensor
    moustache: Tensor
    blush: Tensor
    freckles: Tensor


class Wear(NamedTuple):
    """Glasses, hat and clothes, each [B].

    glasses: thickness of the rim (0 for none). lens_*: half sides and roundness. tint: opacity of the glass.
    hat: 1 for one. hat_line: y where it ends. brim: how far it reaches; peak: how far forward it is shifted.
    shoulder: half width. slope: fall of the shoulders. pattern: index. frequency, angle: of the pattern.
    collar: index (round, V, shirt, high). collar_size: how deep.
    """

    glasses: Tensor
    lens_width: Tensor
    lens_height: Tensor
    lens_round: Tensor
    tint: Tensor
    hat: Tensor
    hat_line: Tensor
    brim: Tensor
    peak: Tensor
    shoulder: Tensor
    slope: Tensor
    pattern: Tensor
    frequency: Tensor
    angle: Tensor
    collar: Tensor
    collar_size: Tensor


class Colors(NamedTuple):
    """Colours [B, 3] in [0, 1]."""

    skin: Tensor
    flush: Tensor
    hair: Tensor
    brow: Tensor
    iris: Tensor
    lips: Tensor
    cloth: Tensor
    trim: Tensor
    hat: Tensor
    band: Tensor
    rim: Tensor
    ink: Tensor
    paper: Tensor


class Background(NamedTuple):
    """What is behind: kind [B], colours [B, 3], frequency, angle [B], and noise [B, 3, N, N] in [0, 1]."""

    kind: Tensor
    first: Tensor
    second: Tensor
    third: Tensor
    frequency: Tensor
    angle: Tensor
    noise: Tensor


class Style(NamedTuple):
    """How the picture is made, each [B] but the light [B, 3], a unit vector towards it in the picture.

    kind: index of STYLES. outline: width in head units. ink: its opacity. shading: strength of light and
    shade, 0 for flat. cel: 0 soft shade to 1 two tones. grain: strength of noise.
    tint: [B, 3] colour of the light.
    """

    kind: Tensor
    outline: Tensor
    ink: Tensor
    shading: Tensor
    cel: Tensor
    grain: Tensor
    light: Tensor
    tint: Tensor


class Identity(NamedTuple):
    """All that makes one toon differ from another; every tensor begins with the batch."""

    head: Head
    eyes: Eyes
    brows: Brows
    nose: Nose
    mouth: Mouth
    ears: Ears
    hair: Hair
    face: Face
    wear: Wear
    colors: Colors
    background: Background
    style: Style


STYLES = ("flat", "outlined", "soft", "photo", "lines", "watercolor", "pixels", "manga")
"""Styles by index of Style.kind."""

BACKGROUNDS = (
    "plain",
    "gradient",
    "stripes",
    "checks",
    "dots",
    "clouds",
    "bokeh",
    "room",
    "blurred",
    "outdoors",
)
"""Backgrounds by index of Background.kind."""

PATTERNS = ("plain", "stripes", "checks", "dots", "zigzag")
"""Patterns of clothes by index of Wear.pattern."""

COLLARS = ("round", "vee", "shirt", "high")
"""Collars by index of Wear.collar."""
