"""A bidirectional multi-layer recurrent network over the words of a text."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from saps.nn.cells import CellKind
from saps.nn.sequences import sequence_layer

_ALIKE = 32  # texts of like lengths that a CPU reads at once: half the words of a mixed batch of 256 are padding


class Encoded(NamedTuple):
    """What the decoder may know of a text. M is twice the hidden size: both directions."""

    memory: Tensor  # (B, S, M) outputs of the last layer, one a word
    mask: Tensor  # (B, S) True where there is a word
    latent: Tensor  # (B, Z) the whole text in one vector


class TextEncoder(nn.Module):
    """Words -> embeddings -> L layers of forward and backward cells -> memory and latent vector.

    Works on padded rows: the backward direction reads each row reversed within its own length, so that no row ever
    reads padding before its words. This equals packed sequences exactly and is faster.
    The latent vector is a linear map of the final states of all layers and directions (SAPS, fitted sizes).
    """

    def __init__(
        self, words: int, embedding: int, hidden: int, layers: int, latent: int, dropout: float, cell: CellKind = "lstm"
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, embedding, padding_idx=0)
        sizes = [embedding] + [2 * hidden] * (layers - 1)
        self.forwards = nn.ModuleList(sequence_layer(cell, size, hidden) for size in sizes)
        self.backwards = nn.ModuleList(sequence_layer(cell, size, hidden) for size in sizes)
        self.to_latent = nn.Linear(2 * hidden * layers, latent)
        self.dropout = nn.Dropout(dropout)

    def forward(self, words: Tensor, lengths: Tensor) -> Encoded:
        """Reads ``words`` (B, S), of which the first ``lengths`` (B,) of each row count."""
        if self.training or words.device.type != "cpu" or len(lengths) <= _ALIKE:
            return self._read(words, lengths)
        parts = lengths.argsort(stable=True).split(_ALIKE)
        mask = torch.arange(words.shape[1]) < lengths[:, None]  # (B, S)
        return _joined([self._read(words[rows, : lengths[rows[-1]]], lengths[rows]) for rows in parts], parts, mask)

    def _read(self, words: Tensor, lengths: Tensor) -> Encoded:
        """As ``forward``, all rows together."""
        place = torch.arange(words.shape[1], device=words.device)[:, None]  # (S, 1)
        inside = place < lengths  # (S, B)
        mirror = torch.where(inside, lengths - 1 - place, place)  # (S, B)
        turned = (mirror * len(lengths) + torch.arange(len(lengths), device=words.device)).flatten()  # (S * B,)
        x = self.dropout(self.embedding(words.t()))  # (S, B, E)
        finals = []
        for forwards, backwards in zip(self.forwards, self.backwards, strict=True):
            ahead, _ = forwards(x)  # (S, B, H)
            behind, _ = backwards(_rows(x, turned))  # (S, B, H), reversed rows
            finals += [_at(ahead, lengths - 1), _at(behind, lengths - 1)]
            x = torch.cat([ahead, _rows(behind, turned)], dim=2)  # (S, B, M)
            x = self.dropout(x)
        latent = self.to_latent(self.dropout(torch.cat(finals, dim=1)))  # (B, Z)
        return Encoded(x.transpose(0, 1), inside.t(), latent)


def _joined(encoded: Sequence[Encoded], parts: Sequence[Tensor], mask: Tensor) -> Encoded:
    """The parts of a batch, whose rows stand in ``parts``, as one; ``mask`` (B, S) is that of the whole."""
    memory = encoded[0].memory.new_zeros(*mask.shape, encoded[0].memory.shape[2])
    for one, rows in zip(encoded, parts, strict=True):
        memory[:, : one.memory.shape[1]].index_copy_(0, rows, one.memory)
    back = torch.cat(list(parts)).argsort()
    return Encoded(memory, mask, torch.cat([one.latent for one in encoded])[back])


def _rows(outputs: Tensor, rows: Tensor) -> Tensor:
    """outputs (S, B, H), rows (S * B,) -> (S, B, H): whole rows in another order; many times faster than a gather."""
    return outputs.flatten(0, 1).index_select(0, rows).view_as(outputs)


def _at(outputs: Tensor, place: Tensor) -> Tensor:
    """outputs (S, B, H), place (B,) -> (B, H): the output of each row at its own place."""
    return outputs[place, torch.arange(outputs.shape[1], device=outputs.device)]
