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

    vertical: Tensor  # (W,) of the parent
    horizontal: Tensor  # (W',) of the source: the parent or the previous sibling
    parent_label: int
    sibling_label: int
    siblings: int  # how many follow it
    below: "OpenNode | None"


class TreeState(NamedTuple):
    """What the decoder remembers of a hypothesis; never changed in place."""

    sentence: int
    top: OpenNode | None
    vertical: Tensor | None = None  # (W,) of the node on top, once ``step`` has computed it
    horizontal: Tensor | None = None  # (W',) likewise


class TreeStepper:
    """Log-probabilities of the label at the first empty node of many hypotheses; see ``saps.search.step``."""

    def __init__(self, network: TreeNetwork, latent: Tensor, memory: Memory | None, arity: Sequence[int]) -> None:
        """Takes the network, the latent vectors (B, Z) and memory of B texts, and the arity of each label."""
        self.network, self.memory = network, memory
        self.arity = arity
        self.tables = network.tables()
        self.roots = network.start(latent)

    def start(self) -> list[TreeState]:
        """One state a text, with the root on the stack."""
        rows = zip(self.roots.vertical, self.roots.horizontal, strict=True)
        return [TreeState(k, OpenNode(v, h, START, START, 0, None)) for k, (v, h) in enumerate(rows)]

    @torch.no_grad()
    def step(self, states: Sequence[TreeState]) -> tuple[LogProbabilities, list[TreeState]]:
        """One call of the cells for K states -> log-probabilities (K, V) and the states with what was computed."""
        tops = [state.top for state in states if state.top is not None]
        device = self.roots.vertical.device
        rows = torch.arange(len(tops), device=device)
        parents = torch.stack([top.vertical for top in tops])  # (K, W)
        before = Wave(parents, torch.stack([top.horizontal for top in tops]), parents)
        labels = torch.tensor([(top.parent_label, top.sibling_label) for top in tops], device=device)  # (K, 2)
        carried = rows + len(tops) * (labels[:, 1] != START)  # as in a wave: a sibling's parent is in the second half
        sentence = torch.tensor([state.sentence for state in states], device=device)
        nodes = Nodes(sentence, labels[:, 0], labels[:, 1], rows, carried)
        scores, wave = self.network.step(self.tables, before, nodes, self.memory)  # (K, V)
        results = zip(states, wave.vertical, wave.horizontal, strict=True)
        seen = [TreeState(state.sentence, state.top, v, h) for state, v, h in results]
        return scores.log_softmax(dim=1).cpu().numpy(), seen

    def advance(self, state: TreeState, label: int) -> TreeState:
        """The state once the node on top has its label: first its children wait, then its next sibling."""
        if state.top is None or state.vertical is None or state.horizontal is None:
            raise ValueError("advance takes a state that step has given back")
        top, stack = state.top, state.top.below
        if top.siblings:
            stack = OpenNode(top.vertical, state.horizontal, top.parent_label, label, top.siblings - 1, stack)
        if self.arity[label]:
            stack = OpenNode(state.vertical, state.horizontal, label, START, self.arity[label] - 1, stack)
        return TreeState(state.sentence, stack)
