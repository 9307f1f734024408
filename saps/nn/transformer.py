"""The encoder of a Transformer (Vaswani et al., 2017), with layer norms before the layers' parts (pre-norm).

    attention   x + O softmax(Q K' / sqrt(D / heads)) V     Q, K, V linear maps of the norm of x, head by head
    feed        x + W_2 gelu(W_1 norm(x))

Where a word stands is told by sines and cosines that are added to its vector, so that texts may be of any length.

Letters: B texts, S words, n queries of a text, D width, A = D / heads.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.errors import UserError
from saps.nn.text_encoder import Encoded, Texts, WordEmbedding

_LONGEST = 10_000.0  # the slowest wave takes 2 pi times as many words


def sinusoids(place: Tensor, like: Tensor) -> Tensor:
    """Places (R,) -> sines and cosines (R, D), of as many columns, and of the kind, as ``like`` (..., D)."""
    width = like.shape[-1]
    rates = _LONGEST ** (torch.arange(0, width, 2, dtype=like.dtype, device=like.device) / -width)
    angles = place[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)[:, :width]


class MultiHeadAttention(nn.Module):
    """Scaled dot-product attention in several heads."""

    def __init__(self, width: int, heads: int) -> None:
        """Takes D and the number of heads.

        Raises:
            UserError: the heads do not share the width evenly.
        """
        super().__init__()
        if width % heads:
            raise UserError(f"heads is {heads}, which does not divide width, {width}; make width a multiple of it")
        self.heads = heads
        self.to_query = nn.Linear(width, width)
        self.to_memory = nn.Linear(width, 2 * width)  # keys, then values
        self.to_output = nn.Linear(width, width)

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        """queries (B, n, D) ask keys and values (B, S, D) where mask (B or 1, n or 1, S) is True -> (B, n, D)."""
        q, k, v = (self._split(part) for part in (self.to_query(queries), keys, values))  # (B, heads, ., A)
        found = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None])
        return self.to_output(found.transpose(1, 2).flatten(2))

    def weigh(self, queries: Tensor, keys: Tensor, mask: Tensor) -> Tensor:
        """How much each query reads each place (B, n, S), the mean over the heads."""
        q, k = self._split(self.to_query(queries)), self._split(keys)
        scores = (q @ k.transpose(2, 3)).float() / q.shape[3] ** 0.5  # (B, heads, n, S)
        return scores.masked_fill(~mask[:, None], float("-inf")).softmax(dim=3).mean(dim=1)

    def _split(self, x: Tensor) -> Tensor:
        """x (B, n, D) -> (B, heads, n, A)."""
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


def feed_forward(width: int, dropout: float) -> nn.Sequential:
    """The part of a layer that sees one place alone: D -> 4D -> D."""
    return nn.Sequential(
        nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width), nn.Dropout(dropout)
    )


class EncoderLayer(nn.Module):
    """Each word reads all words of its text."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.attention = MultiHeadAttention(width, heads)
        self.feed = feed_forward(width, dropout)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (B, S, D), mask (B, 1, S) -> (B, S, D)."""
        y = self.norm(x)
        keys, values = self.attention.to_memory(y).chunk(2, dim=2)
        x = x + self.dropout(self.attention(y, keys, values, mask))
        return x + self.feed(x)


class TransformerEncoder(nn.Module):
    """Words -> vectors and places -> L layers -> memory of width D; the latent vector (B, D) is its mean."""

    def __init__(
        self,
        words: int,
        width: int,
        heads: int,
        layers: int,
        dropout: float,
        buckets: int = 0,
        word_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.embedding = WordEmbedding(words, width, buckets, word_dropout)
        self.layers = nn.ModuleList(EncoderLayer(width, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, texts: Texts) -> Encoded:
        """Reads B texts."""
        vectors = self.embedding.read(texts).transpose(0, 1)  # (B, S, D)
        place = torch.arange(vectors.shape[1], device=vectors.device)
        mask = place < texts.lengths[:, None]  # (B, S)
        x = self.dropout(vectors + sinusoids(place, vectors))
        for layer in self.layers:
            x = layer(x, mask[:, None])
        memory = self.norm(x) * mask[:, :, None]
        return Encoded(memory, mask, memory.sum(dim=1) / texts.lengths[:, None])
