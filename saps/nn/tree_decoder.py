"""The doubly recurrent decoder of SAPS: a vertical and a horizontal recurrence that meet in every node.

Letters: R nodes of a wave or of a batch, Q rows of the wave before, H hidden size, W width of a cell's state, K cells,
V labels, B trees.

    vertical    v_i = cell_v([x_p(i); m_p(i)], v_p(i))    p(i): the parent; the root starts from the latent vector z
    horizontal  h_i = cell_h([x_s(i); m_p(i)], h_s(i))    s(i): the previous sibling, for a first child its parent
    node        s_i = v_i + h_i

x is a label's embedding (zero where there is no parent or sibling). Two settings say which tree it is: ``directions``
and ``passed_down``, the m that a parent hands to its children. docs/models.md tells what each form can express.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.nn.cells import CELLS, CellKind

Directions = Literal["V", "H", "VH"]
"""Which recurrences there are. H alone serves both directions: a first child goes on from its parent's state."""
PassedDown = Literal["merged", "plain", "direction", "crossed", "fed"]
"""What m_p is: the parent's state (merged); z (plain); z, and one bit of H's input says whether the state comes from
the parent or from a sibling (direction); the parent's horizontal output for the vertical cell and z for the horizontal
one (crossed); the parent's state after attention (fed)."""
Attend = Callable[[Tensor, Tensor], Tensor]
"""States (R, H) of nodes and the tree of each (R,) -> the states after they have read the text (R, H)."""

_START_ANEW = ("plain", "crossed")  # forms of VH in which the horizontal state of a first child begins at zero


class WavePlan(Protocol):
    """What the decoder reads of the plan of a batch of trees; ``saps.batches.plan.Plan`` explains each."""

    @property
    def parent_label(self) -> Tensor: ...  # (R,)
    @property
    def sibling_label(self) -> Tensor: ...  # (R,)
    @property
    def tree(self) -> Tensor: ...  # (R,)
    @property
    def source(self) -> Tensor: ...  # (R,)
    @property
    def carried(self) -> Tensor: ...  # (R,)
    @property
    def starts(self) -> tuple[int, ...]: ...  # (T + 1,)


class Wave(NamedTuple):
    """The states of R nodes, and those of their parents, carried along for their next siblings."""

    vertical: Tensor  # (R, ...) what children get of their parent: the state of the vertical cell if any, and m
    horizontal: Tensor  # (R, ...) what a node gets of its source: the state of the horizontal cell if any
    parent: Tensor  # (R, ...) ``vertical`` of the parent


def complaint(directions: Directions, passed_down: PassedDown) -> str | None:
    """Why two settings do not go together, if they do not."""
    if passed_down == "crossed" and directions != "VH":
        return f"passed_down is 'crossed', which needs both recurrences; --model.directions is {directions}, not VH"
    if passed_down == "direction" and directions != "H":
        return f"passed_down is 'direction', a bit in the input of H; --model.directions is {directions}, not H"
    return None


