"""The tree decoder and the readout once more, node by node, straight from their equations: the second witness."""

from collections.abc import Callable

import torch
from torch import Tensor

from saps.lang.trees import Tree
from saps.nn.attention import AdditiveAttention
from saps.nn.readout import LabelReadout
from saps.nn.tree_decoder import LSTM, TreeDecoder

State = tuple[Tensor, Tensor]
"""Output and memory cell of an LSTM (H,)."""


def step_of(cell: LSTM, from_parent: Tensor) -> Callable[[Tensor, Tensor, State], State]:
    """One step: label x (E,), what the parent feeds m (H,), state -> the next state; gates input, forget, output."""
    weights = torch.cat([cell.from_input, cell.recurrent, from_parent])  # (E + 2H, 4H)

    def step(x: Tensor, m: Tensor, state: State) -> State:
        i, f, o, g = (torch.cat([x, state[0], m]) @ weights + cell.bias).chunk(4)
        memory = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
        return o.sigmoid() * memory.tanh(), memory

    return step


class RecursiveDecoder:
    """Reads the parameters of a ``TreeDecoder``; everything is split once, outside the recursion."""

    def __init__(self, decoder: TreeDecoder, number: Callable[[Tree], int]) -> None:
        self.number = number
        self.feed, self.directions = decoder.parent_feed, decoder.directions
        self.embedding = decoder.embedding.weight.unbind()
        self.nothing = torch.zeros_like(self.embedding[0])
        from_parent = decoder.from_parent.split(4 * decoder.hidden, dim=1)
        self.down = step_of(decoder.vertical, from_parent[0]) if decoder.vertical else None
        self.across = step_of(decoder.horizontal, from_parent[-1]) if decoder.horizontal else None

    def states(self, latent: Tensor, tree: Tree) -> list[Tensor]:
        """The states (H,) of all nodes of a tree in pre-order."""
        states: list[Tensor] = []
        self.latent, zero = latent, torch.zeros_like(latent)
        self.zeros = (zero, zero)
        begun = (latent, zero)
        fed = (zero, latent) if self.feed == "horizontal" else (latent, latent)
        across = begun if self.directions == "H" else self.zeros
        self._visit(tree, begun, across, fed, (self.nothing, None), states)
        return states

    def _visit(
        self,
        node: Tree,
        v: State,
        h: State,
        fed: tuple[Tensor, Tensor],
        labels: tuple[Tensor, Tensor | None],
        states: list[Tensor],
    ) -> State:
        """``fed`` by the parent to the two cells; ``labels`` of parent and previous sibling. Gives h."""
        outputs = []
        if self.down:
            v = self.down(labels[0], fed[0], v)
            outputs.append(v[0])
        if self.across:
            h = self.across(self._beside(*labels), fed[1], h)
            outputs.append(h[0])
        states.append(sum(outputs))
        feed = {"state": (states[-1], states[-1]), "horizontal": (h[0], self.latent), "latent": fed}[self.feed]
        own, before_label = self.embedding[self.number(node)], None
        before = h if self.feed == "state" else self.zeros
        for child in node.children:
            before = self._visit(child, v, before, feed, (own, before_label), states)
            before_label = self.embedding[self.number(child)]
        return h

    def _beside(self, parent: Tensor, sibling: Tensor | None) -> Tensor:
        """What the horizontal cell hears of labels: alone it also hears the parent's, where there is no sibling."""
        if self.directions == "VH":
            return self.nothing if sibling is None else sibling
        return parent if sibling is None else sibling


def attended(readout: LabelReadout, state: Tensor, words: Tensor) -> Tensor:
    """The state (H,) of one node after it has read the encoder's outputs (S, M) of its text, without padding."""
    attention = readout.attention
    if attention is None:
        return state
    query, keys = attention.to_query.weight @ state, words @ attention.to_key.weight.t()
    if isinstance(attention, AdditiveAttention):
        scores = torch.tanh(keys + query) @ attention.to_score.weight[0]
    else:
        scores = keys @ query / len(query) ** 0.5
    context = scores.softmax(0) @ words
    if readout.merge is None:
        forwards, backwards = context.chunk(2)
        return state + forwards + backwards
    return torch.tanh(readout.merge.weight @ torch.cat([state, context]))
