"""Which nodes of a batch of trees are computed together, and from which others.

A node waits only for its predecessor: its parent if it is a first child, else its previous sibling. All nodes of a
batch at the same step are computed together, and a step reads only the step before it. So a batch takes as many steps
as its longest chain of predecessors, not as many as it has nodes.

Letters: B trees, N nodes of all of them, T steps, R nodes of one step.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

START = -1  # stands for a label where there is no parent or sibling


class TreeArrays(NamedTuple):
    """A tree of n nodes as arrays of length n, sorted by step: the parent's step + 1 + the place among the siblings."""

    label: NDArray[np.int32]  # number of the label
    step: NDArray[np.int32]  # 0 for the root, then ascending
    predecessor: NDArray[np.int32]  # index of the parent (of a first child) or previous sibling; -1 for the root
    first: NDArray[np.int32]  # 1 where the predecessor is the parent, and for the root
    parent: NDArray[np.int32]  # index of the parent; -1 for the root
    depth: NDArray[np.int32]  # 0 for the root
    preorder: NDArray[np.int32]  # the indices of the nodes in pre-order


class Forest(NamedTuple):
    """The arrays of B trees one after another, each (N,); indices count through all trees."""

    label: NDArray[np.int64]
    step: NDArray[np.int64]
    predecessor: NDArray[np.int64]
    first: NDArray[np.bool_]
    parent: NDArray[np.int64]
    depth: NDArray[np.int64]
    tree: NDArray[np.int64]  # which tree of the batch
    sizes: NDArray[np.int64]  # (B,) nodes of each tree


class Grid(NamedTuple):
    """Where N nodes stand on a padded grid of B trees with n places each."""

    slot: Tensor  # (N,) tree * n + number within the tree
    width: int  # n, the nodes of the largest tree
    sizes: Tensor  # (B,) nodes of each tree


class Schedule(NamedTuple):
    """All N nodes of B trees, sorted by step; step t is the slice ``starts[t]:starts[t + 1]``, first children first."""

    label: Tensor  # (N,) the target
    grid: Grid
    parent_label: Tensor  # (N,) START for a root
    sibling_label: Tensor  # (N,) label of the previous sibling; START for a first child
    tree: Tensor  # (N,)
    predecessor: Tensor  # (N,) its row within the step before; for a root, the number of its tree
    starts: tuple[int, ...]  # (T + 1,)
    firsts: tuple[int, ...]  # (T,) how many nodes of each step are first children (or roots)
    first_rows: Tensor  # their rows of all N, step by step


class Nodes(NamedTuple):
    """R nodes of one step: first the first children, then the others."""

    firsts: int  # F, how many are first children or roots
    tree: Tensor  # (R,) which text of the batch each belongs to
    parent_label: Tensor  # (R,)
    sibling_label: Tensor  # (R,)
    predecessor: Tensor  # (R,) row of the parent (first child) or previous sibling in the step before


def forest_of(trees: Sequence[TreeArrays]) -> Forest:
    """The arrays of some trees, one after another."""
    sizes = np.array([len(tree.label) for tree in trees])
    offsets = np.repeat(np.cumsum(sizes) - sizes, sizes)
    label, step, predecessor, first, parent, depth = (
        np.concatenate([getattr(tree, name) for tree in trees]).astype(np.int64) for name in TreeArrays._fields[:6]
    )
    is_root = parent < 0
    predecessor, parent = (np.where(is_root, -1, column + offsets) for column in (predecessor, parent))
    return Forest(label, step, predecessor, first > 0, parent, depth, np.repeat(np.arange(len(trees)), sizes), sizes)


def step_order(forest: Forest) -> NDArray[np.int64]:
    """The nodes (N,) by step, first children before others."""
    return np.lexsort((~forest.first, forest.step))


def grid_in_order(forest: Forest, order: NDArray[np.int64]) -> Grid:
    """The grid of nodes that stand in an order (N,)."""
    number = np.arange(len(order)) - (np.cumsum(forest.sizes) - forest.sizes)[forest.tree]
    width = int(forest.sizes.max())
    return Grid(as_tensor((forest.tree * width + number)[order]), width, as_tensor(forest.sizes))


def schedule_of(trees: Sequence[TreeArrays]) -> Schedule:
    """The schedule of a batch of trees."""
    forest = forest_of(trees)
    order, is_root = step_order(forest), forest.parent < 0
    starts = np.searchsorted(forest.step[order], np.arange(forest.step.max() + 2))
    row = np.empty(len(order), dtype=np.int64)  # row[i]: where node i of the forest stands in its step
    row[order] = np.arange(len(order)) - starts[forest.step[order]]
    firsts = np.bincount(forest.step[forest.first], minlength=len(starts) - 1)
    return Schedule(
        label=as_tensor(forest.label[order]),
        grid=grid_in_order(forest, order),
        parent_label=as_tensor(np.where(is_root, START, forest.label[forest.parent])[order]),
        sibling_label=as_tensor(np.where(forest.first, START, forest.label[forest.predecessor])[order]),
        tree=as_tensor(forest.tree[order]),
        predecessor=as_tensor(np.where(is_root, forest.tree, row[forest.predecessor])[order]),
        starts=tuple(starts.tolist()),
        firsts=tuple(firsts.tolist()),
        first_rows=as_tensor(np.flatnonzero(forest.first[order])),
    )


def steps_of(schedule: Schedule) -> list[Nodes]:
    """The nodes step by step. Each column is split once: a slice a step would cost a whole gradient each."""
    widths = [end - start for start, end in zip(schedule.starts[:-1], schedule.starts[1:], strict=True)]
    columns = (schedule.tree, schedule.parent_label, schedule.sibling_label, schedule.predecessor)
    return [Nodes(*step) for step in zip(schedule.firsts, *(column.split(widths) for column in columns), strict=True)]


def as_tensor(column: NDArray[np.integer]) -> Tensor:
    """A column of integers, in whatever memory order numpy left it."""
    return torch.from_numpy(np.ascontiguousarray(column, dtype=np.int64))
