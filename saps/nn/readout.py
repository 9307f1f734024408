"""From the state of a node to the scores of its labels."""

from typing import Literal

import torch
from torch import Tensor, nn

from saps.nn.attention import Attention, Memory
from saps.nn.rows import Grid, grid_of, read_grid

ContextUse = Literal["merged", "added"]
"""How the context enters: tanh(W [s; c]), or s + c where c is read from the sum of the encoder's two directions."""


class LabelReadout(nn.Module):
    """From the state of a node to its label: context by attention, brought together with the state, then scores."""

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

    def prepare(self, values: Tensor, mask: Tensor) -> Memory | None:
        """The memory of a batch of texts, or None without attention."""
        if self.attention is None:
            return None
        memory = self.attention.prepare(values, mask)
        if self.merge is None:
            forwards, backwards = values.chunk(2, dim=2)
            return memory._replace(values=forwards + backwards)  # (B, S, H)
        return memory

    def attend(self, states: Tensor, memory: Memory | None, slot: Tensor, nodes: int) -> Tensor:
        """states (R, H) -> the states (R, H) after they have read their texts; the same without attention.

        Attention works on a grid of B texts times N nodes, of which row r takes the place ``slot[r]``.
        """
        if self.attention is None or memory is None:
            return states
        context = read_grid(self.attention, states, Grid(memory, slot, nodes))  # (R, M)
        if self.merge is None:
            return states + context
        return torch.tanh(self.merge(torch.cat([states, context], dim=1)))

    def attend_rows(self, states: Tensor, text: Tensor, memory: Memory | None) -> Tensor:
        """As ``attend``, for states (R, H) of the texts ``text`` (R,) in any order."""
        if memory is None:
            return states
        grid = grid_of(text, memory)
        return self.attend(states, grid.memory, grid.slot, grid.nodes)

    def forward(self, states: Tensor) -> Tensor:
        """States after attention (R, H) -> scores of the labels (R, V), in fp32."""
        return self.to_label(self.dropout(states)).float()
