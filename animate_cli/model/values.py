"""Named values that cross the borders between networks."""

from typing import NamedTuple

from torch import Tensor


class Keypoints(NamedTuple):
    """Keypoints and their local affine frames.

    value: [B, K, 2], (x, y) in [-1, 1]. jacobian: [B, K, 2, 2], A_{X<-R} of equation (2).
    """

    value: Tensor
    jacobian: Tensor


class DenseMotion(NamedTuple):
    """Where each place of the driving frame comes from in the source, and what is hidden there.

    deformation: [B, h, w, 2], (x, y) in [-1, 1], equation (12). mask: [B, K+1, h, w], sums to 1 over K+1.
    occlusions: coarse to fine, each [B, 1, h_i, w_i] in [0, 1]. sparse_deformed: [B, K+1, 3, h, w], the small
    source warped by each motion, for those who draw it.
    """

    deformation: Tensor
    mask: Tensor
    occlusions: tuple[Tensor, ...]
    sparse_deformed: Tensor


class SourceFeatures(NamedTuple):
    """The generator's features of a source, fine to coarse: [B, C_i, H / 2^i, W / 2^i]."""

    levels: tuple[Tensor, ...]


class Prediction(NamedTuple):
    """The generated picture [B, 3, H, W] in [0, 1], the warped source [B, 3, H, W], and the motion behind.

    kept: [B, 1, h, w] in [0, 1] at the model's size, the share of the warped source in the picture, where the
    generator blends. painted: [B, 3, h, w] in [0, 1], there also, what it is blended with; quick models leave it
    out.
    """

    image: Tensor
    deformed: Tensor
    motion: DenseMotion
    kept: Tensor | None = None
    painted: Tensor | None = None
