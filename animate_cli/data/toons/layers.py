"""Paint layers of solids, each with what it is made of."""

from torch import Tensor

from animate_cli.data.toons.body import neckline
from animate_cli.data.toons.easel import Easel
from animate_cli.data.toons.stance import Layer, Part
from animate_cli.data.toons.surfaces import cloth_color, hair_color, light_on

SKIN_FLUSH = (Part.LEFT_EAR, Part.RIGHT_EAR, Part.BEHIND_EARS)
"""Parts that are redder inside."""


def paint_layer(easel: Easel, layer: Layer, light: Tensor | None = None) -> Tensor:
    """Paint one layer and return its coverage [B, h, w]; light: on it, where it is known already."""
    who, canvas, part = easel.scene.identity, easel.canvas, layer.part
    colors, pixel = who.colors, canvas.pixel
    if part == Part.HAIR_BACK:
        return canvas.shape(layer.distance, colors.hair * 0.72, None, layer.gate)
    if light is None:
        light = light_on(who, layer.depth, pixel)
    color = colors.skin
    if part in (Part.HAIR, Part.BUN):
        color = hair_color(who, layer.locate(), pixel)
    elif part == Part.CLOTHES:
        local = layer.locate()
        color = cloth_color(who, local, pixel, neckline(easel.scene, local))
    elif part in (Part.HAT, Part.BRIM):
        color = colors.hat if part == Part.HAT else colors.band
    elif part == Part.NECK:
        light = light * (0.78 + 0.22 * ((layer.locate().y - 0.35) * 2.2).clamp_(0, 1))
    alpha = canvas.shape(layer.distance, color, light, layer.gate)
    if part in SKIN_FLUSH:
        inner = ((-layer.distance - 0.05) * 12).clamp_(0, 1) * alpha
        canvas.tint(inner * 0.55, colors.flush * 0.85)
    return alpha
