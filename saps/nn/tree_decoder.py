"""The doubly recurrent decoder of SAPS: a vertical and a horizontal recurrence that meet in every node.

Letters: R nodes of a wave or of a batch, Q rows of the wave before, H hidden size, W width of a cell's state, K cells,
V labels, B trees, T waves, G width of what a cell adds up (4H for an LSTM).

    vertical    v_i = cell_v([x_p(i); m_p(i)], v_p(i))    p(i): the parent; the root starts from the latent vector z
    horizontal  h_i = cell_h([x_s(i); m_p(i)], h_s(i))    s(i): the previous sibling, for a first child its parent
    node        s_i = v_i + h_i

x is a label's embedding (zero where there is no parent or sibling). Two settings say which tree it is: ``directions``
and ``passed_down``, the m that a parent hands to its children. docs/models.md tells what each form can express.

Siblings hear the same of their parent: x_p, m_p and v_p. So v_i is the same for all of them, and so is the share of m_p
in the gates of h_i. Both are computed once a family, by the first child, and handed on.
"""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.nn.cells import CELLS, Cell, CellKind
from saps.nn.two_passes import PassesPlan, horizontal_pass, vertical_pass

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
    def starts(self) -> tuple[int, ...]: ...  # (T + 1,)
    @property
    def firsts(self) -> tuple[int, ...]: ...  # (T,) how many rows of each wave are first children; they stand first
    @property
    def passes(self) -> PassesPlan: ...


class Wave(NamedTuple):
    """What R nodes leave to the wave after them. Columns that a network has no use for are (R, 0)."""

    vertical: Tensor  # (R, W) state of the vertical cell, the same for all siblings
    share: Tensor  # (R, G) what m of the parent adds to the gates of the horizontal cell; alike for siblings, or all
    horizontal: Tensor  # (R, W) state of the horizontal cell
    handed: Tensor  # (R, H) m, which the children will hear


def complaint(directions: Directions, passed_down: PassedDown) -> str | None:
    """Why two settings do not go together, if they do not."""
    if passed_down == "crossed" and directions != "VH":
        return f"passed_down is 'crossed', which needs both recurrences; --model.directions is {directions}, not VH"
    if passed_down == "direction" and directions != "H":
        return f"passed_down is 'direction', a bit in the input of H; --model.directions is {directions}, not H"
    return None


class _Part(NamedTuple):
    """The nodes of one wave: F first children, then the others."""

    parents: Tensor  # (F,) row of the parent in the wave before
    siblings: Tensor  # (R - F,) row of the previous sibling
    source: Tensor  # (R,) both
    tree: Tensor  # (R,)
    down: Tensor  # (F, G) share of the parents' labels in the gates of the vertical cell
    across: Tensor  # (R, G) share of the labels beside in the gates of the horizontal cell


