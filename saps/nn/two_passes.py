"""The tree decoder in two passes, where no horizontal state waits for a vertical one: first all h, then all v.

Letters as in ``saps.nn.tree_decoder``.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from saps.nn.lstm_steps import lstm_over_steps
from saps.nn.one_call import Ways, ways_of
from saps.nn.schedule import START, Forest, Grid, TreeArrays, as_tensor, forest_of, grid_in_order, step_order
from saps.nn.tree_decoder import LSTM


class BothWays(NamedTuple):
    """What a pass needs that is one call."""

    across: Ways  # the line as sequences; asked are the N nodes, then the parents of the families without the roots
    down: Ways  # the families as sequences; asked are the N nodes


class TwoPassSchedule(NamedTuple):
    """N nodes of B trees where no horizontal state waits for a vertical one: first all h, then all v.

    The horizontal pass goes by the place among the siblings, the vertical one by depth: as many steps as the largest
    arity and the deepest tree have together. First children (and roots) of a tree all have the same h, so that a tree
    has one row for all of them: row b < B of the *line* is that of tree b, row B + l that of node l of the L others.
    A family is the children of one node; all of them have the same v. There are F, the B roots first.
    """

    label: Tensor  # (N,) the target
    grid: Grid
    label_before: Tensor  # (B + L + F,) label + 1 of a row's previous sibling, or of a family's parent; 0 for none
    line_tree: Tensor  # (B + L,)
    line_before: Tensor  # (B + L,) row of the previous sibling in the place before; first the B trees
    places: tuple[int, ...]  # (P + 1,) where each place begins
    family_tree: Tensor  # (F,)
    parent_line: Tensor  # (F - B,) row of the line in which the parent of a family stands
    family_before: Tensor  # (F,) row of the parent's family within the depth before; for a root, the tree
    depths: tuple[int, ...]  # (D + 1,) where each depth begins
    line: Tensor  # (N,) row of the line of each node
    family: Tensor  # (N,) family of each node
    ways: BothWays | None  # where each pass is to be one call
    nodes: int  # N, without what ``saps.nn.padding`` adds

    @property
    def is_padded(self) -> bool:
        """Whether it is one of ``saps.nn.padding``: for one call a pass alone."""
        return not self.places


def two_pass_schedule(trees: Sequence[TreeArrays], with_ways: bool = False) -> TwoPassSchedule:
    """The schedule of the two passes for a batch of trees; nodes stand in the order of ``schedule_of``."""
    forest = forest_of(trees)
    order, line = step_order(forest), _line_of(forest)
    families = _families_of(forest, line)
    count, before = len(forest.sizes), forest.predecessor[line.others]
    roots, none = np.arange(count), np.full(count, START)
    in_place = np.where(
        line.place > 1, line.row[before] - count - _starts(line.places, line.place - 2), forest.tree[line.others]
    )
    children = families.firsts[count:]
    parents = forest.parent[children]
    in_depth = families.row[parents] - _starts(families.depths, forest.depth[children] - 1)
    return TwoPassSchedule(
        label=as_tensor(forest.label[order]),
        grid=grid_in_order(forest, order),
        label_before=as_tensor(np.concatenate([none, forest.label[before], none, forest.label[parents]]) + 1),
        line_tree=as_tensor(np.concatenate([roots, forest.tree[line.others]])),
        line_before=as_tensor(np.concatenate([roots, in_place])),
        places=tuple(line.places.tolist()),
        family_tree=as_tensor(forest.tree[families.firsts]),
        parent_line=as_tensor(line.row[parents]),
        family_before=as_tensor(np.concatenate([roots, in_depth])),
        depths=tuple(families.depths.tolist()),
        line=as_tensor(line.row[order]),
        family=as_tensor(families.row[order]),
        ways=_both_ways(forest, order, line, families) if with_ways else None,
        nodes=len(order),
    )


class _Line(NamedTuple):
    """Where the N nodes of a forest stand in the line."""

    row: NDArray[np.int64]  # (N,)
    others: NDArray[np.int64]  # (L,) the nodes that are not first children, by their place among the siblings
    place: NDArray[np.int64]  # (L,) this place, from 1 on
    places: NDArray[np.int64]  # where each place begins


class _Families(NamedTuple):
    """The families of a forest by depth."""

    row: NDArray[np.int64]  # (N,) of each node
    firsts: NDArray[np.int64]  # (F,) the first child of each, the roots first
    depths: NDArray[np.int64]  # where each depth begins


def _line_of(forest: Forest) -> _Line:
    place = forest.step - np.where(forest.parent < 0, -1, forest.step[forest.parent]) - 1
    others = np.flatnonzero(~forest.first)
    others = others[np.argsort(place[others], kind="stable")]
    row = forest.tree.copy()
    row[others] = len(forest.sizes) + np.arange(len(others))
    return _Line(row, others, place[others], np.searchsorted(place[others], np.arange(1, place.max() + 2)))


def _families_of(forest: Forest, line: _Line) -> _Families:
    firsts = np.flatnonzero(forest.first)
    firsts = firsts[np.argsort(forest.depth[firsts], kind="stable")]
    row = np.empty(len(line.row), dtype=np.int64)
    row[firsts] = np.arange(len(firsts))
    for start, end in pairwise(line.places):
        some = line.others[start:end]
        row[some] = row[forest.predecessor[some]]
    return _Families(row, firsts, np.searchsorted(forest.depth[firsts], np.arange(forest.depth.max() + 2)))


def _both_ways(forest: Forest, order: NDArray[np.int64], line: _Line, families: _Families) -> BothWays:
    none = np.full(len(forest.sizes), START)
    parents = forest.parent[families.firsts[len(none) :]]
    return BothWays(
        across=ways_of(
            before=np.concatenate([none, line.row[forest.predecessor[line.others]]]),
            step=np.concatenate([np.zeros_like(none), line.place]),
            asked=np.concatenate([line.row[order], line.row[parents]]),
        ),
        down=ways_of(
            before=np.concatenate([none, families.row[parents]]),
            step=forest.depth[families.firsts],
            asked=families.row[order],
        ),
    )


def _starts(starts: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """``starts`` at ``places``, of which some may be below zero and mean nothing."""
    return starts[np.maximum(places, 0)]


def horizontal_pass(cell: LSTM, labels: Tensor, fed: Tensor, schedule: TwoPassSchedule) -> Tensor:
    """Labels (V + 1, E), what z feeds (B, 4H) -> outputs h of the line (B + L, H)."""
    labels = cell.project(labels)  # (V + 1, 4H), once for all nodes
    trees, rows = len(fed), len(schedule.line_tree)
    first = fed + labels[0]  # a first child has no previous sibling
    others = F.embedding(schedule.label_before[trees:rows], labels) + fed.index_select(0, schedule.line_tree[trees:])
    start = fed.new_zeros(len(fed), 2 * cell.hidden)
    widths = [len(fed), *widths_of(schedule.places)]
    return lstm_over_steps(torch.cat([first, others]), cell.recurrent, start, schedule.line_before, widths)


def vertical_pass(cell: LSTM, labels: Tensor, fed: Tensor, latent: Tensor, schedule: TwoPassSchedule) -> Tensor:
    """Labels (V + 1, E), what parents feed (F, 4H), z above the roots (B, H) -> outputs v of the families (F, H)."""
    preactivations = F.embedding(schedule.label_before[len(schedule.line_tree) :], cell.project(labels)) + fed
    start = F.pad(latent, (0, cell.hidden))  # output z, memory cell zero
    return lstm_over_steps(preactivations, cell.recurrent, start, schedule.family_before, widths_of(schedule.depths))


def widths_of(starts: tuple[int, ...]) -> list[int]:
    """How many rows each block has, given where blocks begin and the last one ends."""
    return [end - start for start, end in pairwise(starts)]
