"""The measures of species: a table of bodies, in trunk lengths."""

from typing import NamedTuple

from torch import Tensor


class Shape(NamedTuple):
    """How an animal is built, each [B]; lengths in trunk lengths, angles in radians.

    chest, middle, rump: radii of the trunk. thick: its width over its height. front, back: lengths of the
    limbs. thigh, foot: their radii. neck: length; neck_up: its angle; neck_r: its radius. skull: radius of
    the head. muzzle, muzzle_r: length and radius. nod: how far the head looks down. ear, ear_r: length and
    half width; ear_up: 1 upright to -1 hanging. tail, tail_r, tip_r: length and radii; tail_up: its angle.
    mane: radius, 0 for none; ruff: 1 for a mane around the head, 0 along the neck. beak, beak_r: length and
    radius of a beak or an elephant's trunk; hang: 1 for the latter. crest: height of a fin on the back.
    wing: 1 for wings, 0 for legs, -1 for fins. hover: 1 when it flies or swims. eye: radius.
    """

    chest: Tensor
    middle: Tensor
    rump: Tensor
    thick: Tensor
    front: Tensor
    back: Tensor
    thigh: Tensor
    foot: Tensor
    neck: Tensor
    neck_up: Tensor
    neck_r: Tensor
    skull: Tensor
    muzzle: Tensor
    muzzle_r: Tensor
    nod: Tensor
    ear: Tensor
    ear_r: Tensor
    ear_up: Tensor
    tail: Tensor
    tail_r: Tensor
    tip_r: Tensor
    tail_up: Tensor
    mane: Tensor
    ruff: Tensor
    beak: Tensor
    beak_r: Tensor
    hang: Tensor
    crest: Tensor
    wing: Tensor
    hover: Tensor
    eye: Tensor


_COMMON = {
    "thick": 0.82, "ear_up": 1.0, "mane": 0.0, "ruff": 0.0, "beak": 0.0, "beak_r": 0.05, "hang": 0.0,
    "crest": 0.0, "wing": 0.0, "hover": 0.0, "eye": 0.055,
}  # fmt: skip


def _animal(measures: str, **special: float) -> dict[str, float]:
    """Read the measures in the order of Shape, without those that most animals share."""
    names = [name for name in Shape._fields if name not in _COMMON]
    values = dict(zip(names, (float(word) for word in measures.split()), strict=True))
    return {**_COMMON, **values, **special}


# chest middle rump | front back thigh foot | neck up r | skull muzzle r nod | ear r | tail r tip up
SPECIES: dict[str, dict[str, float]] = {
    "dog": _animal(".31 .27 .28  .62 .62 .12 .085  .36 .9 .17  .25 .30 .13 .25  .30 .10  .55 .06 .05 .9",
        ear_up=-0.6),
    "cat": _animal(".26 .25 .27  .52 .54 .11 .075  .28 .8 .15  .26 .14 .12 .15  .24 .10  .80 .05 .045 .9"),
    "horse": _animal(".30 .27 .31  .98 1.0 .12 .07  .60 .95 .15  .19 .46 .115 .75  .18 .05  .75 .06 .10 -.9",
        mane=0.14),
    "cow": _animal(".36 .36 .35  .62 .62 .12 .09  .32 .45 .20  .23 .36 .16 .55  .20 .07  .70 .03 .06 -1.1",
        ear_up=0.0),
    "elephant": _animal(".43 .46 .42  .68 .68 .17 .15  .26 .5 .27  .34 .12 .20 .3  .52 .24  .42 .035 .04 -1.0",
                        ear_up=-0.25, beak=0.85, beak_r=0.11, hang=1.0),
    "giraffe": _animal(".33 .29 .27  1.25 1.18 .11 .07  1.25 1.1 .13  .18 .32 .10 .65  .16 .05  .55 .03 .06 -1.1",
        mane=0.07),
    "pig": _animal(".37 .39 .36  .40 .40 .12 .08  .20 .4 .25  .28 .24 .16 .35  .20 .10  .26 .035 .03 .6",
        ear_up=0.2),
    "sheep": _animal(".38 .40 .38  .44 .44 .09 .065  .26 .7 .20  .22 .22 .12 .45  .20 .06  .18 .09 .08 -.4",
        ear_up=-0.3),
    "fox": _animal(".27 .24 .26  .54 .55 .10 .065  .32 .8 .15  .24 .30 .07 .25  .27 .10  .85 .09 .07 .15"),
    "bear": _animal(".38 .38 .38  .52 .54 .16 .13  .30 .55 .25  .31 .24 .15 .25  .13 .09  .12 .07 .06 .2"),
    "lion": _animal(".32 .28 .29  .62 .62 .13 .10  .30 .7 .20  .27 .24 .15 .2  .14 .09  .85 .04 .09 .35",
        mane=0.40, ruff=1.0),
    "rabbit": _animal(".27 .32 .36  .36 .46 .12 .09  .18 .8 .18  .28 .16 .14 .15  .58 .10  .10 .12 .11 .4",
        ear_up=0.9),
    "bird": _animal(".33 .36 .24  .85 .30 .17 .03  .16 .9 .24  .27 .04 .22 .05  .00 .02  .55 .09 .15 .15",
                    beak=0.24, beak_r=0.09, wing=1.0, hover=1.0, eye=0.065),
    "duck": _animal(".32 .36 .26  .62 .34 .17 .045  .42 1.2 .15  .24 .04 .20 .05  .00 .02  .36 .12 .04 .5",
                    beak=0.28, beak_r=0.085, wing=1.0, eye=0.06),
    "chick": _animal(".36 .40 .34  .40 .34 .15 .035  .18 1.2 .28  .33 .04 .28 .05  .00 .02  .22 .11 .05 .6",
                     beak=0.17, beak_r=0.08, wing=1.0, eye=0.07),
    "fish": _animal(".40 .45 .20  .32 .24 .08 .11  .06 .0 .34  .30 .16 .14 .0  .00 .02  .42 .08 .26 .0",
                    thick=0.5, crest=0.34, wing=-1.0, hover=1.0, eye=0.085),
    "long fish": _animal(".26 .29 .12  .28 .20 .06 .08  .06 .0 .22  .20 .22 .08 .0  .00 .02  .34 .06 .22 .0",
                         thick=0.55, crest=0.24, wing=-1.0, hover=1.0, eye=0.06),
}  # fmt: skip
"""Every species by its name."""
