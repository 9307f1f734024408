"""The tree decoder behind the ``Step`` interface of search: programs grow in pre-order, node by node.

A node's label depends on its ancestors and earlier siblings alone, so growing in pre-order gives the same
probabilities as growing in waves.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from saps.batches.plan import START
from saps.nn.attention import Memory
from saps.nn.tree_decoder import Wave
from saps.nn.tree_network import Nodes, TreeNetwork
from saps.search.step import LogProbabilities


class OpenNode(NamedTuple):
    """A node that waits for its label, on a stack of such nodes: the first empty node in pre-order is on top."""

    parent: int  # row of the parent in ``Rows``
    source: int  # row of the parent or of the previous sibling
    parent_label: int
    sibling_label: int
    siblings: int  # how many follow it
    below: "OpenNode | None"


class TreeState(NamedTuple):
    """What the decoder remembers of a hypothesis; never changed in place."""

    sentence: int
    top: OpenNode | None
    row: int = -1  # of the node on top, once ``step`` has computed it


class Rows:
    """The vectors of all nodes that were ever computed, in one growing array, so that a state holds numbers alone."""

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
    """Log-probabilities of the label at the first empty node of many hypotheses; see ``saps.search.step``.

    Every node that was looked at keeps its vectors as long as the stepper lives: 5 H numbers for SAPS VH.
    """

    def __init__(self, network: TreeNetwork, latent: Tensor, memory: Memory | None, arity: Sequence[int]) -> None:
        """Takes the network, the latent vectors (B, Z) and memory of B texts, and the arity of each label."""
        self.network, self.memory = network, memory
        self.arity = arity
        self.tables = network.tables()
        roots = network.start(latent)
        self.texts = len(latent)
        self.vertical, self.horizontal = Rows(roots.vertical), Rows(roots.horizontal)

    def start(self) -> list[TreeState]:
        """One state a text, with the root on the stack."""
        return [TreeState(k, OpenNode(k, k, START, START, 0, None)) for k in range(self.texts)]

    @torch.no_grad()
    def step(self, states: Sequence[TreeState]) -> tuple[LogProbabilities, list[TreeState]]:
        """One call of the cells for K states -> log-probabilities (K, V) and the states with what was computed."""
        columns = [(state.sentence, *state.top[:4]) for state in states if state.top is not None]
        device = self.vertical.device
        numbers = torch.tensor(columns, device=device).t()  # (5, K)
        sentence, parent, source, parent_label, sibling_label = numbers.contiguous().unbind()
        rows = torch.arange(len(columns), device=device)
        parents = self.vertical[parent]  # (K, W)
        before = Wave(parents, self.horizontal[source], parents)
        carried = rows + len(columns) * (sibling_label != START)  # as in a wave: parents of siblings stand behind
        nodes = Nodes(sentence, parent_label, sibling_label, rows, carried)
        scores, wave = self.network.step(self.tables, before, nodes, self.memory)  # (K, V)
        first = self.vertical.add(wave.vertical)
        self.horizontal.add(wave.horizontal)
        seen = [TreeState(state.sentence, state.top, row) for row, state in enumerate(states, start=first)]
        return scores.log_softmax(dim=1).cpu().numpy(), seen

    def advance(self, state: TreeState, label: int) -> TreeState:
        """The state once the node on top has its label: first its children wait, then its next sibling."""
        top = state.top
        if top is None or state.row < 0:
            raise ValueError("advance takes a state that step has given back")
        stack = top.below
        if top.siblings:
            stack = OpenNode(top.parent, state.row, top.parent_label, label, top.siblings - 1, stack)
        if self.arity[label]:
            stack = OpenNode(state.row, state.row, label, START, self.arity[label] - 1, stack)
        return TreeState(state.sentence, stack)
