"""Who a toon-animal is: all that stays while it moves."""

from typing import NamedTuple

from torch import Tensor

from animate_cli.data.toons.animals.species import Shape
from animate_cli.data.toons.identity import Background, Colors, Style


class Coat(NamedTuple):
    """The coat: colours [B, 3] unless said otherwise.

    first, second: of the ground and the pattern. belly: below. dark: of feet and nose. mane: also the tail's
    tip. beak: also a bird's feet. pattern: [B, 4] weights (figures.Cover). rate, angle, wobble: [B], of it.
    low: [B], how far the belly reaches round. blush: [B], opacity on the cheeks.
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

    species: [B], index into SPECIES. unit: [B], a trunk's length over the animal's extent. middle: [B, 2],
    how far the animal's middle is above and before the trunk's, in trunk lengths. socks: [B], 1 for feet of
    the dark colour. camouflaged: [B], 1 for a coat in the background's colours. shadow: [B], its darkness.
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
