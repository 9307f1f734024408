"""From the state of a node to the scores of its labels: a context by attention, and an output layer.

Letters: B texts, N nodes, R rows, H size of a state, M size of a word's value, V labels.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from saps.nn.attention import Attention, Memory
from saps.nn.schedule import Grid

ContextUse = Literal["merged", "added"]
"""How the context c joins the state n: tanh(W [n; c]), or n + c where c is read from the sum of both directions."""


class LabelReadout(nn.Module):
    """n (N, H) -> scores (N, V)."""

    def __init__(
        self, hidden: int, memory: int, labels: int, attention: Attention | None, context: ContextUse, dropout: float
    ) -> None:
        """Takes H, M and V; ``context: added`` wants M = 2H."""
        super().__init__()
        self.attention = attention
        is_merged = attention is not None and context == "merged"
        self.merge = nn.Linear(hidden + memory, hidden, bias=False) if is_merged else None
        self.to_label = nn.Linear(hidden, labels)
        self.dropout = nn.Dropout(dropout)

    def prepare(self, values: Tensor, mask: Tensor) -> Memory:
        """The memory of B texts: the words (B, S, M), and where there is one (B, S)."""
        if self.attention is None:
            return Memory(values[:, :, :0], values[:, :, :0], mask, values.new_empty(len(values), 0))
        memory = self.attention.prepare(values, mask)
        if self.merge is None:
            forwards, backwards = values.chunk(2, dim=2)
            return memory._replace(values=forwards + backwards)  # (B, S, H)
        return memory

    def attend(self, states: Tensor, memory: Memory, grid: Grid) -> Tensor:
        """n (N, H) -> the states (N, H) after they have read their texts; the same without attention."""
        if self.attention is None:
            return states
        context = read_on_grid(self.attention, states, memory, grid)  # (N, M)
        if self.merge is None:
            return states + context
        return torch.tanh(self.merge(torch.cat([states, context], dim=1)))

    def weigh(self, states: Tensor, memory: Memory, grid: Grid) -> Tensor | None:
        """n (N, H) -> how much each of them reads each word (B, n, S), on the grid; None without attention."""
        if self.attention is None:
            return None
        return self.attention.weigh(self.attention.to_query(on_grid(states, grid)), memory, grid.sizes)

    def attend_rows(self, states: Tensor, text: Tensor, memory: Memory) -> Tensor:
        """``attend`` for states (R, H) of the texts ``text`` (R,) in any order."""
        if self.attention is None:
            return states
        memory, grid = grid_of_rows(text, memory)
        return self.attend(states, memory, grid)

    def forward(self, attended: Tensor) -> Tensor:
        """States after attention (N, H) -> scores (N, V) in fp32."""
        return self.to_label(self.dropout(attended)).float()


def read_on_grid(attention: Attention, queries: Tensor, memory: Memory, grid: Grid) -> Tensor:
    """queries (N, H) that stand on a grid -> contexts (N, M).

    All queries of a text are asked together, so that no text is copied for each of them.
    """
    contexts = attention(on_grid(queries, grid), memory, grid.sizes)  # (B, n, M)
    return contexts.flatten(0, 1).index_select(0, grid.slot)


def on_grid(rows: Tensor, grid: Grid) -> Tensor:
    """rows (N, W) of the nodes of B trees -> (B, n, W), zero where a tree has no node."""
    texts = len(grid.sizes)
    padded = rows.new_zeros(texts * grid.width, rows.shape[1]).index_copy(0, grid.slot, rows)
    return padded.view(texts, grid.width, -1)


def grid_of_rows(text: Tensor, memory: Memory) -> tuple[Memory, Grid]:
    """A grid for rows of the texts ``text`` (R,); where most texts have no row, these are left out of the memory."""
    texts = len(memory.mask)
    rows = torch.arange(len(text), device=text.device)
    if texts == 1:
        return memory, Grid(rows, len(text), torch.tensor([len(text)], device=text.device))
    sizes = torch.bincount(text, minlength=texts)  # (B,)
    present = sizes > 0
    if 2 * int(present.sum()) < texts:
        memory, text, sizes = memory.of_texts(present.nonzero()[:, 0]), (present.cumsum(0) - 1)[text], sizes[present]
    order, width = text.argsort(stable=True), int(sizes.max())
    first = sizes.cumsum(0) - sizes  # (B,) how many rows the texts before have
    places = text[order] * width + rows - first[text[order]]
    return memory, Grid(torch.empty_like(rows).index_copy(0, order, places), width, sizes)
