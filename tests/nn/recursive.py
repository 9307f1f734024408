"""The tree decoder and the readout once more, node by node, straight from their equations: the yardstick."""

from collections.abc import Callable

import torch
from torch import Tensor

from saps.lang.trees import Tree
from saps.nn.attention import AdditiveAttention
from saps.nn.readout import LabelReadout
from saps.nn.tree_decoder import TreeDecoder

State = tuple[Tensor, Tensor]  # output and cell of an LSTM, (H,) each


def lstm(x: Tensor, m: Tensor, state: State, weights: Tensor, bias: Tensor) -> State:
    """One step of an LSTM: weights (E + 2H, 4H) for [x; own output; m], gates input, forget, output, cell input."""
    i, f, o, g = (torch.cat([x, state[0], m]) @ weights + bias).chunk(4)
    cell = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


class RecursiveDecoder:
    """Reads the parameters of a ``TreeDecoder``; everything is split once, outside the recursion."""

    def __init__(self, decoder: TreeDecoder, number: Callable[[Tree], int]) -> None:
        self.is_merged = decoder.passed_down == "merged"
        self.number = number
        self.embedding = decoder.embedding.weight.unbind()
        self.nothing = torch.zeros_like(self.embedding[0])
        vertical, horizontal = (
            (torch.cat([linear.weight.t(), recurrent]), linear.bias)
            for linear, recurrent in zip(decoder.from_labels, decoder.recurrent.unbind(), strict=True)
        )
        self.vertical, self.horizontal = vertical, horizontal

    def states(self, latent: Tensor, tree: Tree) -> list[Tensor]:
        """The states (H,) of all nodes of a tree in pre-order."""
        states: list[Tensor] = []
        zero = self.zero = torch.zeros_like(latent)
        self._visit(tree, (latent, zero), (zero, zero), latent, self.nothing, self.nothing, states)
        return states

    def _visit(
        self, node: Tree, v: State, h: State, m: Tensor, x_parent: Tensor, x_sibling: Tensor, states: list[Tensor]
    ) -> State:
        v = lstm(x_parent, m, v, *self.vertical)
        h = lstm(x_sibling, m, h, *self.horizontal)
        states.append(v[0] + h[0])
        passed = states[-1] if self.is_merged else m
        x, x_before = self.embedding[self.number(node)], self.nothing
        before = h if self.is_merged else (self.zero, self.zero)
        for child in node.children:
            before = self._visit(child, v, before, passed, x, x_before, states)
            x_before = self.embedding[self.number(child)]
        return h


def label_scores(readout: LabelReadout, state: Tensor, words: Tensor) -> Tensor:
    """The scores (V,) of one node with state (H,) over the encoder's outputs (S, M) of its text, without padding."""
    attention = readout.attention
    if attention is not None:
        query, keys = attention.to_query.weight @ state, words @ attention.to_key.weight.t()
        if isinstance(attention, AdditiveAttention):
            scores = torch.tanh(keys + query) @ attention.to_score.weight[0]
        else:
            scores = keys @ query / len(query) ** 0.5
        context = scores.softmax(0) @ words
        state = torch.tanh(readout.merge.weight @ torch.cat([state, context]))
    return readout.to_label.weight @ state + readout.to_label.bias
