"""Who a toon-body is: all that stays while it moves. Lengths are in body heights."""

from typing import NamedTuple

from torch import Tensor

from animate_cli.data.toons.identity import Background, Colors, Style


class Build(NamedTuple):
    """Proportions, each [B].

    heads: heads in the whole height. legs: share of the legs in what is below the head. shoulder, waist, hip:
    half widths. deep: depth of the trunk over its width. arm, leg: radii at the root. hand, foot: sizes.
    face: half width of the head over its height. jaw: width of the chin over that of the face. neck: radius.
    """

    heads: Tensor
    legs: Tensor
    shoulder: Tensor
    waist: Tensor
    hip: Tensor
    deep: Tensor
    arm: Tensor
    leg: Tensor
    hand: Tensor
    foot: Tensor
    face: Tensor
    jaw: Tensor
    neck: Tensor


class Looks(NamedTuple):
    """The face, each [B]; places are in head heights from the middle of the head, down positive.

    eye: half width. tall: height over width. white: 1 with a white of the eye, 0 for dots. y, spacing: of the
    eyes. brow: thickness; 0 for none. nose: size. blush: opacity. mouth_y, mouth: place and half width.
    glasses: thickness of the rim, 0 for none. beard: opacity.
    """

    eye: Tensor
    tall: Tensor
    white: Tensor
    y: Tensor
    spacing: Tensor
    brow: Tensor
    nose: Tensor
    blush: Tensor
    mouth_y: Tensor
    mouth: Tensor
    glasses: Tensor
    beard: Tensor


class Locks(NamedTuple):
    """Hair, each [B]; lengths in head heights.

    cap: thickness of the cap, 0 for none. line: where it ends in front, along the head (0 crown, 3 chin).
    back: how much further at the back. sharp: of the change. teeth, rate: of the fringe. slant: of the
    parting. fall: length of long hair, 0 for none. wide: its half width. pony: radius of a bun or pony tail,
    0 for none. hang: its length. high: its height. pigtails: 1 for two. gloss: of strands. hat: 1 when the
    cap is a hat.
    """

    cap: Tensor
    line: Tensor
    back: Tensor
    sharp: Tensor
    teeth: Tensor
    rate: Tensor
    slant: Tensor
    fall: Tensor
    wide: Tensor
    pony: Tensor
    hang: Tensor
    high: Tensor
    pigtails: Tensor
    gloss: Tensor
    hat: Tensor


class Outfit(NamedTuple):
    """Clothes, [B] unless said otherwise.

    sleeve, trouser: where they end, along the limb (0 to 3). loose: [B, 2], width that sleeves and trousers
    add, in limb radii. hem: where the shirt ends, along the trunk. skirt: its length below the hips over that
    of the legs, 0 for none. flare: of the skirt. dress: 1 when the skirt is of the shirt's cloth. collar:
    depth. pattern: [B, 4] weights (figures.Cover). below: 1 when trousers bear the pattern. rate, angle,
    wobble: of it. belt, buttons, scarf: 1 for one.
    """

    sleeve: Tensor
    trouser: Tensor
    loose: Tensor
    hem: Tensor
    skirt: Tensor
    flare: Tensor
    dress: Tensor
    collar: Tensor
    pattern: Tensor
    below: Tensor
    rate: Tensor
    angle: Tensor
    wobble: Tensor
    belt: Tensor
    buttons: Tensor
    scarf: Tensor


class Palette(NamedTuple):
    """Colours of clothes, [B, 3] in [0, 1]: shirt, its pattern, trousers or skirt, shoes."""

    top: Tensor
    accent: Tensor
    bottom: Tensor
    shoe: Tensor


class BodyIdentity(NamedTuple):
    """All that makes one person differ from another; every tensor begins with the batch.

    camouflaged: [B], 1 for clothes in the background's colours. shadow: [B], darkness on the ground.
    """

    build: Build
    looks: Looks
    locks: Locks
    outfit: Outfit
    palette: Palette
    colors: Colors
    background: Background
    style: Style
    camouflaged: Tensor
    shadow: Tensor
