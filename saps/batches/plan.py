"""The evaluation plan of a batch of trees: which nodes can be computed together, and from which.

A node waits only for its source: its parent if it is a first child, else its previous sibling. All nodes of a batch
at the same step form one wave; a wave reads only the wave before it, where the row of a previous sibling also carries
what its parent leaves to all its children. A batch so takes as many steps as its longest chain, not as many as it has
nodes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

from saps.batches.forest import forest_of, tensor_of
from saps.batches.numbering import START, NumberedTree
from saps.batches.passes import Passes, plan_passes


@dataclass(frozen=True, slots=True)
class Plan:
    """All nodes of B trees, R in number, sorted by step; wave t is the slice ``starts[t]:starts[t + 1]``.

    Labels are numbers of the label vocabulary; ``START`` (= -1) stands where there is no parent or sibling.
    """

    label: Tensor  # (R,) the label of the node: the target
    parent_label: Tensor  # (R,) the label of its parent, or START
    sibling_label: Tensor  # (R,) the label of its previous sibling, or START for a first child
    tree: Tensor  # (R,) which tree of the batch it belongs to
    slot: Tensor  # (R,) its place in the padded grid (B, N): tree * N + number within the tree
    source: Tensor  # (R,) row of its source within the wave before; for a root, the tree's number
    starts: tuple[int, ...]  # (T + 1,) where each wave begins
    firsts: tuple[int, ...]  # (T,) how many rows of each wave are first children (or roots); they stand first
    passes: Passes  # for decoders that need no waves
    trees: int  # B
    nodes: int  # N, the number of nodes of the largest tree

    def to(self, device: torch.device) -> "Plan":
        """The same plan on another device."""
        tensors = {f.name: getattr(self, f.name) for f in fields(self) if f.type == Tensor}
        moved = {name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()}
        return replace(self, passes=self.passes.to(device), **moved)


def plan_trees(trees: Sequence[NumberedTree]) -> Plan:
    """The plan of a batch of trees."""
    forest, sizes = forest_of(trees), np.array([len(tree.label) for tree in trees])
    label, step, first, of_tree = forest.label, forest.step, forest.first, forest.tree
    order = np.lexsort((~first, step))  # by step, first children before others
    starts = np.searchsorted(step[order], np.arange(step.max() + 2))
    row = np.empty(len(step), dtype=np.int64)  # row[i]: where node i of the forest stands in its wave
    row[order] = np.arange(len(step)) - starts[step[order]]

    number = np.arange(len(step)) - (np.cumsum(sizes) - sizes)[of_tree]
    is_root = forest.parent < 0
    columns = {
        "label": label,
        "parent_label": np.where(is_root, START, label[forest.parent]),
        "sibling_label": np.where(first, START, label[forest.source]),
        "tree": of_tree,
        "slot": of_tree * sizes.max() + number,
        "source": np.where(is_root, of_tree, row[forest.source]),
    }
    tensors = {name: tensor_of(column[order]) for name, column in columns.items()}
    firsts = np.bincount(step[first], minlength=len(starts) - 1)
    return Plan(
        **tensors,
        starts=tuple(starts.tolist()),
        firsts=tuple(firsts.tolist()),
        passes=plan_passes(forest, order),
        trees=len(trees),
        nodes=int(sizes.max()),
    )
