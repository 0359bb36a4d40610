"""Assemble the losses that a configuration asks for.

A weight of zero leaves its term out: it is not computed. `Objective.generator_losses` trains detector and
generator, `Objective.discriminator_losses` the discriminator.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from animate_cli.config import LossConfig
from animate_cli.data.pairs import Truth
from animate_cli.errors import ConfigError
from animate_cli.model.discriminator import Judgement
from animate_cli.model.values import Keypoints, Prediction
from animate_cli.training.adversarial import discriminator_gan, feature_matching, generator_gan
from animate_cli.training.equivariance import RandomWarp, equivariance_jacobian, equivariance_value
from animate_cli.training.reconstruction import Pyramid, crispness, edges, reconstruction
from animate_cli.training.supervision import (
    Agree,
    alone,
    deformed_supervision,
    keypoint_supervision,
    motion_supervision,
    occlusion_supervision,
)
from animate_cli.training.vgg import load_features, perceptual

Detect = Callable[[Tensor], Keypoints]
Judge = Callable[[Tensor, Keypoints], Judgement]
"""A discriminator."""
Terms = dict[str, Tensor]
T = TypeVar("T")


class LossTerms(NamedTuple):
    """The weighted terms of a loss by the names of `LossConfig`, each a scalar."""

    terms: Terms

    @property
    def total(self) -> Tensor:
        """Sum of the terms, what is minimised."""
        return torch.stack(list(self.terms.values())).sum()


class Step(NamedTuple):
    """What a forward pass saw and made.

    driving: the driving frame [B, 3, H, W] in [0, 1]. target: the picture wanted, often ``driving`` itself.
    keypoints: those of source and driving. truth: what is known beside the pictures. moved_keypoints: those of
    the target, which the source was moved to; the driving's own where motion is absolute.
    """

    driving: Tensor
    target: Tensor
    prediction: Prediction
    source_keypoints: Keypoints
    driving_keypoints: Keypoints
    truth: Truth = Truth()
    moved_keypoints: Keypoints | None = None

    @property
    def target_keypoints(self) -> Keypoints:
        """The target's keypoints, through which nothing flows back: what the discriminator sees."""
        keypoints = self.driving_keypoints if self.moved_keypoints is None else self.moved_keypoints
        return Keypoints(keypoints.value.detach(), keypoints.jacobian.detach())


