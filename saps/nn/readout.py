"""From the state of a node to the scores of its labels."""

import torch
from torch import Tensor, nn

from saps.nn.attention import Attention, Memory


class LabelReadout(nn.Module):
    """From the state of a node to its label: context by attention, merged with the state, then scores of the labels."""

    def __init__(self, hidden: int, memory: int, labels: int, attention: Attention | None, dropout: float) -> None:
        super().__init__()
        self.attention = attention
        self.merge = nn.Linear(hidden + memory, hidden, bias=False) if attention is not None else None
        self.to_label = nn.Linear(hidden, labels)
        self.dropout = nn.Dropout(dropout)

    def prepare(self, values: Tensor, mask: Tensor) -> Memory | None:
        """The memory of a batch of texts, or None without attention."""
        return None if self.attention is None else self.attention.prepare(values, mask)

    def forward(self, states: Tensor, memory: Memory | None, slot: Tensor, nodes: int) -> Tensor:
        """states (R, H) -> scores of the labels (R, V), in fp32.

        Attention works on a grid of B texts times N nodes, of which row r takes the place ``slot[r]``.
        """
        if self.attention is not None and self.merge is not None and memory is not None:
            trees = len(memory.mask)
            grid = states.new_zeros(trees * nodes, states.shape[1]).index_copy(0, slot, states)  # (B * N, H)
            context = self.attention(grid.view(trees, nodes, -1), memory)  # (B, N, M)
            context = context.flatten(0, 1).index_select(0, slot)  # (R, M)
            states = torch.tanh(self.merge(torch.cat([states, context], dim=1)))
        return self.to_label(self.dropout(states)).float()