class TreeDecoder(nn.Module):
    """The cells, computed as one batched product a wave; label inputs are projected outside the loop."""

    def __init__(
        self,
        labels: int,
        embedding: int,
        hidden: int,
        passed_down: PassedDown,
        directions: Directions = "VH",
        cell: CellKind = "lstm",
    ) -> None:
        """Takes the number of labels, the size of their vectors, H, and the settings of the module's docstring."""
        super().__init__()
        self.hidden = hidden
        self.passed_down, self.directions = passed_down, directions
        self.embedding = nn.Embedding(labels, embedding)
        has_bit = passed_down == "direction"
        self.cells = CELLS[cell](embedding + has_bit, hidden, copies=len(directions), beside=hidden)

    def start(self, latent: Tensor) -> Wave:
        """latent (B, H) -> the wave before the roots: one row a tree, its state and m being the latent vector."""
        state = F.pad(latent, (0, self.cells.state_size - self.hidden))  # (B, W): output z, the rest zero
        m = torch.cat([torch.zeros_like(latent), latent], dim=1) if self.passed_down == "crossed" else latent
        if self.directions == "H":
            return Wave(m, state, m)
        vertical = torch.cat([state, m], dim=1)
        horizontal = torch.zeros_like(state) if self.directions == "VH" else state[:, :0]
        return Wave(vertical, horizontal, vertical)

    def label_tables(self) -> Tensor:
        """The share of every label in the gates of each cell, (K, V + 1, G * H); the last row is that of START.

        With the direction bit the rows stand twice: for labels of parents, then for labels of siblings.
        """
        table = F.pad(self.embedding.weight, (0, 0, 0, 1))
        if self.passed_down == "direction":
            table = torch.cat([F.pad(table, (0, 1), value=bit) for bit in (0.0, 1.0)])
        return self.cells.project(table)

    def label_gates(self, tables: Tensor, parent_label: Tensor, sibling_label: Tensor) -> Tensor:
        """Labels of parents and siblings (R,), START being -1 -> their share in the gates (K, R, G * H)."""
        if self.directions == "H":
            label = torch.where(sibling_label < 0, parent_label, sibling_label)
            if self.passed_down == "direction":
                rows = tables.shape[1] // 2
                label = label % rows + rows * (sibling_label >= 0)
            labels = [label]
        else:
            labels = [parent_label, sibling_label][: len(self.directions)]
        pairs = zip(labels, tables.unbind(), strict=True)
        return torch.stack([F.embedding(label % len(table), table) for label, table in pairs])  # -1 is the last row

    def step(
        self,
        before: Wave,
        source: Tensor,
        carried: Tensor,
        label_gates: Tensor,
        read: Callable[[Tensor], Tensor] | None,
    ) -> tuple[Tensor, Wave]:
        """One wave from the wave before it: the states of its nodes (R, H), and the wave.

        ``source`` (R,) names the row of a node's source (parent or previous sibling), ``carried`` (R,) the row of its
        parent in [vertical; parent] of the wave before, ``label_gates`` is (K, R, G * H). Where ``read`` is given,
        it is applied to the states (R, H) before they are passed down and given back.
        """
        parent = torch.cat([before.vertical, before.parent]).index_select(0, carried)  # (2Q, ...) -> (R, ...)
        beside = before.horizontal.index_select(0, source)  # (R, ...)
        if self.directions == "VH" and self.passed_down in _START_ANEW:
            beside = beside.masked_fill((carried < len(before.horizontal))[:, None], 0.0)  # first children
        if self.directions == "H":
            m, states = parent, beside[None]
        else:
            v, m = parent.split([self.cells.state_size, parent.shape[1] - self.cells.state_size], dim=1)
            states = v[None] if self.directions == "V" else torch.stack([v, beside])  # (K, R, W)
        heard = m.unflatten(1, (-1, self.hidden)).transpose(0, 1).expand(len(states), -1, -1)  # (K, R, H)
        states = self.cells(label_gates, states, heard)
        outputs = self.cells.output(states)  # (K, R, H)
        nodes = outputs.sum(dim=0)  # (R, H)
        nodes = nodes if read is None else read(nodes)
        return nodes, self._wave(states, self._message(nodes, outputs, m), parent)

    def _message(self, nodes: Tensor, outputs: Tensor, heard: Tensor) -> Tensor:
        """What R nodes tell their children (R, ...), having heard ``heard`` themselves."""
        if self.passed_down in ("merged", "fed"):
            return nodes
        if self.passed_down == "crossed":
            return torch.cat([outputs[1], heard[:, self.hidden :]], dim=1)
        return heard

    def _wave(self, states: Tensor, message: Tensor, parent: Tensor) -> Wave:
        """The rows that the next wave reads."""
        if self.directions == "H":
            return Wave(message, states[0], parent)
        first, *rest = states.unbind()
        return Wave(torch.cat([first, message], dim=1), rest[0] if rest else first[:, :0], parent)

    def forward(self, latent: Tensor, plan: WavePlan, attend: Attend | None = None) -> Tensor:
        """Teacher forcing: latent (B, H) and the plan of the true trees -> the states (R, H) of all their nodes.

        ``attend`` is for the form ``fed``: there attention is part of the recurrence.
        """
        widths = [end - start for start, end in zip(plan.starts[:-1], plan.starts[1:], strict=True)]
        gates = self.label_gates(self.label_tables(), plan.parent_label, plan.sibling_label)
        wave, states = self.start(latent), []
        # split once: a slice inside the loop would cost a whole gradient a wave
        columns = zip(*(column.split(widths) for column in (plan.source, plan.carried, plan.tree)), strict=True)
        for (source, carried, tree), share in zip(columns, gates.split(widths, dim=1), strict=True):
            read = None if attend is None else lambda nodes, tree=tree: attend(nodes, tree)
            nodes, wave = self.step(wave, source, carried, share, read)
            states.append(nodes)
        return torch.cat(states)
