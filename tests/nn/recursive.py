"""The tree decoder and the readout once more, node by node, straight from their equations: the yardstick."""

from collections.abc import Callable

import torch
from torch import Tensor

from saps.lang.trees import Tree
from saps.nn.attention import AdditiveAttention
from saps.nn.cells import Cell, PlainLSTM
from saps.nn.readout import LabelReadout
from saps.nn.tree_decoder import TreeDecoder

Step = Callable[[Tensor, Tensor, list[Tensor]], list[Tensor]]
"""Input of a label, what is heard of the parent (H,), state (output first, H each) -> the next state."""


def lstm(weights: Tensor, bias: Tensor) -> Step:
    """The step of an LSTM: weights (E + 2H, 4H) for [x; own output; m], gates input, forget, output, cell input."""

    def step(x: Tensor, m: Tensor, state: list[Tensor]) -> list[Tensor]:
        i, f, o, g = (torch.cat([x, state[0], m]) @ weights + bias).chunk(4)
        cell = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
        return [o.sigmoid() * cell.tanh(), cell]

    return step


def any_cell(cell: Cell, from_parent: Tensor) -> Step:
    """The step of any cell, for one row; the cells have tests of their own."""

    def step(x: Tensor, m: Tensor, state: list[Tensor]) -> list[Tensor]:
        share = cell.project(x[None]) + m @ from_parent
        return list(cell(share, torch.cat(state)[None, None])[0, 0].chunk(cell.parts))

    return step


def step_of(cell: Cell, from_parent: Tensor) -> Step:
    """The step of a cell, that of the plain LSTM written out."""
    if not isinstance(cell, PlainLSTM):
        return any_cell(cell, from_parent)
    return lstm(torch.cat([cell.from_input[0], cell.recurrent[0], from_parent]), cell.bias[0, 0])


class RecursiveDecoder:
    """Reads the parameters of a ``TreeDecoder``; everything is split once, outside the recursion."""

    def __init__(
        self,
        decoder: TreeDecoder,
        number: Callable[[Tree], int],
        read: Callable[[Tensor], Tensor] = lambda state: state,
    ) -> None:
        """``read`` is what attention makes of a state (H,) in the form ``fed``."""
        self.number, self.read = number, read
        self.form, self.directions = decoder.passed_down, decoder.directions
        self.embedding = decoder.embedding.weight.unbind()
        self.nothing = torch.zeros_like(self.embedding[0])
        from_parent = decoder.from_parent.split(decoder.width, dim=1)
        self.down = step_of(decoder.vertical, from_parent[0]) if decoder.vertical else None
        self.across = step_of(decoder.horizontal, from_parent[-1]) if decoder.horizontal else None
        self.parts = decoder.state_size // decoder.hidden

    def states(self, latent: Tensor, tree: Tree) -> list[Tensor]:
        """The states (H,) of all nodes of a tree in pre-order."""
        states: list[Tensor] = []
        self.latent, self.zero = latent, torch.zeros_like(latent)
        self.nothing_yet = [self.zero] * self.parts
        begun = [latent, *self.nothing_yet[1:]]
        heard = [self.zero, latent] if self.form == "crossed" else [latent, latent]
        across = begun if self.directions == "H" else self.nothing_yet
        self._visit(tree, begun, across, heard, (self.nothing, None), states)
        return states

    def _visit(
        self,
        node: Tree,
        v: list[Tensor],
        h: list[Tensor],
        heard: list[Tensor],
        labels: tuple[Tensor, Tensor | None],
        states: list[Tensor],
    ) -> list[Tensor]:
        """``heard`` by the two cells of the parent; ``labels`` of parent and previous sibling. Gives h."""
        outputs = []
        if self.down:
            v = self.down(labels[0], heard[0], v)
            outputs.append(v[0])
        if self.across:
            h = self.across(self._beside(*labels), heard[1], h)
            outputs.append(h[0])
        states.append(self.read(sum(outputs)))
        told = {"merged": [states[-1]] * 2, "fed": [states[-1]] * 2, "crossed": [h[0], self.latent]}
        own, before_label = self.embedding[self.number(node)], None
        starts_anew = self.directions == "VH" and self.form in ("plain", "crossed")
        before = self.nothing_yet if starts_anew else h
        for child in node.children:
            before = self._visit(child, v, before, told.get(self.form, heard), (own, before_label), states)
            before_label = self.embedding[self.number(child)]
        return h

    def _beside(self, parent: Tensor, sibling: Tensor | None) -> Tensor:
        """What the horizontal cell hears of labels: alone it also hears the parent's, where there is no sibling."""
        if self.directions == "VH":
            return self.nothing if sibling is None else sibling
        label = parent if sibling is None else sibling
        if self.form == "direction":
            return torch.cat([label, label.new_tensor([sibling is not None])])
        return label


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
