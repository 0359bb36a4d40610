"""Handle nested NamedTuples of batched tensors as one value."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import torch
from torch import Tensor

Tree = TypeVar("Tree")


def tree_map(function: Callable[..., Tensor], *trees: Tree) -> Tree:
    """Apply a function to the tensors at the same place of every tree, and keep the structure."""
    first = trees[0]
    if isinstance(first, Tensor):
        return cast(Tree, function(*trees))
    node = cast(Any, first)
    return cast(
        Tree, type(node)(*(tree_map(function, *leaves) for leaves in zip(*cast(Any, trees), strict=True)))
    )


def take(tree: Tree, index: Tensor | slice) -> Tree:
    """Pick rows of every tensor's first dimension, by a slice, a bool mask [B] or indices [N]."""
    if isinstance(index, slice):
        return tree_map(lambda leaf: leaf[index], tree)
    rows = index.nonzero()[:, 0] if index.dtype == torch.bool else index
    return tree_map(lambda leaf: leaf.index_select(0, rows), tree)


def join(*trees: Tree) -> Tree:
    """Concatenate trees along the first dimension of their tensors."""
    return tree_map(lambda *leaves: torch.cat(leaves), *trees)


def to_device(tree: Tree, device: torch.device | str) -> Tree:
    """Move every tensor to a device."""
    return tree_map(lambda leaf: leaf.to(device), tree)
