"""Some trees on end: their columns as one, from which plans are made."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from saps.batches.numbering import NumberedTree


class Forest(NamedTuple):
    """The columns of some trees on end; R nodes."""

    label: NDArray[np.int64]
    step: NDArray[np.int64]
    depth: NDArray[np.int64]
    parent: NDArray[np.int64]  # place of the parent, -1 for a root
    source: NDArray[np.int64]  # place of the source, -1 for a root
    first: NDArray[np.bool_]
    tree: NDArray[np.int64]


def forest_of(trees: Sequence[NumberedTree]) -> Forest:
    """The columns of trees on end."""
    sizes = np.array([len(tree.label) for tree in trees])
    offsets = np.repeat(np.cumsum(sizes) - sizes, sizes)
    label, step, depth, parent, source, first = (
        np.concatenate([getattr(tree, name) for tree in trees]).astype(np.int64)
        for name in ("label", "step", "depth", "parent", "source", "first")
    )
    is_root = parent < 0
    parent, source = (np.where(is_root, -1, column + offsets) for column in (parent, source))
    tree = np.repeat(np.arange(len(trees)), sizes)
    return Forest(label, step, depth, parent, source, first > 0, tree)


def tensor_of(column: NDArray[np.integer]) -> Tensor:
    """A column of a plan, in any order that numpy gave it."""
    return torch.from_numpy(np.ascontiguousarray(column, dtype=np.int64))
