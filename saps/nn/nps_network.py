"""The tree network of Neural Program Search (Polosukhin and Skidanov, 2018): attention inside each recurrence.

Letters: R nodes of a wave or of a batch, Q rows of the wave before, B trees, S words, N nodes of the largest tree,
H size of everything, W width of a cell's state, M width of a word's memory, V labels.

    x_p, x_s   embeddings of the labels of the parent p(i) and of the previous sibling s(i); zero where there is none
    r          attention over the words of the text, asked by x
    c          tanh([r; x] W_c)                          one c for the parent, one for the sibling
    h_i        U_p g_p(h_p(i), c_p) + U_s g_s(h_s(i), c_s)
    label      softmax(E h_i), E being the table of embeddings

h_p(i) and h_s(i) are the states of parent and sibling, each of which has heard both recurrences; the root's parent is
the encoder's last state, a first child's sibling is zero. The questions to the text depend on labels alone, so with a
teacher they are asked for all nodes of a batch at once, and a wave is left with the two cells.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.nn.attention import Attention, Memory
from saps.nn.cells import CELLS, CellKind
from saps.nn.rows import read_rows
from saps.nn.tree_decoder import Wave
from saps.nn.tree_network import Nodes, Tables, TreeNetwork, TreePlan


class NPSNetwork(TreeNetwork):
    """Two cells with attention inside, and an output layer tied to the label embedding."""

    def __init__(
        self, labels: int, size: int, memory: int, attention: Attention, cell: CellKind, dropout: float
    ) -> None:
        """Takes V, H, M, the attention (questions of width H), and which cell g is (GRU in the paper)."""
        super().__init__()
        self.embedding = nn.Embedding(labels, size)
        nn.init.normal_(self.embedding.weight, std=size**-0.5)  # it also makes the scores
        self.attention = attention
        self.to_input = nn.Linear(memory + size, size, bias=False)  # W_c
        self.cells = CELLS[cell](size, size, copies=2)  # g_p and g_s
        self.mixed = nn.Parameter(torch.empty(2, size, size).uniform_(-1, 1) * size**-0.5)  # U_p and U_s
        self.dropout = nn.Dropout(dropout)

    def prepare(self, values: Tensor, mask: Tensor) -> Memory:
        """As ``TreeNetwork.prepare``."""
        return self.attention.prepare(values, mask)

    def tables(self) -> Tables:
        """The embeddings of all labels and, as the last row, of START."""
        return (F.pad(self.embedding.weight, (0, 0, 0, 1)),)

    def start(self, latent: Tensor) -> Wave:
        """latent (B, H) -> the wave before the roots."""
        state = F.pad(latent, (0, self.cells.state_size - latent.shape[1]))  # (B, W)
        nothing = latent[:, :0]
        return Wave(nothing, state, state, nothing)

    def step(self, tables: Tables, before: Wave, nodes: Nodes, memory: Memory | None) -> tuple[Tensor, Wave]:
        """As ``TreeNetwork.step``."""
        labels = torch.stack([nodes.parent_label, nodes.sibling_label], dim=1)  # (R, 2)
        x = F.embedding(labels % len(tables[0]), tables[0])  # (R, 2, H)
        twice = nodes.tree.repeat_interleave(2)  # (2R,)
        read = read_rows(self.attention, x.flatten(0, 1), twice, _needed(memory)).unflatten(0, (-1, 2))  # (R, 2, M)
        wave = self._wave(before, nodes.firsts, nodes.source, self._shares(x, read))
        return self._scores(wave.horizontal), wave

    def forward(self, latent: Tensor, plan: TreePlan, memory: Memory | None) -> Tensor:
        """As ``TreeNetwork.forward``."""
        (table,) = self.tables()
        shares = self._all_shares(table, plan, _needed(memory))  # (2, R, G * H)
        widths = [end - start for start, end in zip(plan.starts[:-1], plan.starts[1:], strict=True)]
        wave, states = self.start(latent), []
        # split once: a slice inside the loop would cost a whole gradient a wave
        for firsts, source, share in zip(
            plan.firsts, plan.source.split(widths), shares.split(widths, dim=1), strict=True
        ):
            wave = self._wave(wave, firsts, source, share)
            states.append(wave.horizontal)
        return self._scores(torch.cat(states))

    def _all_shares(self, table: Tensor, plan: TreePlan, memory: Memory) -> Tensor:
        """What the cells of all nodes hear from labels and text (2, R, G * H), asked on a grid of B texts, 2N nodes."""
        trees = len(memory.mask)
        x = [F.embedding(label % len(table), table) for label in (plan.parent_label, plan.sibling_label)]  # (R, H)
        grids = [labels.new_zeros(trees * plan.nodes, labels.shape[1]).index_copy(0, plan.slot, labels) for labels in x]
        questions = torch.cat([grid.unflatten(0, (trees, plan.nodes)) for grid in grids], dim=1)  # (B, 2N, H)
        read = self.attention(questions, memory).unflatten(1, (2, plan.nodes))  # (B, 2, N, M)
        of_nodes = read.transpose(1, 2).flatten(0, 1).index_select(0, plan.slot)  # (R, 2, M)
        return self._shares(torch.stack(x, dim=1), of_nodes)

    def _shares(self, x: Tensor, read: Tensor) -> Tensor:
        """Embeddings (R, 2, H) and what was read (R, 2, M) -> the share of c in the cells (2, R, G * H)."""
        c = torch.tanh(self.to_input(torch.cat([read, x], dim=2)))  # (R, 2, H)
        return self.cells.project(self.dropout(c).transpose(0, 1))

    def _wave(self, before: Wave, firsts: int, source: Tensor, share: Tensor) -> Wave:
        """The states of R nodes from the wave before; rows as in ``Nodes``.

        Of a ``Wave`` it uses two columns: ``horizontal`` is the state of a node, ``share`` that of its parent.
        """
        states = before.horizontal.index_select(0, source)  # (R, W) of the sources
        parent = torch.cat([states[:firsts], before.share.index_select(0, source[firsts:])])
        sibling = F.pad(states[firsts:], (0, 0, firsts, 0))
        states = self.cells(share, torch.stack([parent, sibling]))  # (2, R, W)
        parts = states.unflatten(2, (-1, self.mixed.shape[1])).flatten(1, 2)  # (2, R * W / H, H)
        state = torch.bmm(parts, self.mixed).sum(dim=0).view_as(parent)  # (R, W)
        return Wave(state[:, :0], parent, state, state[:, :0])

    def _scores(self, states: Tensor) -> Tensor:
        """states (R, W) -> scores (R, V) in fp32."""
        return (self.dropout(self.cells.output(states)) @ self.embedding.weight.t()).float()


def _needed(memory: Memory | None) -> Memory:
    if memory is None:
        raise ValueError("this network attends in every step; it needs the memory that prepare makes")
    return memory
