"""Who a toon-animal is: all that stays while it moves."""

from typing import NamedTuple

from torch import Tensor

from animate_cli.data.toons.animals.species import Shape
from animate_cli.data.toons.identity import Background, Colors, Style


class Coat(NamedTuple):
    """Colours [B, 3] of the coat, its pattern, the belly, feet and nose, mane and tail's tip, beak; the
    pattern [B, 4] (figures.Cover), its rate, angle and wobble [B], and how far the belly reaches round [B].

    blush: opacity [B] of the cheeks.
    """

    first: Tensor
    second: Tensor
    belly: Tensor
    dark: Tensor
    mane: Tensor
    beak: Tensor
    pattern: Tensor
    rate: Tensor
    angle: Tensor
    wobble: Tensor
    low: Tensor
    blush: Tensor


class AnimalIdentity(NamedTuple):
    """All that makes one animal differ from another; every tensor begins with the batch.

    species: [B], index into SPECIES. unit: [B], a trunk's length over the animal's extent. middle: [B], how
    far the animal's middle is above the trunk's, in trunk lengths. socks: [B], 1 for feet of the dark colour.
    """

    species: Tensor
    shape: Shape
    coat: Coat
    unit: Tensor
    middle: Tensor
    socks: Tensor
    colors: Colors
    background: Background
    style: Style
    camouflaged: Tensor
    shadow: Tensor
