"""The decoder of a Transformer over a line of tokens, pre-norm, with cached keys and values in free decoding.

A token reads the tokens before it, then the text, then passes a feed-forward part, layer by layer; what it was given is
the token before it and its place.

Letters: B texts, T tokens of the longest line, N tokens of all lines together, K hypotheses, R rows (N or K), t tokens
that a hypothesis has, D width, L layers, V tokens known, W = 1 + 2LD width of a cached row.
"""

from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.nn.attention import Memory
from saps.nn.readout import LabelReadout, grid_of_rows, on_grid
from saps.nn.schedule import START, Grid
from saps.nn.sequence_decoder import LineSchedule
from saps.nn.text_encoder import Encoded
from saps.nn.transformer import MultiHeadAttention, feed_forward, sinusoids


class Lines(NamedTuple):
    """What R rows may read of their own lines."""

    grid: Grid  # where each row stands among the new tokens of its line
    past: Tensor  # (lines, t, 2D) keys and values of the tokens before these, of one layer
    seen: Tensor  # (lines or 1, new, t + new) which tokens each new one reads


class DecoderLayer(nn.Module):
    """A token reads the line so far, then the text."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.line_norm, self.text_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.of_line, self.of_text = MultiHeadAttention(width, heads), MultiHeadAttention(width, heads)
        self.feed = feed_forward(width, dropout)
        self.dropout = nn.Dropout(dropout)

    def read_line(self, x: Tensor, lines: Lines) -> tuple[Tensor, Tensor]:
        """x (R, D) -> x (R, D) after it has read its line, and its own keys and values (R, 2D)."""
        y = self.line_norm(x)
        own = self.of_line.to_memory(y)  # (R, 2D)
        keys, values = torch.cat([lines.past, on_grid(own, lines.grid)], dim=1).chunk(2, dim=2)
        return x + self.dropout(_ask(self.of_line, y, lines.grid, keys, values, lines.seen)), own

    def read_text(self, x: Tensor, memory: Memory, grid: Grid) -> Tensor:
        """x (R, D) on the grid of its texts -> x (R, D) after it has read them; ``memory`` is that of this layer."""
        y = self.text_norm(x)
        return x + self.dropout(_ask(self.of_text, y, grid, memory.keys, memory.values, memory.mask[:, None]))


class TransformerDecoder(nn.Module):
    """Embedding, layers and a readout, with the interface of ``SequenceDecoder``."""

    def __init__(self, tokens: int, width: int, heads: int, layers: int, dropout: float) -> None:
        """Takes V, D, the number of heads, and L."""
        super().__init__()
        self.embedding = nn.Embedding(tokens, width)
        self.layers = nn.ModuleList(DecoderLayer(width, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.readout = LabelReadout(width, 0, tokens, None, "merged", dropout)

    def prepare(self, encoded: Encoded) -> Memory:
        """The keys and the values (B, S, LD) that all layers have of the words."""
        layers = cast("Sequence[DecoderLayer]", self.layers)
        parts = [layer.of_text.to_memory(encoded.memory).chunk(2, dim=2) for layer in layers]
        keys, values = (torch.cat(part, dim=2) for part in zip(*parts, strict=True))
        return Memory(keys, values, encoded.mask, encoded.latent[:, :0])

    def start(self, latent: Tensor) -> Tensor:
        """The states (B, 0, W) before the first token."""
        width = self.embedding.embedding_dim
        return latent.new_zeros(len(latent), 0, 1 + 2 * len(self.layers) * width)

    def forward(self, latent: Tensor, schedule: LineSchedule, memory: Memory) -> Tensor:
        """Teacher forcing: the true lines -> scores (N, V), line by line; the latent vectors are not read."""
        return self.readout(self.norm(self._read(schedule, memory)[0]))

    def scores_and_weights(self, latent: Tensor, schedule: LineSchedule, memory: Memory) -> tuple[Tensor, Tensor]:
        """As ``forward``, and how much the last layer reads each word (B, T, S), the mean over its heads."""
        x, asked = self._read(schedule, memory)
        last, of_text = self._by_layer(memory)[-1]
        queries = on_grid(last.text_norm(asked), schedule.grid)
        return self.readout(self.norm(x)), last.of_text.weigh(queries, of_text.keys, memory.mask[:, None])

    def _read(self, schedule: LineSchedule, memory: Memory) -> tuple[Tensor, Tensor]:
        """The true lines through all layers: x (N, D), and x before the last layer reads the text."""
        grid, width = schedule.grid, schedule.grid.width
        before = F.pad(schedule.lines, (1, 0), value=START)[:, :-1].flatten().index_select(0, grid.slot)
        x = asked = self._embed(before, grid.slot % width)  # (N, D)
        past = x.new_zeros(len(grid.sizes), 0, 2 * x.shape[1])
        lines = Lines(grid, past, x.new_ones(1, width, width, dtype=torch.bool).tril())
        for layer, of_text in self._by_layer(memory):
            asked, _ = layer.read_line(x, lines)
            x = layer.read_text(asked, of_text, grid)
            x = x + layer.feed(x)
        return x, asked

    def step(self, states: Tensor, before: Tensor, text: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """One token of K hypotheses.

        The cached rows of their tokens (K, t, W), of which those that begin with 0 are padding, the tokens before (K,),
        START at the beginning, the text of each (K,) and the memory of B texts -> scores (K, V) in fp32 and the states
        (K, t + 1, W).
        """
        present = states[:, :, 0] > 0  # (K, t)
        x = self._embed(before, present.sum(dim=1))  # (K, D)
        seen = F.pad(present, (0, 1), value=True)[:, None]  # (K, 1, t + 1)
        rows = torch.arange(len(x), device=x.device)
        alone = Grid(rows, 1, torch.ones_like(rows))
        memory, grid = grid_of_rows(text, memory)
        added = [x.new_ones(len(x), 1)]
        pasts = states[:, :, 1:].chunk(len(self.layers), dim=2)
        for past, (layer, of_text) in zip(pasts, self._by_layer(memory), strict=True):
            x, own = layer.read_line(x, Lines(alone, past, seen))
            x = layer.read_text(x, of_text, grid)
            x = x + layer.feed(x)
            added.append(own)
        return self.readout(self.norm(x)), torch.cat([states, torch.cat(added, dim=1)[:, None]], dim=1)

    def _embed(self, before: Tensor, place: Tensor) -> Tensor:
        """Tokens before (R,) and places (R,) -> x (R, D)."""
        vectors = self.embedding(before.clamp(min=0)).masked_fill((before < 0)[:, None], 0.0)
        return self.dropout(vectors + sinusoids(place, vectors))

    def _by_layer(self, memory: Memory) -> list[tuple[DecoderLayer, Memory]]:
        keys, values = (part.chunk(len(self.layers), dim=2) for part in (memory.keys, memory.values))
        memories = [memory._replace(keys=k, values=v) for k, v in zip(keys, values, strict=True)]
        return list(zip(cast("Sequence[DecoderLayer]", self.layers), memories, strict=True))


def _ask(attention: MultiHeadAttention, rows: Tensor, grid: Grid, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """Rows (R, D) that stand on a grid ask keys and values -> (R, D)."""
    return attention(on_grid(rows, grid), keys, values, mask).flatten(0, 1).index_select(0, grid.slot)