class Objective(nn.Module):
    """The losses of a configuration, with the networks they need; move it to the device of the pictures."""

    def __init__(
        self,
        config: LossConfig,
        agree: Agree = alone,
        autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """Prepare the losses.

        Args:
            config: the terms' weights.
            agree: averages a number over the processes of the run.
            autocast: the precision that the perceptual network's features are computed in.

        Raises:
            ConfigError: ``painted`` is on and nothing that it could count.
            WeightsError: the perceptual loss is on and the weights are missing or damaged.
        """
        super().__init__()
        if config.painted and not (config.reconstruction or config.edges):
            raise ConfigError(
                "loss.painted counts loss.reconstruction and loss.edges: set one of them, or it to 0"
            )
        self.config = config
        self.pyramid = Pyramid(config.pyramid)
        self.agree = agree
        self.autocast = autocast
        self.vgg = load_features(config) if any(config.perceptual) else None

    def generator_losses(
        self, step: Step, warp: RandomWarp, detect: Detect, discriminator: Judge | None = None
    ) -> LossTerms:
        """Compute the terms of detector and generator.

        Args:
            step: the forward pass.
            warp: warps the driving frame, for equivariance.
            detect: finds the keypoints of the warped frame; called only if a term of equivariance is on.
            discriminator: judges the prediction, if ``generator_gan`` is above zero; None leaves that out.

        Raises:
            ConfigError: no term is on, or a term needs data that is not given.
        """
        terms = self._picture_terms(step) | self._equivariance_terms(step, warp, detect)
        terms |= self._adversarial_terms(step, discriminator) | self._supervised_terms(step)
        if not terms:
            raise ConfigError("every loss of the generator has weight zero; set loss.reconstruction to 10")
        return LossTerms(terms)

    def discriminator_losses(self, step: Step, discriminator: Judge) -> LossTerms:
        """Compute the term of the discriminator; nothing flows back to detector and generator."""
        real = discriminator(step.target, step.target_keypoints)
        fake = discriminator(step.prediction.image.detach(), step.target_keypoints)
        return LossTerms({"discriminator_gan": self.config.discriminator_gan * discriminator_gan(real, fake)})

    def _picture_terms(self, step: Step) -> Terms:
        config, terms = self.config, Terms()
        if not (self.vgg or config.reconstruction or config.edges or config.crispness):
            return terms
        predicted, target = self.pyramid(step.prediction.image), self.pyramid(step.target)
        weight = self._pixel_weights(step.truth.detail)
        if self.vgg:
            with self.autocast():
                terms["perceptual"] = perceptual(self.vgg, predicted, target, config.perceptual)
        terms |= self._likeness(predicted, target, weight)
        if config.crispness:
            terms["crispness"] = config.crispness * crispness(predicted, target, weight)
        if config.painted:
            alone = self._likeness(self.pyramid(known_painting(step.prediction)), target, weight)
            terms["painted"] = config.painted * LossTerms(alone).total
        return terms

    def _likeness(
        self, predicted: Sequence[Tensor], target: Sequence[Tensor], weight: Sequence[Tensor]
    ) -> Terms:
        """Compare pyramids of [B, 3, H_i, W_i] under weights of [B, 1, H_i, W_i], by the terms that are on."""
        config, terms = self.config, Terms()
        if config.reconstruction:
            terms["reconstruction"] = config.reconstruction * reconstruction(predicted, target, weight)
        if config.edges:
            terms["edges"] = config.edges * edges(predicted, target, weight)
        return terms

    def _pixel_weights(self, detail: Tensor | None) -> list[Tensor]:
        """Return the pyramid of 1 + detail_weight detail; empty where all pixels weigh alike."""
        weight = self._weight(detail)
        weights: list[Tensor] = [] if weight is None else self.pyramid(weight)
        return weights

    def _weight(self, detail: Tensor | None) -> Tensor | None:
        """Return 1 + detail_weight detail, [B, 1, H, W]; None where all pixels weigh alike."""
        if not self.config.detail_weight:
            return None
        return 1 + self.config.detail_weight * known(detail, "detail_weight")

    def _equivariance_terms(self, step: Step, warp: RandomWarp, detect: Detect) -> Terms:
        config, terms, driving = self.config, Terms(), step.driving_keypoints
        if not (config.equivariance_value or config.equivariance_jacobian):
            return terms
        warped = detect(warp.warp_image(step.driving))
        if config.equivariance_value:
            value = equivariance_value(driving, warped, warp)
            terms["equivariance_value"] = config.equivariance_value * value
        if config.equivariance_jacobian:
            jacobian = equivariance_jacobian(driving, warped, warp)
            terms["equivariance_jacobian"] = config.equivariance_jacobian * jacobian
        return terms

    def _adversarial_terms(self, step: Step, discriminator: Judge | None) -> Terms:
        """Judge the prediction; feature matching counts only where ``generator_gan`` does, as in FOMM."""
        config, terms = self.config, Terms()
        if not config.generator_gan or discriminator is None:
            return terms
        fake = discriminator(step.prediction.image, step.target_keypoints)
        terms["generator_gan"] = config.generator_gan * generator_gan(fake)
        if any(config.feature_matching):
            with torch.no_grad():
                real = discriminator(step.target, step.target_keypoints)
            terms["feature_matching"] = feature_matching(real, fake, config.feature_matching)
        return terms

    def keypoint_terms(self, source: Keypoints, driving: Keypoints, truth: Truth) -> Terms:
        """Compare keypoints with their landmarks.

        Raises:
            ConfigError: the data does not know them.
        """
        weight = self.config.keypoint_supervision
        if not weight:
            return {}
        wanted = [known(points, "keypoint_supervision") for points in (truth.source, truth.driving)]
        distances = [
            keypoint_supervision(found, points, self.agree)
            for found, points in zip((source, driving), wanted, strict=True)
        ]
        return {"keypoint_supervision": weight * torch.stack(distances).mean()}

    def _supervised_terms(self, step: Step) -> Terms:
        config, truth = self.config, step.truth
        terms = self.keypoint_terms(step.source_keypoints, step.driving_keypoints, truth)
        if config.motion_supervision:
            motion = known(truth.motion, "motion_supervision")
            weight = self._weight(truth.detail)
            distance = motion_supervision(step.prediction.motion.deformation, motion, weight, self.agree)
            terms["motion_supervision"] = config.motion_supervision * distance
        if config.occlusion_supervision:
            shown = known(truth.motion, "occlusion_supervision").valid
            kept = () if step.prediction.kept is None else (step.prediction.kept,)
            maps = [*step.prediction.motion.occlusions, *kept]
            error = occlusion_supervision(maps, shown, self._weight(truth.detail), self.agree)
            terms["occlusion_supervision"] = config.occlusion_supervision * error
        if config.deformed:
            shown = known(truth.motion, "deformed").valid
            weight = self._weight(truth.detail)
            error = deformed_supervision(step.prediction.deformed, step.target, shown, weight, self.agree)
            terms["deformed"] = config.deformed * error
        return terms


def known_painting(prediction: Prediction) -> Tensor:
    """Return what the generator painted alone.

    Raises:
        ConfigError: it does not blend.
    """
    if prediction.painted is None:
        raise ConfigError("loss.painted needs a generator that blends; set it to 0, or model.generator.blend")
    return prediction.painted


def known(value: T | None, weight: str) -> T:
    """Return a value of the truth.

    Raises:
        ConfigError: the data does not know it.
    """
    if value is None:
        raise ConfigError(f"loss.{weight} needs data whose truth is known (toons); set it to 0")
    return value
