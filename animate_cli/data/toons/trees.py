"""Handle nested NamedTuples of batched tensors as one value."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar, cast

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


class Packed(Generic[Tree]):
    """A tree whose tensors of like shape are kept together, so that rows are picked from all at once."""

    def __init__(self, tree: Tree) -> None:
        self._tree, leaves = tree, list(_leaves(tree))
        self._kinds = [(leaf.dtype, leaf.shape[1:]) for leaf in leaves]
        self._stacks = {
            kind: torch.stack([leaf for leaf, own in zip(leaves, self._kinds, strict=True) if own == kind])
            for kind in set(self._kinds)
        }

    def take(self, rows: Tensor) -> Tree:
        """Pick rows by indices [N]."""
        chosen = {kind: iter(stack.index_select(1, rows).unbind()) for kind, stack in self._stacks.items()}
        return _fill(self._tree, iter([next(chosen[kind]) for kind in self._kinds]))


def _leaves(tree: object) -> Iterator[Tensor]:
    if isinstance(tree, Tensor):
        yield tree
    else:
        for branch in cast(Any, tree):
            yield from _leaves(branch)


def _fill(tree: Tree, leaves: Iterator[Tensor]) -> Tree:
    """Put leaves in the places of a tree's tensors."""
    if isinstance(tree, Tensor):
        return cast(Tree, next(leaves))
    node = cast(Any, tree)
    return cast(Tree, type(node)(*[_fill(branch, leaves) for branch in node]))
