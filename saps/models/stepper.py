"""The tree decoder behind the ``Step`` interface of search: programs grow in pre-order, node by node.

A node's label depends on its ancestors and earlier siblings alone, so growing in pre-order gives the same
probabilities as growing in waves.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from saps.batches.numbering import START
from saps.nn.attention import Memory
from saps.nn.tree_decoder import Wave
from saps.nn.tree_network import Nodes, TreeNetwork
from saps.search.step import LogProbabilities


class OpenNode(NamedTuple):
    """A node that waits for its label, on a stack of such nodes: the first empty node in pre-order is on top."""

    source: int  # number of the parent or of the previous sibling among the nodes
    family: int  # number of the source's family
    parent_label: int
    sibling_label: int
    siblings: int  # how many follow it
    below: "OpenNode | None"


class TreeState(NamedTuple):
    """What the decoder remembers of a hypothesis; never changed in place."""

    sentence: int
    top: OpenNode | None
    node: int = -1  # number of the node on top among the nodes, once ``step`` has computed it
    family: int = -1  # number of its family


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

    Every node that was looked at keeps its vectors as long as the stepper lives: 3 H numbers for SAPS VH, and 6 H for
    what it has in common with its siblings.
    """

    def __init__(self, network: TreeNetwork, latent: Tensor, memory: Memory | None, arity: Sequence[int]) -> None:
        """Takes the network, the latent vectors (B, Z) and memory of B texts, and the arity of each label."""
        self.network, self.memory = network, memory
        self.arity = arity
        self.tables = network.tables()
        roots = network.start(latent)
        self.texts = len(latent)
        self.families = Rows(torch.cat([roots.vertical, roots.share], dim=1))
        self.nodes = Rows(torch.cat([roots.horizontal, roots.handed], dim=1))
        self.splits = roots.vertical.shape[1], roots.horizontal.shape[1]

    def start(self) -> list[TreeState]:
        """One state a text, with the root on the stack."""
        return [TreeState(k, OpenNode(k, k, START, START, 0, None)) for k in range(self.texts)]

    @torch.no_grad()
    def step(self, states: Sequence[TreeState]) -> tuple[LogProbabilities, list[TreeState]]:
        """One call of the cells for K states -> log-probabilities (K, V) and the states with what was computed."""
        tops = [_top(state) for state in states]
        order = sorted(range(len(states)), key=lambda k: tops[k].sibling_label != START)  # first children first
        columns = [(k, states[k].sentence, *tops[k][:4]) for k in order]
        numbers = torch.tensor(columns, device=self.nodes.device).t()  # (6, K)
        places, sentence, source, family, parent_label, sibling_label = numbers.contiguous().unbind()
        firsts = int((sibling_label == START).sum())
        nodes = Nodes(firsts, sentence, parent_label, sibling_label, torch.arange(len(columns), device=source.device))
        scores, wave = self.network.step(self.tables, self._before(source, family), nodes, self.memory)  # (K, V)
        found = torch.empty_like(scores).index_copy_(0, places, scores.log_softmax(dim=1))
        return found.cpu().numpy(), self._remember(states, order, wave, firsts)

    def _before(self, source: Tensor, family: Tensor) -> Wave:
        """The wave in which the source of node k stands in row k."""
        of_family, of_node = self.families[family], self.nodes[source]
        vertical, share = of_family.tensor_split([self.splits[0]], dim=1)
        horizontal, handed = of_node.tensor_split([self.splits[1]], dim=1)
        return Wave(vertical, share, horizontal, handed)

    def _remember(self, states: Sequence[TreeState], order: Sequence[int], wave: Wave, firsts: int) -> list[TreeState]:
        """The states with the numbers of what was computed: a node each, and a family for each first child."""
        node = self.nodes.add(torch.cat([wave.horizontal, wave.handed], dim=1))
        family = self.families.add(torch.cat([wave.vertical[:firsts], wave.share[:firsts]], dim=1))
        seen = list(states)
        for row, k in enumerate(order):
            own = family + row if row < firsts else _top(states[k]).family
            seen[k] = TreeState(states[k].sentence, states[k].top, node + row, own)
        return seen

    def advance(self, state: TreeState, label: int) -> TreeState:
        """The state once the node on top has its label: first its children wait, then its next sibling."""
        top = state.top
        if top is None or state.node < 0:
            raise ValueError("advance takes a state that step has given back")
        stack = top.below
        if top.siblings:
            stack = OpenNode(state.node, state.family, top.parent_label, label, top.siblings - 1, stack)
        if self.arity[label]:
            stack = OpenNode(state.node, state.family, label, START, self.arity[label] - 1, stack)
        return TreeState(state.sentence, stack)


def _top(state: TreeState) -> OpenNode:
    if state.top is None:
        raise ValueError("step takes states with an open node; this program is complete")
    return state.top
