"""One layer of cells that reads a text from left to right, as in Neural Program Search."""

import torch
from torch import Tensor, nn

from saps.nn.cells import CellKind
from saps.nn.sequences import sequence_layer
from saps.nn.text_encoder import Encoded


class ForwardEncoder(nn.Module):
    """Words -> embeddings -> cells -> their outputs as memory, the last one as the latent vector."""

    def __init__(self, words: int, size: int, cell: CellKind, dropout: float) -> None:
        """Takes the number of words, the size of everything, and the kind of cell."""
        super().__init__()
        self.embedding = nn.Embedding(words, size, padding_idx=0)
        self.layer = sequence_layer(cell, size, size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, words: Tensor, lengths: Tensor) -> Encoded:
        """Reads ``words`` (B, S), of which the first ``lengths`` (B,) of each row count; padding comes after them."""
        outputs, _ = self.layer(self.dropout(self.embedding(words.t())))  # (S, B, H)
        latent = outputs[lengths - 1, torch.arange(len(words), device=words.device)]  # (B, H)
        mask = torch.arange(words.shape[1], device=words.device) < lengths[:, None]  # (B, S)
        return Encoded(self.dropout(outputs).transpose(0, 1), mask, latent)
