"""The doubly recurrent tree decoder of SAPS: a vertical and a horizontal LSTM that meet in every node.

    vertical    v_i = LSTM_v(x_p, m_p, v_p)     p: the parent of i; the root's is the latent vector z
    horizontal  h_i = LSTM_h(x_s, m'_p, h_s)    s: the previous sibling of i
    node        n_i = v_i + h_i

x is a label's embedding, zero where there is no parent or sibling; the parent feed says what m, m' and h_s are:

    parent feed   m_p   m'_p   h_s of a first child
    state         n_p   n_p    h_p                      doubly recurrent networks (Alvarez-Melis and Jaakkola, 2017)
    horizontal    h_p   z      zero
    latent        z     z      zero

With the horizontal LSTM alone a first child also goes on from its parent, x being the parent's label.
docs/models.md tells what each form can and cannot tell apart.

Letters: B trees, N nodes of a batch, R nodes of a step, F first children among them, H hidden size, E size of an
embedding, W width of a row. A cell's state is (R, 2H): its output, then its memory cell.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.errors import UserError
from saps.nn.schedule import Nodes, Schedule, TreeArrays, schedule_of, steps_of

Directions = Literal["V", "H", "VH"]
"""Which LSTMs there are."""
ParentFeed = Literal["state", "horizontal", "latent"]
"""What a parent feeds to its children besides its label."""


class LSTM(nn.Module):
    """One step of an LSTM without peepholes; forget gates begin open.

    a = x W + m U + y' R + b; the gates i, f, o = sigmoid(a); c = tanh(a_z) i + c' f; y = tanh(c) o. What does not
    depend on y' is added up by the caller: x W + b is ``project(x)``.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.from_input = nn.Parameter(torch.empty(inputs, 4 * hidden).uniform_(-1, 1) * inputs**-0.5)  # W
        self.recurrent = nn.Parameter(torch.empty(hidden, 4 * hidden).uniform_(-1, 1) * hidden**-0.5)  # R
        self.bias = nn.Parameter(torch.zeros(4 * hidden).index_fill(0, torch.arange(hidden, 2 * hidden), 1.0))

    def project(self, x: Tensor) -> Tensor:
        """x (R, I) -> its part of the pre-activations (R, 4H)."""
        return torch.addmm(self.bias, x, self.from_input)

    def forward(self, preactivations: Tensor, state: Tensor) -> Tensor:
        """preactivations (R, 4H), state (R, 2H) -> the next state (R, 2H)."""
        y, c = state.chunk(2, dim=1)
        gates, z = torch.addmm(preactivations, y, self.recurrent).split([3 * self.hidden, self.hidden], dim=1)
        i, f, o = gates.sigmoid().chunk(3, dim=1)
        c = z.tanh() * i + c * f
        return torch.cat([c.tanh() * o, c], dim=1)


