"""A source, made ready for the model."""

from animate_cli.animator import Animator, Source
from animate_cli.faces.box import Box
from animate_cli.faces.transform import cut_out
from animate_cli.pipeline.background import parse_background, split_alpha
from animate_cli.pipeline.fitting import Picture, fit_picture, place_canvas
from animate_cli.pipeline.job import AnimateJob
from animate_cli.pipeline.layout import Stage


def encode_source(
    picture: Picture, job: AnimateJob, animator: Animator, box: Box | None = None
) -> tuple[Source, Stage]:
    """Lay a picture [H, W, 3 or 4], or a box in it, out on its canvas and encode it."""
    whole = picture
    picture = whole if box is None else cut_out(whole, box)
    background = parse_background(job.background)
    opaque, alpha = split_alpha(picture, background)
    step = 2**animator.info.config.generator.num_down_blocks
    size = opaque.shape[0], opaque.shape[1]
    placement = place_canvas(size, animator.size, job.fit, job.size, step)
    canvas = fit_picture(opaque, placement)
    image = fit_picture(opaque, placement.at(animator.size))
    layer = fit_picture(alpha, placement) if job.transparent and alpha is not None else None
    source = animator.set_source(image, canvas, layer)
    shown = None if box is None else split_alpha(whole, background)[0]
    return source, Stage(canvas, placement, source.motion, animator.size, background, shown, box)
