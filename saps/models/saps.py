"""SAPS: a bidirectional LSTM reads the text, a doubly recurrent LSTM with attention grows the program's tree.

    text -> encoder -> memory, latent z -> tree decoder -> states n -> attention, readout -> labels

Encoder, decoder and attention are the fast twins of the definitions in ``saps.nn.text_encoder``,
``saps.nn.tree_decoder`` and ``saps.nn.attention``, whose weights and results they share.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from saps.errors import UserError
from saps.models.tree_system import TreeSystem
from saps.nn.attention import AttentionKind, Memory
from saps.nn.fast import FastTextEncoder, FastTreeDecoder, make_attention
from saps.nn.greedy import TreeLimits
from saps.nn.readout import ContextUse, LabelReadout
from saps.nn.schedule import Nodes, TreeArrays
from saps.nn.text_encoder import Encoded, Texts
from saps.nn.tree_decoder import Directions, ParentFeed
from saps.search.step import MAX_DEPTH, MAX_SIZE
from saps.tasks.letters import BUCKETS
from saps.tasks.query import Reads, reading_of
from saps.tasks.vocabulary import Vocabularies


class DoublyRecurrentSystem(TreeSystem):
    """The decoder and the readout of SAPS behind any encoder; a subclass sets the two and defines ``encode``."""

    decoder: FastTreeDecoder
    readout: LabelReadout

    def schedule(self, trees: Sequence[TreeArrays]) -> Any:
        return self.decoder.schedule(trees)

    def scores(self, encoded: Encoded, schedule: Any) -> Tensor:
        """Teacher forcing: z (B, H) and the true trees -> scores (N, V) of the labels of all their nodes.

        ``loss`` is their cross-entropy against the true labels, ``schedule.label`` (N,).
        """
        states = self.decoder(encoded.latent, schedule)  # (N, H)
        return self.readout(self.readout.attend(states, self._memory(encoded), schedule.grid))

    def attention(self, encoded: Encoded, schedule: Any) -> Tensor | None:
        return self.readout.weigh(self.decoder(encoded.latent, schedule), self._memory(encoded), schedule.grid)

    def start(self, encoded: Encoded) -> tuple[Memory, Tensor]:
        from_latent, rows = self.decoder.start(encoded.latent)
        return self._memory(encoded)._replace(from_latent=from_latent), rows

    def step(self, before: Tensor, nodes: Nodes, memory: Memory) -> tuple[Tensor, Tensor]:
        """Free decoding: one step of greedy decoding or of a search."""
        states, rows = self.decoder.step(memory.from_latent, before, nodes)  # (R, H), (R, W)
        return self.readout(self.readout.attend_rows(states, nodes.tree, memory)), rows

    def _memory(self, encoded: Encoded) -> Memory:
        """What attention reads; what the latent vector feeds is for free decoding alone."""
        return self.readout.prepare(encoded.memory, encoded.mask)


class SAPS(DoublyRecurrentSystem):
    """Structure-aware program synthesis (arXiv 1810.09717), variants V, H and VH, with or without attention."""

    def __init__(
        self,
        vocabularies: Vocabularies,
        word_embedding: int = 128,
        encoder_hidden: int = 128,
        encoder_layers: int = 2,
        label_embedding: int = 32,
        hidden: int = 256,
        directions: Directions = "VH",
        parent_feed: ParentFeed = "state",
        attention: AttentionKind = "multiplicative",
        attention_units: int = 128,
        context: ContextUse = "merged",
        dropout: float = 0.2,
        word_dropout: float = 0.0,
        reads: Reads = "text",
        letters: bool = False,
        max_nodes: int = MAX_SIZE,
        max_depth: int = MAX_DEPTH,
    ) -> None:
        """Builds the network.

        Args:
            vocabularies: the words it reads and the labels it writes.
            word_embedding: size of a word's vector.
            encoder_hidden: size of the text encoder, per direction.
            encoder_layers: layers of the text encoder.
            label_embedding: size of a label's vector.
            hidden: size of the decoder's states and of the latent vector.
            directions: recurrences of the decoder: vertical, horizontal, or both.
            parent_feed: what a parent feeds to its children besides its label; docs/models.md explains each form.
            attention: the kind of attention over the words, or none.
            attention_units: width of the attention's keys and queries.
            context: how what attention has read enters: merged by a layer, or added, which costs no parameters.
            dropout: share of activations dropped in training.
            word_dropout: share of words read as unknown in training, so that unknown words mean something.
            reads: the sentence alone or after the types of its arguments; ``canonical``: arguments named by place.
            letters: read words by their letters too, so that none is unknown.
            max_nodes: nodes of the largest tree that decoding grows.
            max_depth: levels of the deepest tree that decoding grows.

        Raises:
            UserError: two settings do not go together.
        """
        super().__init__(vocabularies, TreeLimits(max_nodes, max_depth))
        self.reading = reading_of(reads, letters)
        words, labels, memory = len(vocabularies.words), len(vocabularies.labels), 2 * encoder_hidden
        if context == "added" and attention != "none" and memory != 2 * hidden:
            raise UserError(f"context is 'added' to states of {hidden}; encoder_hidden is {encoder_hidden}, make it so")
        self.encoder = FastTextEncoder(
            words,
            word_embedding,
            encoder_hidden,
            encoder_layers,
            hidden,
            dropout,
            buckets=BUCKETS if letters else 0,
            word_dropout=word_dropout,
        )
        self.decoder = FastTreeDecoder(labels, label_embedding, hidden, directions, parent_feed)
        attend = make_attention(attention, hidden, memory, attention_units)
        self.readout = LabelReadout(hidden, memory, labels, attend, context, dropout)

    def encode(self, texts: Texts) -> Encoded:
        """Words (B, S) -> memory (B, S, 2 * encoder_hidden), its mask, and latent vectors z (B, H)."""
        return self.encoder(texts)
