"""A recurrent decoder over a line of tokens, with attention between its state and the output layer.

Letters: B texts, T tokens of the longest line, N tokens of all lines together, K hypotheses, V tokens known, H hidden
size, W width of a cell's state.

    state   h_t = cell(x_(t-1), h_(t-1))     x: the embedding of the token before, zero at the start; h_0 from z
    token   softmax of the readout of h_t, which asks the words of the text (Luong et al., 2015)

What attention has read goes into the output layer and not back into the cell, so that with a teacher all steps of the
cell are one call of torch's fused kernel, and attention and output see all tokens of the batch in one product.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from saps.nn.attention import Memory
from saps.nn.readout import LabelReadout
from saps.nn.schedule import Grid
from saps.nn.sequences import MakeLayer, lstm_layer
from saps.nn.text_encoder import Encoded


class LineSchedule(NamedTuple):
    """B lines of N tokens in all."""

    label: Tensor  # (N,) the target, line by line
    grid: Grid
    lines: Tensor  # (B, T) the same, padded with zeros


def line_schedule(lines: Sequence[NDArray[np.int32]]) -> LineSchedule:
    """What the decoder wants to know of the true lines."""
    sizes = torch.tensor([len(line) for line in lines])
    padded = nn.utils.rnn.pad_sequence([torch.from_numpy(line).long() for line in lines], batch_first=True)
    slot = (torch.arange(padded.shape[1]) < sizes[:, None]).flatten().nonzero()[:, 0]
    return LineSchedule(padded.flatten()[slot], Grid(slot, padded.shape[1], sizes), padded)


class SequenceDecoder(nn.Module):
    """A layer of cells and a readout."""

    def __init__(
        self, tokens: int, embedding: int, hidden: int, readout: LabelReadout, make_layer: MakeLayer = lstm_layer
    ) -> None:
        """Takes V, the size of a token's vector, H, and what turns states into scores."""
        super().__init__()
        self.embedding = nn.Embedding(tokens, embedding)
        self.layer = make_layer(embedding, hidden)
        self.readout = readout

    def prepare(self, encoded: Encoded) -> Memory:
        """What can be known of B texts before the first token."""
        return self.readout.prepare(encoded.memory, encoded.mask)

    def start(self, latent: Tensor) -> Tensor:
        """latent (B, H) -> the state (B, W) before the first token: its output is z, the rest zero."""
        return F.pad(latent, (0, self.layer.state_size - self.layer.hidden))

    def forward(self, latent: Tensor, schedule: LineSchedule, memory: Memory) -> Tensor:
        """Teacher forcing: latent (B, H) and the true lines -> scores (N, V), line by line."""
        return self.readout(self.readout.attend(self.states(latent, schedule), memory, schedule.grid))

    def scores_and_weights(
        self, latent: Tensor, schedule: LineSchedule, memory: Memory
    ) -> tuple[Tensor, Tensor | None]:
        """As ``forward``, and how much each token reads each word (B, T, S); None without attention."""
        states, readout = self.states(latent, schedule), self.readout
        scores = readout(readout.attend(states, memory, schedule.grid))
        return scores, readout.weigh(states, memory, schedule.grid)

    def states(self, latent: Tensor, schedule: LineSchedule) -> Tensor:
        """Latent (B, H) and the true lines -> the states (N, H) before they read their texts."""
        before = self.embedding(schedule.lines[:, :-1].t())  # (T - 1, B, E)
        inputs = F.pad(before, (0, 0, 0, 0, 1, 0))  # (T, B, E): nothing stands before the first token
        outputs, _ = self.layer(inputs, self.start(latent))  # (T, B, H)
        return outputs.transpose(0, 1).flatten(0, 1).index_select(0, schedule.grid.slot)

    def step(self, states: Tensor, before: Tensor, text: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """One token of K hypotheses.

        ``states`` (K, W), the tokens before (K,), START (-1) at the beginning, the text of each (K,) and the memory of
        the B texts -> scores (K, V) in fp32 and the next states (K, W).
        """
        inputs = self.embedding(before.clamp(min=0)).masked_fill((before < 0)[:, None], 0.0)  # (K, E)
        outputs, after = self.layer(inputs[None], states)  # (1, K, H), (K, W)
        return self.readout(self.readout.attend_rows(outputs[0], text, memory)), after
