"""A source, made ready for the model."""

from collections.abc import Sequence
from typing import NamedTuple

from animate_cli.animator import Animator, Source
from animate_cli.faces.box import Box
from animate_cli.faces.transform import cut_out
from animate_cli.pipeline.background import parse_background, split_alpha
from animate_cli.pipeline.fitting import Picture, Placement, fit_picture, place_canvas
from animate_cli.pipeline.job import AnimateJob
from animate_cli.pipeline.layout import Stage


class Shown(NamedTuple):
    """A picture [H, W, 3 or 4] and the box in it that shows the figure, None for all of it."""

    picture: Picture
    box: Box | None = None

    def cut(self) -> Picture:
        """Return what the box shows."""
        return self.picture if self.box is None else cut_out(self.picture, self.box)


def encode_source(
    shown: Shown, job: AnimateJob, animator: Animator, also: Sequence[Shown] = ()
) -> tuple[Source, Stage]:
    """Lay a picture out on its canvas, more pictures of the same figure on canvases like it, and encode them."""
    background = parse_background(job.background)
    opaque, alpha = split_alpha(shown.cut(), background)

    def place(picture: Picture) -> Placement:
        return place_canvas((picture.shape[0], picture.shape[1]), animator.size, job.fit, job.size)

    placement = place(opaque)
    canvas = fit_picture(opaque, placement)
    image = fit_picture(opaque, placement.at(animator.size))
    layer = fit_picture(alpha, placement) if job.transparent and alpha is not None else None
    others = [split_alpha(one.cut(), background)[0] for one in also]
    more = [
        (
            fit_picture(other, place(other).at(animator.size)),
            fit_picture(other, place(other).at(placement.outer)),
        )
        for other in others
    ]
    source = animator.set_source(image, canvas, layer, more)
    whole = None if shown.box is None else split_alpha(shown.picture, background)[0]
    return source, Stage(canvas, placement, source.motion, animator.size, background, whole, shown.box)
