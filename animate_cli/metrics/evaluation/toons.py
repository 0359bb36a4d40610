"""Clips of toons, drawn as they are asked for, with every truth known and drivers of another identity."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from torch import Tensor

from animate_cli.arrays import to_pictures
from animate_cli.data.seeding import numbered_generator
from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.hard import camouflaged, turned
from animate_cli.data.toons.trees import take, tree_map
from animate_cli.data.toons.values import ToonFrame
from animate_cli.metrics.evaluation.clips import ClipFrame
from animate_cli.metrics.values import Landmarks, Picture

PURPOSE = "toon evaluation"
"""Keeps these toons apart from those of training, whatever the seeds."""

NUM_CLIPS, NUM_FRAMES, SIZE = 40, 40, 256
FPS = 10
"""Slow, so that short clips hold large motions."""

OTHER = "other"
"""Names the driver of another identity."""

DRAWN_AT_ONCE = 4
LARGE_TURN = {"toon-face": 60.0, "toon-body": 90.0, "toon-animal": 90.0}
"""Degrees of a turn against the first frame beyond which a clip is of the subset large_pose."""


@dataclass(frozen=True)
class ToonClip:
    """A toon and its motion; everything follows from the seed and the number."""

    number: int
    seed: int
    num_frames: int
    size: int
    family: str = "toon-face"
    fps: Fraction = Fraction(FPS)

    @property
    def name(self) -> str:
        """What the clip is called in reports."""
        return f"{self.family}-{self.number:03d}"

    @property
    def fingerprint(self) -> str:
        """All that the clip follows from."""
        return f"{PURPOSE} {self.family} {self.seed} {self.number} {self.num_frames} {self.size} {self.fps}"

    @property
    def subsets(self) -> tuple[str, ...]:
        """The hard cases that the clip belongs to."""
        who, motion = self._cast()
        subsets = []
        if bool(turned(take(motion, slice(0, 1)), motion, LARGE_TURN[self.family]).any()):
            subsets.append("large_pose")
        if hasattr(who, "camouflaged") and bool(camouflaged(who)[0]):
            subsets.append("camouflaged")
        return tuple(subsets)

    def _cast(self) -> tuple[Any, Any]:
        """Return the toon and its driver [2], and the poses [T]."""
        generator = numbered_generator(PURPOSE, self.seed, self.number)
        family = FAMILIES[self.family]
        who = family.random_identity(generator, 2)
        motion = family.random_motion(generator, 1, self.num_frames, float(self.fps))
        return who, tree_map(lambda leaf: leaf[0], motion)

    def frames(self, drivers: Sequence[str] = ()) -> Iterator[ClipFrame]:
        """See Clip."""
        who, motion = self._cast()
        for start in range(0, self.num_frames, DRAWN_AT_ONCE):
            poses = take(motion, slice(start, start + DRAWN_AT_ONCE))
            drawn = self._draw(who, 0, poses)
            others = {OTHER: to_pictures(self._draw(who, 1, poses).image)} if OTHER in drivers else {}
            yield from unstack(drawn, others, FAMILIES[self.family].landmarks)

    def _draw(self, who: Any, index: int, poses: Any) -> ToonFrame:  # noqa: ANN401 - of any family
        """Draw one of the two in poses [B]."""
        count = len(poses.scale)

        def repeat(leaf: Tensor) -> Tensor:
            return leaf[index : index + 1].expand(count, *leaf.shape[1:])

        frames: ToonFrame = FAMILIES[self.family].render(tree_map(repeat, who), poses, self.size)
        return frames


def unstack(drawn: ToonFrame, others: Mapping[str, Picture], names: tuple[str, ...]) -> Iterator[ClipFrame]:
    """Turn drawn toons [B], and pictures [B, H, W, 3] of their other drivers, into the frames of a clip."""
    pictures = to_pictures(drawn.image)
    places = (drawn.landmarks.double().numpy() + 1) / 2 * (pictures.shape[1] - 1)
    masks, visible = (drawn.mask >= 0.5).numpy(), drawn.visible.numpy()
    for row in range(len(pictures)):
        marks = Landmarks(places[row : row + 1], visible[row : row + 1], names)
        yield ClipFrame(
            pictures[row], masks[row], marks, {name: other[row] for name, other in others.items()}
        )


class ToonClips:
    """A number of clips of a family."""

    offers = frozenset({"mask", "marks", OTHER})

    def __init__(
        self,
        family: str = "toon-face",
        num_clips: int = NUM_CLIPS,
        num_frames: int = NUM_FRAMES,
        size: int = SIZE,
        seed: int = 0,
    ) -> None:
        self._clips = [ToonClip(number, seed, num_frames, size, family) for number in range(num_clips)]
        self.facts: Mapping[str, Any] = {
            "name": family,
            "description": f"{num_clips} toons drawn from seed {seed}, {num_frames} frames at {FPS} a second",
            "seed": seed,
            "size": size,
            "videos": num_clips,
        }

    def clips(self) -> Sequence[ToonClip]:
        """See DataSet."""
        return self._clips
