"""The doubly recurrent decoder of SAPS: a vertical and a horizontal LSTM that meet in every node.

Letters: R nodes of a wave or of a batch, H hidden size, V labels, B trees.

    vertical    v_i = LSTM_v([x_p(i); m_p(i)], v_p(i))    p(i): the parent; the root starts from the latent vector z
    horizontal  h_i = LSTM_h([x_s(i); m_p(i)], h_s(i))    s(i): the previous sibling, for a first child its parent
    node        s_i = v_i + h_i

x is a label's embedding (zero where there is no parent or sibling). What is passed down is a setting. ``merged``: m_p
is the parent's state s_p(i), which knows both directions. ``plain`` (DRNN, Alvarez-Melis and Jaakkola, 2017): m_p is z,
and the horizontal state of a first child begins at zero, so that two nodes whose ancestors have equal labels at
different positions cannot be told apart.
"""

from typing import Literal, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PassedDown = Literal["merged", "plain"]


class WavePlan(Protocol):
    """What the decoder reads of the plan of a batch of trees; ``saps.batches.plan.Plan`` explains each."""

    @property
    def parent_label(self) -> Tensor: ...  # (R,)
    @property
    def sibling_label(self) -> Tensor: ...  # (R,)
    @property
    def source(self) -> Tensor: ...  # (R,)
    @property
    def carried(self) -> Tensor: ...  # (R,)
    @property
    def starts(self) -> tuple[int, ...]: ...  # (T + 1,)


class Wave(NamedTuple):
    """The states of R nodes, and those of their parents, carried along for their next siblings."""

    vertical: Tensor  # (R, 3H) output and cell of the vertical LSTM, and m, what the children's cells see
    horizontal: Tensor  # (R, 2H) output and cell of the horizontal LSTM
    parent: Tensor  # (R, 3H) ``vertical`` of the parent


class TreeDecoder(nn.Module):
    """The two cells, computed as one batched product a wave; label inputs are projected outside the loop."""

    def __init__(self, labels: int, embedding: int, hidden: int, passed_down: PassedDown) -> None:
        super().__init__()
        self.hidden = hidden
        self.passed_down = passed_down
        self.embedding = nn.Embedding(labels, embedding)
        self.from_labels = nn.ModuleList(nn.Linear(embedding, 4 * hidden) for _ in range(2))  # vertical, horizontal
        self.recurrent = nn.Parameter(torch.empty(2, 2 * hidden, 4 * hidden))
        self._reset()

    def _reset(self) -> None:
        nn.init.uniform_(self.recurrent, -(self.hidden**-0.5), self.hidden**-0.5)
        forget_open = torch.zeros(4 * self.hidden)  # gates: input, forget, output, cell input
        forget_open[self.hidden : 2 * self.hidden] = 1.0
        for linear in self.from_labels.children():
            linear.load_state_dict({"bias": forget_open}, strict=False)

    def start(self, latent: Tensor) -> Wave:
        """latent (B, H) -> the wave before the roots: one row a tree, its vertical state and m being the latent."""
        zeros = torch.zeros_like(latent)
        vertical = torch.cat([latent, zeros, latent], dim=1)
        return Wave(vertical, torch.cat([zeros, zeros], dim=1), vertical)

    def label_tables(self) -> tuple[Tensor, Tensor]:
        """The share of every label in the gates of both cells, 2 x (V + 1, 4H); the last row is that of START."""
        table = F.pad(self.embedding.weight, (0, 0, 0, 1))
        vertical, horizontal = self.from_labels
        return vertical(table), horizontal(table)

    def label_gates(self, tables: tuple[Tensor, ...], parent_label: Tensor, sibling_label: Tensor) -> Tensor:
        """Labels of parents and siblings (R,), START being -1 -> their share in the gates (2, R, 4H)."""
        rows = len(tables[0])  # -1 % rows is the last row
        pairs = zip((parent_label, sibling_label), tables, strict=True)
        return torch.stack([F.embedding(label % rows, table) for label, table in pairs])

    def step(self, before: Wave, source: Tensor, carried: Tensor, label_gates: Tensor) -> Wave:
        """One wave from the wave before it, which has Q rows.

        ``source`` (R,) names the row of a node's source (parent or previous sibling), ``carried`` (R,) the row of its
        parent in [vertical; parent] of the wave before, ``label_gates`` is (2, R, 4H).
        """
        parent = torch.cat([before.vertical, before.parent]).index_select(0, carried)  # (2Q, 3H) -> (R, 3H)
        v, v_cell, m = parent.chunk(3, dim=1)
        beside = before.horizontal.index_select(0, source)  # (R, 2H)
        if self.passed_down == "plain":
            beside = beside.masked_fill((carried < len(before.horizontal))[:, None], 0.0)  # first children begin anew
        h, h_cell = beside.chunk(2, dim=1)
        inputs = torch.stack([torch.cat([v, m], dim=1), torch.cat([h, m], dim=1)])  # (2, R, 2H)
        gates = torch.baddbmm(label_gates, inputs, self.recurrent)  # (2, R, 4H)
        i, f, o = gates[:, :, : 3 * self.hidden].sigmoid().chunk(3, dim=2)  # (2, R, H) each
        cell = f * torch.stack([v_cell, h_cell]) + i * gates[:, :, 3 * self.hidden :].tanh()
        (v, h), (v_cell, h_cell) = o * cell.tanh(), cell
        passed = v + h if self.passed_down == "merged" else m
        return Wave(torch.cat([v, v_cell, passed], dim=1), torch.cat([h, h_cell], dim=1), parent)

    def node_states(self, wave: Wave) -> Tensor:
        """s = v + h of every node of a wave, (R, H)."""
        return wave.vertical[:, : self.hidden] + wave.horizontal[:, : self.hidden]

    def forward(self, latent: Tensor, plan: WavePlan) -> Tensor:
        """Teacher forcing: latent (B, H) and the plan of the true trees -> the states (R, H) of all their nodes."""
        widths = [end - start for start, end in zip(plan.starts[:-1], plan.starts[1:], strict=True)]
        gates = self.label_gates(self.label_tables(), plan.parent_label, plan.sibling_label)
        wave, states = self.start(latent), []
        # split once: a slice inside the loop would cost a whole gradient a wave
        for source, carried, share in zip(
            plan.source.split(widths), plan.carried.split(widths), gates.split(widths, dim=1), strict=True
        ):
            wave = self.step(wave, source, carried, share)
            states.append(self.node_states(wave))
        return torch.cat(states)
