"""The plan of a batch of trees for decoders whose horizontal states do not wait for vertical ones.

All nodes that stand at the same place among their siblings are computed together, then all families at the same depth.
A batch so takes as many steps as the largest arity and the deepest tree have together, each for many rows, where waves
take a step for each node of the longest chain.
"""

from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from saps.batches.forest import Forest, tensor_of
from saps.batches.numbering import START


@dataclass(frozen=True, slots=True)
class Passes:
    """L nodes that are not first children, in P places; F families in D depths, B of them the roots, which come first.

    First children (and roots) of a tree have all heard the same when the horizontal pass begins, so the tree has one
    row for all of them. Row b < B of the *line* stands for those of tree b, row B + l for node l of the L.
    """

    sibling_label: Tensor  # (L,) label of the previous sibling
    sibling_tree: Tensor  # (L,)
    sibling_source: Tensor  # (L,) row within the place before; for the second place, the tree
    places: tuple[int, ...]  # (P + 1,) where each place begins
    parent_label: Tensor  # (F,) START for roots
    family_tree: Tensor  # (F,)
    parent_line: Tensor  # (F - B,) row of the line in which the parent of a family stands
    parent_source: Tensor  # (F - B,) row of the parent's family within the depth before
    depths: tuple[int, ...]  # (D + 1,) where each depth begins
    line: Tensor  # (R,) row of the line, for the nodes in the order of the waves
    family: Tensor  # (R,) row of the family, likewise

    def to(self, device: torch.device) -> "Passes":
        """The same plan on another device."""
        tensors = {f.name: getattr(self, f.name) for f in fields(self) if f.type == Tensor}
        return replace(self, **{name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()})


def plan_passes(forest: Forest, order: NDArray[np.int64]) -> Passes:
    """The plan of the two passes; ``order`` (R,) is that of the waves."""
    trees = int(forest.tree[-1]) + 1
    place = forest.step - np.where(forest.parent < 0, -1, forest.step[forest.parent]) - 1
    others = np.flatnonzero(~forest.first)
    others = others[np.argsort(place[others], kind="stable")]
    places = np.searchsorted(place[others], np.arange(1, place.max() + 2))
    line = forest.tree.copy()
    line[others] = trees + np.arange(len(others))
    before = forest.source[others]
    begins = _starts(places, place[others] - 2)  # of the place before
    in_place = np.where(place[others] > 1, line[before] - trees - begins, forest.tree[others])

    firsts = np.flatnonzero(forest.first)
    firsts = firsts[np.argsort(forest.depth[firsts], kind="stable")]
    depths = np.searchsorted(forest.depth[firsts], np.arange(forest.depth.max() + 2))
    own = np.empty(len(line), dtype=np.int64)  # the family of each node
    own[firsts] = np.arange(len(firsts))
    for start, end in pairwise(places):
        own[others[start:end]] = own[before[start:end]]
    children = firsts[trees:]
    parents = forest.parent[children]
    return Passes(
        sibling_label=tensor_of(forest.label[before]),
        sibling_tree=tensor_of(forest.tree[others]),
        sibling_source=tensor_of(in_place),
        places=tuple(places.tolist()),
        parent_label=tensor_of(np.concatenate([np.full(trees, START), forest.label[parents]])),
        family_tree=tensor_of(forest.tree[firsts]),
        parent_line=tensor_of(line[parents]),
        parent_source=tensor_of(own[parents] - _starts(depths, forest.depth[children] - 1)),
        depths=tuple(depths.tolist()),
        line=tensor_of(line[order]),
        family=tensor_of(own[order]),
    )


def _starts(starts: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """``starts`` at ``places``, of which some may be below zero and mean nothing."""
    return starts[np.maximum(places, 0)]
