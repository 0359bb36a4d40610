"""Least-squares adversarial losses and feature matching on a discriminator's judgements."""

from collections.abc import Sequence

import torch
from torch import Tensor

from animate_cli.model.discriminator import Judgement


def generator_gan(fake: Judgement) -> Tensor:
    """Return mean (1 - D(fake))^2: small where the discriminator takes the picture for a true one."""
    return (1 - fake.score.float()).square().mean()


def discriminator_gan(real: Judgement, fake: Judgement) -> Tensor:
    """Return mean (1 - D(real))^2 + D(fake)^2; the pictures behind ``fake`` must be detached."""
    return ((1 - real.score.float()).square() + fake.score.float().square()).mean()


def feature_matching(real: Judgement, fake: Judgement, weights: Sequence[float]) -> Tensor:
    """Return sum_i weights[i] mean |real_i - fake_i| over the layers of the discriminator.

    The truth's features are detached. A weight of zero leaves its layer out.
    """
    layers = zip(real.features, fake.features, weights, strict=False)
    terms = [weight * mean_difference(a.detach(), b) for a, b, weight in layers if weight]
    return torch.stack(terms).sum()


def mean_difference(a: Tensor, b: Tensor) -> Tensor:
    """Return mean |a - b| in float32."""
    return (a.float() - b.float()).abs().mean()
