"""From takes to observations: sizes made one, detectors run once for all measures, distances in pixels at 256."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from animate_cli.metrics.detectors import Detectors
from animate_cli.metrics.evaluation.contenders import Take, resized
from animate_cli.metrics.measure import Need
from animate_cli.metrics.values import REFERENCE_SIDE, Landmarks, Numbers, Observation, Pair, Picture


@dataclass
class Observer:
    """Makes the observations of one clip; remembers its first frame."""

    detectors: Detectors
    needs: frozenset[Need]
    device: torch.device
    source: Tensor | None = None
    source_mask: Tensor | None = None

    def observe(self, takes: Sequence[Take]) -> Observation:
        """Look at a batch of takes of one size; the truth is resized to the result's."""
        size = takes[0].result.shape[:2]
        truth = np.stack([resized(take.frame.picture, size) for take in takes])
        result = np.stack([take.result for take in takes])
        truth_images, mask = self._images(truth), self._masks(takes, size)
        if self.source is None:
            self.source = truth_images[:1]
            self.source_mask = None if mask is None else mask[:1]
        scale = REFERENCE_SIDE / min(size)
        driven = {name: np.stack([take.driven[name] for take in takes]) for name in takes[0].driven}
        return Observation(
            truth=truth_images,
            result=self._images(result),
            source=self.source,
            mask=mask,
            source_mask=self.source_mask,
            found=Pair(self._find(truth, scale), self._find(result, scale))
            if self._wants("landmarks")
            else None,
            marks=self._marks(takes, size, scale),
            keypoints=self._keypoints(takes, scale),
            identity=self._embed("identity", truth, result),
            features=self._embed("features", truth, result),
            driven={name: self._images(pictures) for name, pictures in driven.items()},
            found_driven={name: self._find(pictures, scale) for name, pictures in driven.items()}
            if self._wants("restyled")
            else {},
        )

    def _wants(self, need: Need) -> bool:
        return need in self.needs

    def _images(self, pictures: Picture) -> Tensor:
        """Bring pictures [B, H, W, 3] to [B, 3, H, W] in [0, 1]."""
        return torch.from_numpy(pictures).to(self.device).permute(0, 3, 1, 2).float() / 255

    def _masks(self, takes: Sequence[Take], size: tuple[int, ...]) -> Tensor | None:
        masks = [take.frame.mask for take in takes]
        if not self._wants("mask") or any(mask is None for mask in masks):
            return None
        layers = [np.repeat(np.uint8(255) * mask[..., None], 3, axis=2) for mask in masks if mask is not None]
        return torch.from_numpy(np.stack([resized(layer, size)[..., 0] > 127 for layer in layers])).to(
            self.device
        )

    def _find(self, pictures: Picture, scale: float) -> Landmarks:
        detector = self.detectors.landmarks
        assert detector is not None, "landmarks were asked for"  # noqa: S101
        return detector.find(pictures).scaled(scale, scale)

    def _marks(self, takes: Sequence[Take], size: tuple[int, ...], scale: float) -> Landmarks | None:
        """Return the true landmarks of the frames, from the truth's own pixels to those at 256."""
        marks = [take.frame.marks for take in takes]
        if not self._wants("marks") or any(mark is None for mark in marks):
            return None
        known = [mark for mark in marks if mark is not None]
        height, width = takes[0].frame.picture.shape[:2]
        joined = Landmarks(
            np.concatenate([mark.points for mark in known]),
            np.concatenate([mark.present for mark in known]),
            known[0].names,
        )
        across, down = (max(a - 1, 1) / max(b - 1, 1) for a, b in ((size[1], width), (size[0], height)))
        return joined.scaled(across * scale, down * scale)

    def _keypoints(self, takes: Sequence[Take], scale: float) -> Numbers | None:
        found = [take.keypoints for take in takes if take.keypoints is not None]
        return np.stack(found) * scale if len(found) == len(takes) else None

    def _embed(self, kind: Need, truth: Picture, result: Picture) -> tuple[Numbers, Numbers] | None:
        detector = self.detectors.identity if kind == "identity" else self.detectors.features
        if detector is None or not self._wants(kind):
            return None
        return detector.embed(truth), detector.embed(result)