class TreeDecoder(nn.Module):
    """The two cells. Labels are projected once for the whole vocabulary, outside the loop over waves."""

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
        self.hidden, self.passed_down, self.directions = hidden, passed_down, directions
        self.starts_anew = directions == "VH" and passed_down in _START_ANEW
        self.embedding = nn.Embedding(labels, embedding)
        self.state_size = CELLS[cell].parts * hidden
        self.vertical = CELLS[cell](embedding, hidden) if "V" in directions else None
        has_bit = passed_down == "direction"
        self.horizontal = CELLS[cell](embedding + has_bit, hidden) if "H" in directions else None
        self.width = len(CELLS[cell].blocks) * hidden  # G
        weights = torch.empty(hidden, len(directions) * self.width).uniform_(-1, 1) * hidden**-0.5
        self.from_parent = nn.Parameter(weights)  # the share of m in the gates of both cells

    def start(self, latent: Tensor) -> Wave:
        """latent (B, H) -> the wave before the roots: one row a tree, its state and m being the latent vector."""
        state = F.pad(latent, (0, self.state_size - self.hidden))  # (B, W): output z, the rest zero
        m = torch.zeros_like(latent) if self.passed_down == "crossed" else latent
        share = latent.new_zeros(len(latent), self.width if self.horizontal else 0)
        if self.starts_anew:  # m of the horizontal cell is z throughout
            share = latent @ self.from_parent[:, self.width :]
        if self.vertical is None:
            return Wave(state[:, :0], share, state, m)
        return Wave(state, share, torch.zeros_like(state) if self.horizontal else state[:, :0], m)

    def tables(self) -> tuple[Tensor, ...]:
        """What depends on the weights alone: the share of every label in the gates of each cell; the weights of m.

        A table is (V + 1, G), the last row being that of START. With the direction bit the rows stand twice: for labels
        of parents, then for labels of siblings. The weights are (H, G) for each cell that hears something new of a
        parent, side by side.
        """
        labels = F.pad(self.embedding.weight, (0, 0, 0, 1))
        tables = [self.vertical.project(labels)[0]] if self.vertical else []
        if self.horizontal:
            if self.passed_down == "direction":
                labels = torch.cat([F.pad(labels, (0, 1), value=bit) for bit in (0.0, 1.0)])
            tables.append(self.horizontal.project(labels)[0])
        return (*tables, self.from_parent[:, : self.width] if self.starts_anew else self.from_parent)

    def step(
        self,
        tables: tuple[Tensor, ...],
        before: Wave,
        firsts: int,
        source: Tensor,
        tree: Tensor,
        parent_label: Tensor,
        sibling_label: Tensor,
        attend: Attend | None = None,
    ) -> tuple[Tensor, Wave]:
        """One wave from the wave before it: the states of its nodes (R, H), and the wave.

        The first ``firsts`` rows are first children, the others are not. ``source`` (R,) names the row of a node's
        parent or previous sibling, ``tree`` (R,) its tree. Where ``attend`` is given, it is applied to the states
        before they are passed down and given back.
        """
        down = across = tables[0][:0]
        if self.vertical:
            down = _entries(tables[0], parent_label[:firsts])
        if self.horizontal:
            across = self._beside(tables[len(self.directions) - 1], parent_label, sibling_label)
        part = _Part(source[:firsts], source[firsts:], source, tree, down, across)
        return self._wave(before, part, tables, attend)

    def forward(self, latent: Tensor, plan: WavePlan, attend: Attend | None = None) -> Tensor:
        """Teacher forcing: latent (B, H) and the plan of the true trees -> the states (R, H) of all their nodes.

        ``attend`` is for the form ``fed``: there attention is part of the recurrence.
        """
        tables = self.tables()
        if self.starts_anew:
            return self._in_two_passes(latent, plan.passes, tables)
        wave, states = self.start(latent), []
        for part in self._parts(tables, plan):
            nodes, wave = self._wave(wave, part, tables, attend)
            states.append(nodes)
        return torch.cat(states)

    def _in_two_passes(self, latent: Tensor, plan: PassesPlan, tables: tuple[Tensor, ...]) -> Tensor:
        """As ``forward``, for the forms in which no horizontal state waits for a vertical one."""
        assert self.vertical is not None
        assert self.horizontal is not None
        start, from_parent = self.start(latent), tables[-1]
        line = horizontal_pass(self.horizontal, tables[1], start.share, plan)[:, : self.hidden]
        if self.passed_down == "plain":
            heard = (latent @ from_parent).index_select(0, plan.family_tree)
        else:  # the roots hear nothing
            heard = F.pad(line.index_select(0, plan.parent_line) @ from_parent, (0, 0, len(latent), 0))
        vertical = vertical_pass(self.vertical, tables[0], heard, start.vertical, plan)[:, : self.hidden]
        return vertical.index_select(0, plan.family) + line.index_select(0, plan.line)

    def _parts(self, tables: tuple[Tensor, ...], plan: WavePlan) -> Iterator[_Part]:
        """The plan wave by wave. Columns are split once: a slice a wave would cost a whole gradient each."""
        widths = [end - start for start, end in zip(plan.starts[:-1], plan.starts[1:], strict=True)]
        families = [count for first, width in zip(plan.firsts, widths, strict=True) for count in (first, width - first)]
        sources = plan.source.split(families)
        down = across = (plan.source[:0],) * len(widths)
        if self.vertical:
            labels = plan.parent_label[plan.sibling_label < 0]
            down = _entries(tables[0], labels).split(list(plan.firsts))
        if self.horizontal:
            shares = self._beside(tables[len(self.directions) - 1], plan.parent_label, plan.sibling_label)
            across = shares.split(widths)
        columns = (sources[::2], sources[1::2], plan.source.split(widths), plan.tree.split(widths), down, across)
        return (_Part(*column) for column in zip(*columns, strict=True))

    def _wave(
        self, before: Wave, part: _Part, tables: tuple[Tensor, ...], attend: Attend | None
    ) -> tuple[Tensor, Wave]:
        """One wave: what siblings have in common is computed for the first and read from the one before by the rest."""
        v, share, h, m = before
        heard = (m.index_select(0, part.parents) @ tables[-1]).split(self.width, dim=1)  # (F, G) a cell
        m = m.index_select(0, part.source)
        if self.vertical:
            first = _alone(self.vertical, part.down + heard[0], v.index_select(0, part.parents))
            v = torch.cat([first, v.index_select(0, part.siblings)])
        if self.horizontal:
            if self.starts_anew:
                share = share.index_select(0, part.source)
                h = F.pad(h.index_select(0, part.siblings), (0, 0, len(part.parents), 0))
            else:
                share = torch.cat([heard[-1], share.index_select(0, part.siblings)])
                h = h.index_select(0, part.source)
            h = _alone(self.horizontal, part.across + share, h)
        nodes, m = self._meet(v, h, m, None if attend is None else lambda nodes: attend(nodes, part.tree))
        return nodes, Wave(v, share, h, m)

    def _beside(self, table: Tensor, parent_label: Tensor, sibling_label: Tensor) -> Tensor:
        """The share (R, G) of the labels (R,) that the horizontal cell hears; alone, it also hears the parent's."""
        if self.directions == "VH":
            return _entries(table, sibling_label)
        label = torch.where(sibling_label < 0, parent_label, sibling_label)
        if self.passed_down == "direction":
            rows = len(table) // 2
            label = label % rows + rows * (sibling_label >= 0)
        return _entries(table, label)

    def _meet(self, v: Tensor, h: Tensor, m: Tensor, read: Callable[[Tensor], Tensor] | None) -> tuple[Tensor, Tensor]:
        """States of the cells (R, W), and m of the parents -> s = v + h of the nodes (R, H), and m of their own."""
        outputs = [state[:, : self.hidden] for state in (v, h) if state.shape[1]]
        nodes = outputs[0] + outputs[1] if len(outputs) == 2 else outputs[0]
        nodes = nodes if read is None else read(nodes)
        if self.passed_down in ("merged", "fed"):
            return nodes, nodes
        return nodes, outputs[1] if self.passed_down == "crossed" else m


def _alone(cell: Cell, share: Tensor, state: Tensor) -> Tensor:
    """One step of a cell that stands alone: share (R, G), state (R, W) -> the next state (R, W)."""
    return cell(share[None], state[None])[0]


def _entries(table: Tensor, labels: Tensor) -> Tensor:
    """table (V + 1, G), labels (R,), START being -1 -> their rows (R, G)."""
    return F.embedding(labels % len(table), table)
