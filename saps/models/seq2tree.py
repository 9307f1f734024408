"""Seq2Tree of Neural Program Search: declarations and text in, a tree out, with attention inside each recurrence."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from saps.models.tree_system import TreeSystem
from saps.nn.attention import Memory
from saps.nn.fast import make_attention
from saps.nn.greedy import TreeLimits
from saps.nn.nps_decoder import NPSDecoder
from saps.nn.schedule import Nodes, Schedule, TreeArrays
from saps.nn.sequences import gru_layer
from saps.nn.text_encoder import Encoded, Texts, WordEmbedding
from saps.search.step import MAX_DEPTH, MAX_SIZE
from saps.tasks.letters import BUCKETS
from saps.tasks.query import DECLARED_TEXT, Reads, reading_of
from saps.tasks.vocabulary import Vocabularies


class ForwardEncoder(nn.Module):
    """One layer of GRU from left to right: its outputs are the memory, the last one the latent vector."""

    def __init__(self, words: int, size: int, dropout: float, buckets: int = 0, word_dropout: float = 0.0) -> None:
        """Takes the number of words, the size of everything, and the number of letter n-grams."""
        super().__init__()
        self.embedding = WordEmbedding(words, size, buckets, word_dropout)
        self.layer = gru_layer(size, size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, texts: Texts) -> Encoded:
        """Reads B texts; padding comes after the words."""
        words, lengths = texts.words, texts.lengths
        outputs, _ = self.layer(self.dropout(self.embedding.read(texts)))  # (S, B, H)
        latent = outputs[lengths - 1, torch.arange(len(words), device=words.device)]  # (B, H)
        mask = torch.arange(words.shape[1], device=words.device) < lengths[:, None]  # (B, S)
        return Encoded(self.dropout(outputs).transpose(0, 1), mask, latent)


class Seq2Tree(TreeSystem):
    """Seq2Tree as NPS wrote it (arXiv 1802.04335): one layer of GRU over the declarations and the text.

    Arity comes from the labels, that is from the language.
    """

    reading = DECLARED_TEXT

    def __init__(
        self,
        vocabularies: Vocabularies,
        size: int = 100,
        attention: Literal["additive", "multiplicative"] = "multiplicative",
        dropout: float = 0.2,
        word_dropout: float = 0.0,
        reads: Reads = "declared_text",
        letters: bool = False,
        max_nodes: int = MAX_SIZE,
        max_depth: int = MAX_DEPTH,
    ) -> None:
        """Builds the network.

        Args:
            vocabularies: the words it reads and the labels it writes.
            size: of everything: embeddings, states, and the attention's keys and queries.
            attention: the kind of attention over the words.
            dropout: share of activations dropped in training.
            word_dropout: share of words read as unknown in training, so that unknown words mean something.
            reads: the sentence alone or after the types of its arguments; ``canonical``: arguments named by place.
            letters: read words by their letters too, so that none is unknown.
            max_nodes: nodes of the largest tree that decoding grows.
            max_depth: levels of the deepest tree that decoding grows.
        """
        super().__init__(vocabularies, TreeLimits(max_nodes, max_depth))
        self.reading = reading_of(reads, letters)
        words, labels = vocabularies
        self.encoder = ForwardEncoder(len(words), size, dropout, BUCKETS if letters else 0, word_dropout)
        attend = make_attention(attention, size, size, size)
        assert attend is not None
        self.decoder = NPSDecoder(len(labels), size, size, attend, dropout)

    def encode(self, texts: Texts) -> Encoded:
        return self.encoder(texts)

    def schedule(self, trees: Sequence[TreeArrays]) -> Schedule:
        return self.decoder.schedule(trees)

    def scores(self, encoded: Encoded, schedule: Schedule) -> Tensor:
        return self.decoder(encoded.latent, schedule, self.start(encoded)[0])

    def attention(self, encoded: Encoded, schedule: Schedule) -> Tensor:
        return self.decoder.weigh(schedule, self.start(encoded)[0])

    def start(self, encoded: Encoded) -> tuple[Memory, Tensor]:
        rows = self.decoder.start(encoded.latent)
        return self.decoder.attention.prepare(encoded.memory, encoded.mask), rows

    def step(self, before: Tensor, nodes: Nodes, memory: Memory) -> tuple[Tensor, Tensor]:
        return self.decoder.step(before, nodes, memory)
