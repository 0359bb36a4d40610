"""Move faces of a picture in their places: each is cut out, animated, and put back into the whole."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from animate_cli.animator import Source
from animate_cli.faces.box import Box
from animate_cli.faces.paste import Paster
from animate_cli.motion import Motion
from animate_cli.motion_file import MotionClip
from animate_cli.overlay import tile
from animate_cli.pipeline.fitting import Picture, resize, take_out
from animate_cli.pipeline.layout import Stage
from animate_cli.rendered import Rendered


@dataclass(frozen=True)
class Face:
    """A face to be moved: where it is in the whole picture, and what it is moved by."""

    box: Box
    source: Source
    stage: Stage
    clip: MotionClip
    reference: Motion


@dataclass(frozen=True)
class Group:
    """One finished frame: each face as it was rendered, and the driving's picture where the layout shows it."""

    rendered: tuple[Rendered, ...]
    driving: Picture | None


def motions_at(clip: MotionClip, times: Sequence[Fraction]) -> Iterator[tuple[Motion, Fraction]]:
    """Yield a clip's motion at each of another clip's times; a shorter one stays at its last."""
    for time in times:
        yield clip.motions[max(0, bisect_right(clip.times, time) - 1)], time


def put_back(whole: Picture, faces: Sequence[Face], *, compare: bool) -> Callable[[Group], Picture]:
    """Return what turns a frame's faces into the whole picture [H, W, 3], or that beside where it came from."""
    paster = Paster(whole, [face.box for face in faces])

    def compose(group: Group) -> Picture:
        patches = [
            take_out(one.image, face.stage.placement) for one, face in zip(group.rendered, faces, strict=True)
        ]
        result = paster.paste(patches)
        if not compare or group.driving is None:
            return result
        height, (rows, columns) = whole.shape[0], group.driving.shape[:2]
        return tile(
            [[whole, resize(group.driving, (height, max(1, round(columns * height / rows)))), result]]
        )

    return compose