class TreeDecoder(nn.Module):
    """The two LSTMs and the embedding of the labels."""

    def __init__(
        self, labels: int, embedding: int, hidden: int, directions: Directions = "VH", parent_feed: ParentFeed = "state"
    ) -> None:
        """Takes the number of labels, E, H, and which of the forms above it is.

        Raises:
            UserError: the parent feed needs both LSTMs.
        """
        super().__init__()
        if parent_feed != "state" and directions != "VH":
            raise UserError(f"parent_feed is {parent_feed!r}, which needs both LSTMs; directions is {directions}")
        self.hidden, self.directions, self.parent_feed = hidden, directions, parent_feed
        self.embedding = nn.Embedding(labels, embedding)
        self.vertical = LSTM(embedding, hidden) if "V" in directions else None
        self.horizontal = LSTM(embedding, hidden) if "H" in directions else None
        weights = torch.empty(hidden, len(directions) * 4 * hidden).uniform_(-1, 1) * hidden**-0.5
        self.from_parent = nn.Parameter(weights)  # U of both cells, side by side
        shared = 4 * hidden if self.horizontal and parent_feed == "state" else 0
        self.columns = [2 * hidden if self.vertical else 0, 2 * hidden if self.horizontal else 0, shared]

    def schedule(self, trees: Sequence[TreeArrays]) -> Schedule:
        """What ``forward`` wants to know of the true trees."""
        return schedule_of(trees)

    def start(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        """latent z (B, H) -> what z feeds to all nodes of a tree (B, 0 to 8H), and the rows above the roots (B, W)."""
        begun = F.pad(latent, (0, self.hidden))  # output z, memory cell zero
        fed = {"state": 0, "horizontal": 4 * self.hidden, "latent": 8 * self.hidden}[self.parent_feed]
        from_latent = latent @ self.from_parent[:, self.from_parent.shape[1] - fed :]
        v = begun[:, : self.columns[0]]
        h = begun if self.vertical is None else latent.new_zeros(len(latent), self.columns[1])
        return from_latent, torch.cat([v, h, latent.new_zeros(len(latent), self.columns[2])], dim=1)

    def step(self, from_latent: Tensor, before: Tensor, nodes: Nodes) -> tuple[Tensor, Tensor]:
        """R nodes, given the rows (Q, W) of the step before -> their states (R, H) and rows (R, W).

        A row is what a node hands on to its children and its next sibling: its v, its h, and what its own parent has
        fed to it, which is the same for its sibling.
        """
        down, across = self.from_labels(nodes.parent_label[: nodes.firsts], nodes.parent_label, nodes.sibling_label)
        return self.advance(from_latent, before, nodes, down, across)

    def from_labels(self, above: Tensor, parent: Tensor, sibling: Tensor) -> tuple[Tensor, Tensor]:
        """x W + b of the vertical cells (F, 4H) and of the horizontal ones (R, 4H), empty if there are none.

        Args:
            above: (F,) labels of the parents of first children.
            parent: (R,) labels of all parents, which the horizontal cell reads only if there is no vertical one.
            sibling: (R,) labels of the previous siblings.
        """
        beside = sibling if self.vertical else torch.where(sibling < 0, parent, sibling)
        down = self.vertical.project(self._embed(above)) if self.vertical else torch.empty(0)
        across = self.horizontal.project(self._embed(beside)) if self.horizontal else torch.empty(0)
        return down, across

    def advance(
        self, from_latent: Tensor, before: Tensor, nodes: Nodes, down: Tensor, across: Tensor
    ) -> tuple[Tensor, Tensor]:
        """``step``, given the labels' part of the pre-activations: down (F, 4H) and across (R, 4H)."""
        first = nodes.firsts
        v, h, shared = before.index_select(0, nodes.predecessor).split(self.columns, dim=1)
        to_v, to_h = self._parent_feed(from_latent, v, h, shared, nodes)
        if self.vertical:  # v depends on the parent alone: siblings take that of the first child
            v = torch.cat([self.vertical(down + to_v, v[:first]), v[first:]])
        if self.horizontal:
            if self.parent_feed != "state":  # each family begins anew
                h = F.pad(h[first:], (0, 0, first, 0))
            h = self.horizontal(across + to_h, h)
        return self._state(v, h), torch.cat([v, h, to_h[:, : self.columns[2]]], dim=1)

    def forward(self, latent: Tensor, schedule: Schedule) -> Tensor:
        """Teacher forcing: latent z (B, H) and the true trees -> the states (N, H) of all their nodes."""
        (from_latent, rows), states = self.start(latent), []
        for nodes in steps_of(schedule):
            found, rows = self.step(from_latent, rows, nodes)
            states.append(found)
        return torch.cat(states)

    def _parent_feed(
        self, from_latent: Tensor, v: Tensor, h: Tensor, shared: Tensor, nodes: Nodes
    ) -> tuple[Tensor, Tensor]:
        """m U (F, 4H) for the vertical cells of first children, m' U' (R, 4H) for the horizontal cells of all."""
        first, width = nodes.firsts, 4 * self.hidden
        if self.parent_feed == "state":
            new = self._state(v[:first], h[:first]) @ self.from_parent
            return new[:, :width], torch.cat([new[:, -width:][:, : self.columns[2]], shared[first:]])
        fed = from_latent.index_select(0, nodes.tree)
        if self.parent_feed == "horizontal":
            return h[:first, : self.hidden] @ self.from_parent[:, :width], fed
        return fed[:first, :width], fed[:, width:]

    def _state(self, v: Tensor, h: Tensor) -> Tensor:
        """n (R, H) of v and h (R, 2H), of which one may be (R, 0)."""
        outputs = [state[:, : self.hidden] for state in (v, h) if state.shape[1]]
        return outputs[0] + outputs[1] if len(outputs) == 2 else outputs[0]

    def _embed(self, label: Tensor) -> Tensor:
        """label (R,) -> x (R, E), zero for START."""
        return self.embedding(label.clamp(min=0)).masked_fill((label < 0)[:, None], 0.0)
