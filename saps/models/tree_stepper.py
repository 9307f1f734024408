"""A tree decoder behind the ``Step`` interface of search: programs grow in pre-order, node by node.

A node's label depends on its ancestors and earlier siblings alone, so growing in pre-order gives the same
probabilities as growing step by step.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from saps.nn.attention import Memory
from saps.nn.greedy import Step
from saps.nn.schedule import START, Nodes
from saps.search.step import LogProbabilities


class WaitingNode(NamedTuple):
    """A node that waits for its label, on a stack of such nodes: the first hole in pre-order is on top."""

    predecessor: int  # number of the parent or of the previous sibling among all rows
    parent_label: int
    sibling_label: int
    siblings: int  # how many follow it
    below: "WaitingNode | None"


class TreeState(NamedTuple):
    """What the decoder remembers of a hypothesis; never changed in place."""

    sentence: int
    top: WaitingNode | None
    row: int = -1  # number of the row of the node on top, once ``step`` has computed it


class GrowingRows:
    """The rows of all nodes that were ever computed, in one growing array, so that a state holds numbers alone."""

    def __init__(self, first: Tensor) -> None:
        """Begins with rows (R, W)."""
        self.used, self.device = len(first), first.device
        self._values = first

    def add(self, rows: Tensor) -> int:
        """Appends rows (R, W) and tells the number of the first."""
        start, self.used = self.used, self.used + len(rows)
        if self.used > len(self._values):
            larger = self._values.new_empty(2 * self.used, self._values.shape[1])
            larger[:start] = self._values[:start]
            self._values = larger
        self._values[start : self.used] = rows
        return start

    def __getitem__(self, numbers: Tensor) -> Tensor:
        """Some of the rows (K, W)."""
        return self._values.index_select(0, numbers)


class TreeStepper:
    """Log-probabilities of the label at the first hole of many hypotheses; see ``saps.search.step``.

    Every node that was looked at keeps its row as long as the stepper lives: 4 H numbers for SAPS VH with the parent
    feed ``horizontal``.
    """

    def __init__(self, step: Step, rows: Tensor, memory: Memory, arity: Sequence[int]) -> None:
        """Takes a decoder's step, the rows (B, W) above the roots and memory of B texts, and each label's arity."""
        self._step, self.memory, self.arity = step, memory, arity
        self.texts, self.rows = len(rows), GrowingRows(rows)

    def start(self) -> list[TreeState]:
        """One state a text, with the root on the stack."""
        return [TreeState(k, WaitingNode(k, START, START, 0, None)) for k in range(self.texts)]

    @torch.no_grad()
    def step(self, states: Sequence[TreeState]) -> tuple[LogProbabilities, list[TreeState]]:
        """One call of the cells for K states -> log-probabilities (K, V) and the states with what was computed."""
        tops = [_top(state) for state in states]
        order = sorted(range(len(states)), key=lambda k: tops[k].sibling_label != START)  # first children first
        columns = [(k, states[k].sentence, *tops[k][:3]) for k in order]
        numbers = torch.tensor(columns, device=self.rows.device).t()  # (5, K)
        places, sentence, predecessor, parent_label, sibling_label = numbers.contiguous().unbind()
        firsts = int((sibling_label == START).sum())
        nodes = Nodes(firsts, sentence, parent_label, sibling_label, torch.arange(len(columns), device=places.device))
        scores, rows = self._step(self.rows[predecessor], nodes, self.memory)  # (K, V), (K, W)
        found = torch.empty_like(scores).index_copy_(0, places, scores.log_softmax(dim=1))
        start, seen = self.rows.add(rows), list(states)
        for row, k in enumerate(order):
            seen[k] = states[k]._replace(row=start + row)
        return found.cpu().numpy(), seen

    def advance(self, state: TreeState, label: int) -> TreeState:
        """The state once the node on top has its label: first its children wait, then its next sibling."""
        top = state.top
        if top is None or state.row < 0:
            raise ValueError("advance takes a state that step has given back")
        stack = top.below
        if top.siblings:
            stack = WaitingNode(state.row, top.parent_label, label, top.siblings - 1, stack)
        if self.arity[label] > 0:
            stack = WaitingNode(state.row, label, START, self.arity[label] - 1, stack)
        return TreeState(state.sentence, stack)


def _top(state: TreeState) -> WaitingNode:
    if state.top is None:
        raise ValueError("step takes states with a hole; this program is complete")
    return state.top
