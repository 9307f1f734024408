"""SAPS with the encoder of a Transformer in the place of the recurrent one; decoder and readout are those of SAPS."""

from torch import nn

from saps.models.saps import DoublyRecurrentSystem
from saps.nn.attention import AttentionKind
from saps.nn.fast import FastTreeDecoder, make_attention
from saps.nn.greedy import TreeLimits
from saps.nn.readout import LabelReadout
from saps.nn.text_encoder import Encoded, Texts
from saps.nn.transformer import TransformerEncoder
from saps.nn.tree_decoder import Directions, ParentFeed
from saps.search.step import MAX_DEPTH, MAX_SIZE
from saps.tasks.letters import BUCKETS
from saps.tasks.query import Reads, reading_of
from saps.tasks.vocabulary import Vocabularies


class SAPSTransformer(DoublyRecurrentSystem):
    """A Transformer reads the text, the doubly recurrent decoder grows the tree.

    The latent vector is a linear map of the mean of the memory.
    """

    def __init__(
        self,
        vocabularies: Vocabularies,
        width: int = 256,
        heads: int = 8,
        encoder_layers: int = 3,
        label_embedding: int = 32,
        hidden: int = 256,
        directions: Directions = "VH",
        parent_feed: ParentFeed = "horizontal",
        attention: AttentionKind = "multiplicative",
        attention_units: int = 128,
        dropout: float = 0.1,
        word_dropout: float = 0.0,
        reads: Reads = "text",
        letters: bool = False,
        max_nodes: int = MAX_SIZE,
        max_depth: int = MAX_DEPTH,
    ) -> None:
        """Builds the network.

        Args:
            vocabularies: the words it reads and the labels it writes.
            width: size of the vectors of words in all layers; the feed-forward parts are four times as wide.
            heads: of the encoder's attention; they share the width evenly.
            encoder_layers: layers of the text encoder.
            label_embedding: size of a label's vector.
            hidden: size of the decoder's states and of the latent vector.
            directions: recurrences of the decoder: vertical, horizontal, or both.
            parent_feed: what a parent feeds to its children besides its label.
            attention: the kind of the decoder's attention over the words, or none.
            attention_units: width of the decoder's keys and queries.
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
        words, labels, buckets = len(vocabularies.words), len(vocabularies.labels), BUCKETS if letters else 0
        self.encoder = TransformerEncoder(words, width, heads, encoder_layers, dropout, buckets, word_dropout)
        self.to_latent = nn.Linear(width, hidden)
        self.decoder = FastTreeDecoder(labels, label_embedding, hidden, directions, parent_feed)
        attend = make_attention(attention, hidden, width, attention_units)
        self.readout = LabelReadout(hidden, width, labels, attend, "merged", dropout)

    def encode(self, texts: Texts) -> Encoded:
        """Words (B, S) -> memory (B, S, width), its mask, and latent vectors z (B, H)."""
        encoded = self.encoder(texts)
        return encoded._replace(latent=self.to_latent(encoded.latent))
