"""The tree decoder of Neural Program Search (Polosukhin and Skidanov, 2018): attention inside each recurrence.

    x_p, x_s   embeddings of the labels of the parent p(i) and of the previous sibling s(i); zero where there is none
    r          attention over the words of the text, asked by x
    c          tanh([r; x] W_c)                          one c for the parent, one for the sibling
    h_i        U_p g_p(h_p(i), c_p) + U_s g_s(h_s(i), c_s)     g: a GRU
    label      softmax(E h_i), E being the table of embeddings

h_p(i) and h_s(i) are the states of parent and sibling, each of which depends on both recurrences; the root's parent is
the encoder's last state, a first child's sibling is zero. The queries depend on labels alone, so with a teacher they
are asked for all nodes of a batch at once, and a step is left with the two cells.

Letters: B trees, N nodes of a batch, R nodes of a step, n nodes of the largest tree, H size of everything, M size of a
word's value, V labels. A row (R, 2H) is the state of a node and that of its parent.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.nn.attention import Attention, Memory
from saps.nn.readout import grid_of_rows, on_grid, read_on_grid
from saps.nn.schedule import Nodes, Schedule, TreeArrays, schedule_of, steps_of


class TwoGRUs(nn.Module):
    """One step of two gated recurrent units (Cho et al., 2014) side by side, with weights of their own.

    r = sigmoid(Wr x + Rr y' + br), u = sigmoid(Wu x + Ru y' + bu), n = tanh(Wn x + bn + r * (Rn y')),
    y = (1 - u) * n + u * y'. The reset gate comes after the product, as torch and cuDNN have it.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.from_input = nn.Parameter(torch.empty(2, inputs, 3 * hidden).uniform_(-1, 1) * inputs**-0.5)
        self.recurrent = nn.Parameter(torch.empty(2, hidden, 3 * hidden).uniform_(-1, 1) * hidden**-0.5)
        self.bias = nn.Parameter(torch.zeros(2, 1, 3 * hidden))

    def project(self, inputs: Tensor) -> Tensor:
        """inputs (2, R, I) -> their part of the pre-activations (2, R, 3H)."""
        return torch.matmul(inputs, self.from_input) + self.bias

    def forward(self, preactivations: Tensor, state: Tensor) -> Tensor:
        """preactivations (2, R, 3H), state (2, R, H) -> the next state (2, R, H)."""
        sizes = [2 * self.hidden, self.hidden]
        gates, n = preactivations.split(sizes, dim=2)
        own_gates, own_n = torch.bmm(state, self.recurrent).split(sizes, dim=2)
        r, u = (gates + own_gates).sigmoid().chunk(2, dim=2)
        return torch.lerp(torch.addcmul(n, r, own_n).tanh(), state, u)


class NPSDecoder(nn.Module):
    """Two cells with attention inside, and an output layer tied to the label embedding."""

    def __init__(self, labels: int, size: int, memory: int, attention: Attention, dropout: float) -> None:
        """Takes V, H, M and the attention, whose queries have the size H."""
        super().__init__()
        self.embedding = nn.Embedding(labels, size)
        nn.init.normal_(self.embedding.weight, std=size**-0.5)  # it also makes the scores
        self.attention = attention
        self.to_input = nn.Linear(memory + size, size, bias=False)  # W_c
        self.cells = TwoGRUs(size, size)  # g_p and g_s
        self.mixed = nn.Parameter(torch.empty(2, size, size).uniform_(-1, 1) * size**-0.5)  # U_p and U_s
        self.dropout = nn.Dropout(dropout)

    def schedule(self, trees: Sequence[TreeArrays]) -> Schedule:
        """What ``forward`` wants to know of the true trees."""
        return schedule_of(trees)

    def start(self, latent: Tensor) -> Tensor:
        """latent (B, H) -> the rows above the roots (B, 2H)."""
        return latent.repeat(1, 2)

    def step(self, before: Tensor, nodes: Nodes, memory: Memory) -> tuple[Tensor, Tensor]:
        """R nodes, given the rows of the step before and the memory of B texts -> scores (R, V), rows (R, 2H)."""
        x = self._embed(nodes.parent_label, nodes.sibling_label)  # (R, 2, H)
        text_memory, grid = grid_of_rows(nodes.tree.repeat_interleave(2), memory)
        read = read_on_grid(self.attention, x.flatten(0, 1), text_memory, grid).unflatten(0, (-1, 2))  # (R, 2, M)
        rows = self._rows(before, nodes, self._preactivations(x, read))
        return self._scores(rows), rows

    def forward(self, latent: Tensor, schedule: Schedule, memory: Memory) -> Tensor:
        """Teacher forcing: latent (B, H), the true trees and the memory -> the scores (N, V) of all their labels."""
        preactivations = self._all_preactivations(schedule, memory)  # (2, N, 3H)
        steps = steps_of(schedule)
        rows, found = self.start(latent), []
        # split once: a slice inside the loop would cost a whole gradient a step
        for nodes, part in zip(steps, preactivations.split([len(nodes.tree) for nodes in steps], dim=1), strict=True):
            rows = self._rows(rows, nodes, part)
            found.append(rows)
        return self._scores(torch.cat(found))

    def weigh(self, schedule: Schedule, memory: Memory) -> Tensor:
        """How much each node reads each word (B, n, S): the mean of what parent and previous sibling ask for."""
        queries, sizes = _both_on_grid(self._embed(schedule.parent_label, schedule.sibling_label), schedule)
        weights = self.attention.weigh(self.attention.to_query(queries), memory, sizes)  # (B, 2n, S)
        return weights.unflatten(1, (2, schedule.grid.width)).mean(dim=1)

    def _embed(self, parent_label: Tensor, sibling_label: Tensor) -> Tensor:
        """Labels (R,) -> their embeddings (R, 2, H), zero for START."""
        labels = torch.stack([parent_label, sibling_label], dim=1)
        table = F.pad(self.embedding.weight, (0, 0, 0, 1))
        return F.embedding(labels % len(table), table)

    def _all_preactivations(self, schedule: Schedule, memory: Memory) -> Tensor:
        """The pre-activations of all nodes (2, N, 3H) from labels and text, asked on a grid of B texts, 2n queries."""
        width = schedule.grid.width
        x = self._embed(schedule.parent_label, schedule.sibling_label)  # (N, 2, H)
        queries, sizes = _both_on_grid(x, schedule)
        read = self.attention(queries, memory, sizes).unflatten(1, (2, width))
        return self._preactivations(x, read.transpose(1, 2).flatten(0, 1).index_select(0, schedule.grid.slot))

    def _preactivations(self, x: Tensor, read: Tensor) -> Tensor:
        """Embeddings (R, 2, H) and contexts (R, 2, M) -> the part of c in the pre-activations (2, R, 3H)."""
        c = torch.tanh(self.to_input(torch.cat([read, x], dim=2)))  # (R, 2, H)
        return self.cells.project(self.dropout(c).transpose(0, 1))

    def _rows(self, before: Tensor, nodes: Nodes, preactivations: Tensor) -> Tensor:
        """The rows (R, 2H) of R nodes from those of the step before."""
        own, parents = before.index_select(0, nodes.predecessor).chunk(2, dim=1)  # (R, H) of the predecessors
        parent = torch.cat([own[: nodes.firsts], parents[nodes.firsts :]])
        sibling = F.pad(own[nodes.firsts :], (0, 0, nodes.firsts, 0))
        states = self.cells(preactivations, torch.stack([parent, sibling]))  # (2, R, H)
        return torch.cat([torch.bmm(states, self.mixed).sum(dim=0), parent], dim=1)

    def _scores(self, rows: Tensor) -> Tensor:
        """Rows (R, 2H) -> scores (R, V) in fp32."""
        state = rows[:, : self.mixed.shape[1]]
        return (self.dropout(state) @ self.embedding.weight.t()).float()


def _both_on_grid(x: Tensor, schedule: Schedule) -> tuple[Tensor, Tensor]:
    """Embeddings (N, 2, H) of parents and siblings -> queries (B, 2n, H), first the parents', and how many count."""
    queries = torch.cat([on_grid(one, schedule.grid) for one in x.unbind(1)], dim=1)
    return queries, torch.full_like(schedule.grid.sizes, 2 * schedule.grid.width)
