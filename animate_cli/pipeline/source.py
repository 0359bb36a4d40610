"""A source, made ready for the model."""

from animate_cli.animator import Animator, Source
from animate_cli.pipeline.background import parse_background, split_alpha
from animate_cli.pipeline.fitting import Picture, fit_picture, place_canvas
from animate_cli.pipeline.job import AnimateJob
from animate_cli.pipeline.layout import Stage


def encode_source(picture: Picture, job: AnimateJob, animator: Animator) -> tuple[Source, Stage]:
    """Lay a picture [H, W, 3 or 4] out on its canvas and encode it."""
    background = parse_background(job.background)
    opaque, alpha = split_alpha(picture, background)
    step = 2**animator.info.config.generator.num_down_blocks
    size = opaque.shape[0], opaque.shape[1]
    placement = place_canvas(size, animator.size, job.fit, job.size, step)
    canvas = fit_picture(opaque, placement)
    image = fit_picture(opaque, placement.at(animator.size))
    layer = fit_picture(alpha, placement) if job.transparent and alpha is not None else None
    source = animator.set_source(image, canvas, layer)
    return source, Stage(canvas, placement, source.motion, animator.size, background)
