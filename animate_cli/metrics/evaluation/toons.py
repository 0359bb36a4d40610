"""Clips of toons, drawn as they are asked for, with every truth known and drivers of another identity."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from torch import Tensor

from animate_cli.arrays import to_pictures
from animate_cli.data.toon_clips import ClipPlan, cast_clip
from animate_cli.data.toon_tests import (
    FINGERPRINTS,
    NUM_CLIPS,
    NUM_FRAMES,
    SIZE,
    VERSION,
    find_subsets,
    plan_test_split,
)
from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.trees import join, take, tree_map
from animate_cli.data.toons.values import ToonFrame
from animate_cli.metrics.evaluation.clips import ClipFrame
from animate_cli.metrics.values import Landmarks, Picture

OTHER = "other"
"""Names the driver of another identity."""

DRAWN_AT_ONCE = 4 * SIZE**2
"""Pixels; of small pictures more frames are drawn together, which is quicker."""


@dataclass(frozen=True)
class ToonClip:
    """A toon and its motion, drawn from a plan; its driver is the toon of the next clip."""

    plan: ClipPlan

    @property
    def name(self) -> str:
        """What the clip is called in reports."""
        return f"{self.plan.family}-{self.plan.identity:03d}"

    @property
    def fps(self) -> Fraction:
        """Frames a second."""
        return self.plan.fps

    @property
    def num_frames(self) -> int:
        """Length of the clip."""
        return self.plan.num_frames

    @property
    def fingerprint(self) -> str:
        """All that the clip follows from."""
        return repr(self.plan)

    @cached_property
    def subsets(self) -> tuple[str, ...]:
        """The hard subsets that the clip belongs to."""
        return tuple(name for name, belongs in find_subsets(self.plan)._asdict().items() if belongs)

    def _cast(self) -> tuple[Any, Any]:
        """Return the toon and its driver [2], and the poses [T]."""
        who, poses = cast_clip(self.plan)
        driver, _ = cast_clip(replace(self.plan, identity=(self.plan.identity + 1) % NUM_CLIPS, num_frames=1))
        return join(take(who, slice(0, 1)), driver), poses

    def frames(self, drivers: Sequence[str] = ()) -> Iterator[ClipFrame]:
        """See Clip."""
        who, motion = self._cast()
        count = max(1, DRAWN_AT_ONCE // self.plan.size**2)
        for start in range(0, self.plan.num_frames, count):
            poses = take(motion, slice(start, start + count))
            drawn = self._draw(who, 0, poses)
            others = {OTHER: to_pictures(self._draw(who, 1, poses).image)} if OTHER in drivers else {}
            yield from unstack(drawn, others, FAMILIES[self.plan.family].landmarks)

    def _draw(self, who: Any, index: int, poses: Any) -> ToonFrame:  # noqa: ANN401 - of any family
        """Draw one of the two in poses [B]."""
        count = len(poses.scale)

        def repeat(leaf: Tensor) -> Tensor:
            return leaf[index : index + 1].expand(count, *leaf.shape[1:])

        frames: ToonFrame = FAMILIES[self.plan.family].render(tree_map(repeat, who), poses, self.plan.size)
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
    """The clips of a family's frozen test split, or the first of them."""

    offers = frozenset({"mask", "marks", OTHER})

    def __init__(
        self,
        family: str = "toon-face",
        num_clips: int = NUM_CLIPS,
        num_frames: int = NUM_FRAMES,
        size: int = SIZE,
    ) -> None:
        plans = plan_test_split(family)[:num_clips]
        self._clips = [ToonClip(replace(plan, num_frames=num_frames, size=size)) for plan in plans]
        self.facts: Mapping[str, Any] = {
            "name": family,
            "description": f"test split {VERSION}, {len(plans)} of {NUM_CLIPS} toons, {num_frames} frames each",
            "version": VERSION,
            "sha256": FINGERPRINTS[family],
            "size": size,
            "videos": len(plans),
        }

    def clips(self) -> Sequence[ToonClip]:
        """See DataSet."""
        return self._clips
