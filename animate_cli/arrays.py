"""Between numpy and tensors: pictures, keypoints, batches."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.model.values import Keypoints
from animate_cli.motion import Motion

Picture = NDArray[np.uint8]
Item = TypeVar("Item")


def to_tensor(picture: Picture, size: tuple[int, ...]) -> Tensor:
    """Turn a picture [H, W, C] into a uint8 tensor [C, height, width], resized with anti-aliasing if needed."""
    tensor = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)
    if tuple(tensor.shape[-2:]) == tuple(size):
        return tensor
    return F.interpolate(tensor[None], size=size, mode="bilinear", antialias=True)[0]


def to_bytes(images: Tensor) -> Tensor:
    """Turn images [B, C, H, W] in [0, 1] into uint8 [B, H, W, C], where they are."""
    rounded = (images.float().clamp(0, 1) * 255).round().to(torch.uint8)
    return rounded.permute(0, 2, 3, 1).contiguous()


def to_pictures(images: Tensor) -> Picture:
    """Turn images [B, C, H, W] in [0, 1] into uint8 pictures [B, H, W, C]."""
    pictures: Picture = to_bytes(images).cpu().numpy()
    return pictures


def to_motions(keypoints: Keypoints) -> list[Motion]:
    """Split keypoints [B, K] into the motion of each frame."""
    values, jacobians = (part.float().cpu().numpy() for part in keypoints)
    pairs = zip(values, jacobians, strict=True)
    return [
        Motion(value.copy(), jacobian.copy()) for value, jacobian in pairs
    ]  # kept ones hold no batch alive


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Group items into lists of ``size``, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def to_floats(tensor: Tensor) -> NDArray[np.float32]:
    """Copy a tensor to float32 numpy of its shape."""
    array: NDArray[np.float32] = tensor.float().cpu().numpy()
    return array
