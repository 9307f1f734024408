"""The tree decoder and the readout once more, node by node, straight from their equations.

It stands in the package, and not among the tests that hold the fast decoder to it, so that ``saps bench`` runs wherever
saps is installed.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from saps.lang.trees import Tree
from saps.nn.attention import AdditiveAttention
from saps.nn.readout import LabelReadout
from saps.nn.tree_decoder import LSTM, TreeDecoder

State = tuple[Tensor, Tensor]
"""Output and memory cell of an LSTM (H,)."""

Write = Callable[[Tensor, Any], tuple[int, Sequence[Any]]]
"""The state (H,) of a node, and what stands for the node -> the number of its label, and what stands for its children.
"""


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
        """Takes the decoder, and what gives the number of a node's label."""
        self.number = number
        self.feed, self.directions = decoder.parent_feed, decoder.directions
        self.embedding = decoder.embedding.weight.unbind()
        self.nothing = torch.zeros_like(self.embedding[0])
        from_parent = decoder.from_parent.split(4 * decoder.hidden, dim=1)
        self.down = step_of(decoder.vertical, from_parent[0]) if decoder.vertical else None
        self.across = step_of(decoder.horizontal, from_parent[-1]) if decoder.horizontal else None

    def states(self, latent: Tensor, tree: Tree) -> list[Tensor]:
        """Teacher forcing: the states (H,) of all nodes of a tree in pre-order."""
        states: list[Tensor] = []

        def write(state: Tensor, node: Tree) -> tuple[int, Sequence[Tree]]:
            states.append(state)
            return self.number(node), node.children

        self.walk(latent, tree, write)
        return states

    def walk(self, latent: Tensor, root: Any, write: Write) -> None:
        """From the latent vector z (H,) through a tree in pre-order, whose labels ``write`` knows or chooses."""
        self.latent, zero = latent, torch.zeros_like(latent)
        self.zeros = (zero, zero)
        begun = (latent, zero)
        fed = (zero, latent) if self.feed == "horizontal" else (latent, latent)
        across = begun if self.directions == "H" else self.zeros
        self._visit(root, begun, across, fed, (self.nothing, None), write)

    def _visit(
        self,
        node: Any,
        v: State,
        h: State,
        fed: tuple[Tensor, Tensor],
        labels: tuple[Tensor, Tensor | None],
        write: Write,
    ) -> tuple[State, Tensor]:
        """``fed`` by the parent to the two cells; ``labels`` of parent and previous sibling. Gives h and the label."""
        outputs = []
        if self.down:
            v = self.down(labels[0], fed[0], v)
            outputs.append(v[0])
        if self.across:
            h = self.across(self._beside(*labels), fed[1], h)
            outputs.append(h[0])
        state = outputs[0] + outputs[1] if len(outputs) == 2 else outputs[0]
        number, children = write(state, node)
        feed = {"state": (state, state), "horizontal": (h[0], self.latent), "latent": fed}[self.feed]
        own, before_label = self.embedding[number], None
        before = h if self.feed == "state" else self.zeros
        for child in children:
            before, before_label = self._visit(child, v, before, feed, (own, before_label), write)
        return h, own

    def _beside(self, parent: Tensor, sibling: Tensor | None) -> Tensor:
        """What the horizontal cell hears of labels: alone it also hears the parent's, where there is no sibling."""
        if self.directions == "VH":
            return self.nothing if sibling is None else sibling
        return parent if sibling is None else sibling


def attended(readout: LabelReadout, states: Tensor, words: Tensor) -> Tensor:
    """States (H,), or (n, H), of a tree after they have read the encoder's outputs (S, M) of its text, without padding.

    As the equations have it, keys included: who reads one text many times does better with ``read_by``.
    """
    return read_by(readout, states, words, keys_of(readout, words))


def keys_of(readout: LabelReadout, words: Tensor) -> Tensor:
    """The encoder's outputs (S, M) -> the keys (S, A) of the words; nothing is to be known without attention."""
    return words if readout.attention is None else words @ readout.attention.to_key.weight.t()


def read_by(readout: LabelReadout, states: Tensor, words: Tensor, keys: Tensor) -> Tensor:
    """As ``attended``, with the keys (S, A) of the words."""
    attention = readout.attention
    if attention is None:
        return states
    query = states @ attention.to_query.weight.t()
    if isinstance(attention, AdditiveAttention):
        scores = torch.tanh(keys + query[..., None, :]) @ attention.to_score.weight[0]
    else:
        scores = query @ keys.t() / query.shape[-1] ** 0.5
    context = scores.softmax(-1) @ words
    if readout.merge is None:
        forwards, backwards = context.chunk(2, dim=-1)
        return states + forwards + backwards
    return torch.tanh(torch.cat([states, context], dim=-1) @ readout.merge.weight.t())
