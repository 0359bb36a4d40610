"""Results of another size than the model's: its picture, with the source's own detail wherever that shows."""

import torch
import torch.nn.functional as F
from torch import Tensor

from animate_cli.model.grid import resize
from animate_cli.model.values import Prediction

AGREEMENT = 0.06
"""How far, in [0, 1], the picture may be from the warped source until 1/e of the detail is left."""
WINDOW = 5
"""Side of the squares, in pixels of the model, over which that is averaged."""


def at_size_of(prediction: Prediction, deformed: Tensor) -> Prediction:
    """Bring a prediction to the size of the source warped at full size, [B, 3, H', W'] in [0, 1].

    The networks do best at the size that they were trained at, so what they painted is enlarged. Where their
    picture is the warped source, what the latter has beyond the model's resolution is added:
    ``enlarged picture + shown (deformed - its enlarged reduction)``.
    """
    picture, model, size = prediction.image.float(), prediction.image.shape[-2:], deformed.shape[-2:]
    image = _scale(picture, size)
    if size[0] > model[0]:
        detail = deformed - _scale(_scale(deformed, model), size)
        image = torch.addcmul(image, resize(find_shown(prediction), *size), detail)
    return prediction._replace(image=image.clamp(0, 1), deformed=deformed)


def find_shown(prediction: Prediction) -> Tensor:
    """Tell how far the picture is the warped source: [B, 1, H, W] in [0, 1], at the model's size.

    That is the share that the generator kept of it, else the finest occlusion map, where the two agree: a mouth
    that was painted open over closed lips must not get their line.
    """
    kept = prediction.motion.occlusions[-1] if prediction.kept is None else prediction.kept
    apart = (prediction.image.float() - prediction.deformed.float()).abs().mean(1, keepdim=True)
    apart = F.avg_pool2d(apart, WINDOW, stride=1, padding=WINDOW // 2, count_include_pad=False)
    return resize(kept.float(), *apart.shape[-2:]) * torch.exp(-(apart / AGREEMENT).square())


def _scale(pictures: Tensor, size: torch.Size) -> Tensor:
    """Scale pictures [B, 3, H, W] smoothly in both directions."""
    return F.interpolate(pictures, size, mode="bicubic", antialias=True)
