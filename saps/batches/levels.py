"""The plan of a batch of trees read from the leaves up, level by level.

All nodes of all trees at the same depth form one level; a node reads its children, which stand in the level below it.
A batch so takes as many steps as its deepest tree has levels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from saps.batches.forest import forest_of, tensor_of
from saps.batches.numbering import NumberedTree


@dataclass(frozen=True, slots=True)
class Levels:
    """All R nodes of B trees, the deepest first; level t is the slice ``starts[t]:starts[t + 1]``.

    The last level holds the roots in the order of the trees. A node has at most C children.
    """

    label: Tensor  # (R,)
    children: Tensor  # (R, C) row of each child within the level before; where there is none, that level's size
    starts: tuple[int, ...]  # (T + 1,) where each level begins

    def to(self, device: torch.device) -> "Levels":
        """The same plan on another device."""
        return replace(self, label=self.label.to(device), children=self.children.to(device))


def plan_levels(trees: Sequence[NumberedTree], most: int) -> Levels:
    """The levels of a batch of trees whose nodes have at most ``most`` (C) children."""
    label, step, depth, parent, *_ = forest_of(trees)
    order = np.argsort(-depth, kind="stable")
    starts = np.searchsorted(-depth[order], -np.arange(depth.max(), -2, -1))
    row = np.empty(len(order), dtype=np.int64)  # row[i]: where node i of the concatenation stands in its level
    row[order] = np.arange(len(order)) - starts[depth.max() - depth[order]]
    widths = np.append(np.bincount(depth), 0)  # nodes of each depth; none below the deepest
    children = np.repeat(widths[depth + 1][:, None], most, axis=1)
    child = np.flatnonzero(parent >= 0)
    above = parent[child]
    children[above, step[child] - step[above] - 1] = row[child]
    return Levels(tensor_of(label[order]), tensor_of(children[order]), tuple(starts.tolist()))
