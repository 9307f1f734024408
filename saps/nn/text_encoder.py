"""A bidirectional multi-layer recurrent network over the words of a text.

Letters: B texts, S words of the longest, G n-grams of a word, E embedding size, H hidden size of a direction, M = 2H,
Z size of the latent vector.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from saps.nn.sequences import MakeLayer, lstm_layer


class Texts(NamedTuple):
    """B texts, padded on the right to S words."""

    words: Tensor  # (B, S) numbers of words; PAD (0) beyond the end
    lengths: Tensor  # (B,) words of each text
    letters: Tensor | None = None  # (B, S, G) numbers of the n-grams of each word, 0 for none; None: words alone


class Encoded(NamedTuple):
    """What the decoder may know of a text."""

    memory: Tensor  # (B, S, M) outputs of the last layer, one a word
    mask: Tensor  # (B, S) True where there is a word
    latent: Tensor  # (B, Z) the whole text in one vector


class WordEmbedding(nn.Embedding):
    """The vector of a word: its own and, with ``buckets``, the mean of those of its letter n-grams.

    In training a share of the words, ``word_dropout``, is read as unknown, so that unknown words, or their letters,
    mean something.
    """

    def __init__(self, words: int, size: int, buckets: int = 0, word_dropout: float = 0.0) -> None:
        super().__init__(words, size, padding_idx=0)
        self.word_dropout = word_dropout
        self.ngrams = nn.EmbeddingBag(buckets, size, mode="mean", padding_idx=0) if buckets else None

    def read(self, texts: Texts) -> Tensor:
        """B texts -> (S, B, E)."""
        words = texts.words
        if self.training and self.word_dropout:
            dropped = torch.rand_like(words, dtype=torch.float) < self.word_dropout
            words = words.masked_fill(dropped, 1)  # 1 is UNKNOWN; what padding is read as does not matter
        vectors = self(words.t())  # (S, B, E)
        if self.ngrams is None or texts.letters is None:
            return vectors
        grams = texts.letters.transpose(0, 1).flatten(0, 1)  # (S * B, G)
        return vectors + self.ngrams(grams).view_as(vectors)


class TextEncoder(nn.Module):
    """Words -> embeddings -> L layers of forward and backward cells -> memory and latent vector.

    Works on padded rows: the backward direction reads each row reversed within its own length, so that no row ever
    reads padding before its words. This equals packed sequences exactly and is faster.
    The latent vector is a linear map of the final states of all layers and directions (SAPS, fitted sizes).
    """

    def __init__(
        self,
        words: int,
        embedding: int,
        hidden: int,
        layers: int,
        latent: int,
        dropout: float,
        make_layer: MakeLayer = lstm_layer,
        buckets: int = 0,
        word_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.hidden = hidden
        self.embedding = WordEmbedding(words, embedding, buckets, word_dropout)
        sizes = [embedding] + [2 * hidden] * (layers - 1)
        self.forwards = nn.ModuleList(make_layer(size, hidden) for size in sizes)
        self.backwards = nn.ModuleList(make_layer(size, hidden) for size in sizes)
        self.to_latent = nn.Linear(2 * hidden * layers, latent)
        self.dropout = nn.Dropout(dropout)

    def forward(self, texts: Texts) -> Encoded:
        """Reads B texts."""
        words, lengths = texts.words, texts.lengths
        place = torch.arange(words.shape[1], device=words.device)[:, None]  # (S, 1)
        inside = place < lengths  # (S, B)
        mirror = torch.where(inside, lengths - 1 - place, place)  # (S, B)
        turned = (mirror * len(lengths) + torch.arange(len(lengths), device=words.device)).flatten()  # (S * B,)
        x = self.dropout(self.embedding.read(texts))  # (S, B, E)
        finals = []
        for forwards, backwards in zip(self.forwards, self.backwards, strict=True):
            ahead, _ = forwards(x)  # (S, B, H)
            behind, _ = backwards(_in_order(x, turned))  # (S, B, H), reversed rows
            finals += [_at(ahead, lengths - 1), _at(behind, lengths - 1)]
            x = self.dropout(torch.cat([ahead, _in_order(behind, turned)], dim=2))  # (S, B, M)
        latent = self.to_latent(self.dropout(torch.cat(finals, dim=1)))  # (B, Z)
        return Encoded(x.transpose(0, 1), inside.t(), latent)


def _in_order(outputs: Tensor, rows: Tensor) -> Tensor:
    """outputs (S, B, H), rows (S * B,) -> (S, B, H): whole rows in another order; many times faster than a gather."""
    return outputs.flatten(0, 1).index_select(0, rows).view_as(outputs)


def _at(outputs: Tensor, place: Tensor) -> Tensor:
    """outputs (S, B, H), place (B,) -> (B, H): the output of each row at its own place."""
    return outputs[place, torch.arange(outputs.shape[1], device=outputs.device)]
