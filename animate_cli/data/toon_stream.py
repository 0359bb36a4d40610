"""An endless stream of toon pairs as the trainer takes them: no files, every truth known."""

import torch
from torch import Tensor

from animate_cli.config import DataConfig
from animate_cli.data.likeness import looks_alike
from animate_cli.data.pairs import Landmarks, PairBatch, TrueMotion, Truth
from animate_cli.data.photometric import photometric
from animate_cli.data.seeding import numbered_generator
from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.pairs import MOTION_SIZE, ToonPairs
from animate_cli.data.toons.values import ToonBatch
from animate_cli.errors import ConfigError

HIDDEN_WEIGHT = 0.5
OUTSIDE_WEIGHT = 0.2


class ToonStream:
    """Numbered batches of toons, with photometric changes on the driving side.

    Where every toon drives itself undisguised, a pair has no first driving frame: motion is absolute.
    """

    def __init__(self, config: DataConfig, batch_size: int, seed: int = 0) -> None:
        """Prepare the stream.

        Raises:
            ConfigError: a keypoint is to follow a landmark that toons do not have, or an expression is to change
                that they do not have.
        """
        self.family = FAMILIES[config.toons]
        landmarks = self.family.landmarks
        unknown = [name for name in config.keypoint_landmarks if name not in landmarks]
        if unknown:
            raise ConfigError(
                f"data.keypoint_landmarks: {self.family.name} has no landmark {unknown[0]!r}; "
                f"it has {', '.join(landmarks)}"
            )
        self.config = config
        self.batch_size = batch_size
        self.seed = seed
        self.chosen = [landmarks.index(name) for name in config.keypoint_landmarks]
        self._pairs(MOTION_SIZE)

    def batch(self, number: int, size: tuple[int, int]) -> PairBatch:
        """Draw batch ``number`` at a square ``size``."""
        toons = self._pairs(size[0]).batch(number)
        truth = Truth(
            self._landmarks(toons.source_landmarks, toons.source_visible),
            self._landmarks(toons.driving_landmarks, toons.driving_visible),
            TrueMotion(toons.motion, self._shown(toons)),
            toons.detail,
            toons.target_mask,
        )
        if not (self.config.cross_identity or self.config.photometric):
            return PairBatch(toons.source, toons.driving, toons.target, truth=truth)
        initial, driving = self._disguise(toons, number)
        return PairBatch(toons.source, driving, toons.target, initial, truth)

    def _pairs(self, side: int) -> ToonPairs:
        config = self.config
        return ToonPairs(
            side,
            self.batch_size,
            self.seed,
            config.cross_identity,
            family=self.family,
            expressive=config.expressive,
        )

    def _landmarks(self, places: Tensor, visible: Tensor) -> Landmarks:
        """Choose the keypoints' landmarks; what is hidden or outside counts less, at the nearest place inside."""
        places, visible = places[:, self.chosen], visible[:, self.chosen]
        inside = (places.abs() <= 1).all(-1)
        hidden = torch.where(inside, HIDDEN_WEIGHT, OUTSIDE_WEIGHT)
        return Landmarks(places.clamp(-1, 1), torch.where(visible, 1.0, hidden))

    @staticmethod
    def _shown(toons: ToonBatch) -> Tensor:
        """Return where the source, moved, shows the target: the same place, and the same look, [B, h, w]."""
        alike = looks_alike(toons.source, toons.target, toons.motion)
        return (toons.motion_visible & alike).float()

    def _disguise(self, toons: ToonBatch, number: int) -> tuple[Tensor, Tensor]:
        """Change the look of both driving frames of a pair alike."""
        initial, driving = (
            photometric(
                frames,
                numbered_generator("photometric", self.seed, number),
                self.config.photometric,
            )
            for frames in (toons.driving_initial, toons.driving)
        )
        return initial, driving
