"""SAPS: a bidirectional LSTM reads the text, a doubly recurrent LSTM with attention grows the program's tree."""

from typing import Literal

import torch

from saps.batches.collate import Texts
from saps.models.optimization import OptimizerSettings
from saps.models.tree_system import TreeSystem
from saps.nn.attention import ATTENTIONS
from saps.nn.readout import LabelReadout
from saps.nn.text_encoder import Encoded, TextEncoder
from saps.nn.tree_decoder import PassedDown, TreeDecoder
from saps.nn.tree_growth import GrowthLimits
from saps.nn.tree_network import DoublyRecurrent
from saps.search.constraints import MAX_DEPTH, MAX_SIZE
from saps.tasks.vocabulary import Vocabularies


class SAPS(TreeSystem):
    """Structure-aware program synthesis (arXiv 1810.09717), variant VH, with or without attention.

    Text (B, S) -> memory (B, S, 2 * encoder_hidden) and latent (B, hidden) -> states of all nodes -> labels.
    """

    def __init__(
        self,
        vocabularies: Vocabularies,
        word_embedding: int = 128,
        encoder_hidden: int = 128,
        encoder_layers: int = 2,
        label_embedding: int = 32,
        hidden: int = 256,
        passed_down: PassedDown = "merged",
        attention: Literal["additive", "multiplicative", "none"] = "multiplicative",
        attention_units: int = 128,
        dropout: float = 0.2,
        word_dropout: float = 0.0,
        max_nodes: int = MAX_SIZE,
        max_depth: int = MAX_DEPTH,
        optimizer: OptimizerSettings | None = None,
    ) -> None:
        """Builds the network.

        Args:
            vocabularies: the words it reads and the labels it writes.
            word_embedding: size of a word's vector.
            encoder_hidden: size of the text encoder, per direction.
            encoder_layers: layers of the text encoder.
            label_embedding: size of a label's vector.
            hidden: size of the decoder's states and of the latent vector.
            passed_down: what the cells see of the parent besides its label: its state, or the latent vector.
            attention: the kind of attention over the words, or none.
            attention_units: width of the attention's keys and queries.
            dropout: share of activations dropped in training.
            word_dropout: share of words read as unknown in training, so that unknown words mean something.
            max_nodes: nodes of the largest tree that decoding grows.
            max_depth: levels of the deepest tree that decoding grows.
            optimizer: how the weights are learned.
        """
        super().__init__(vocabularies, GrowthLimits(max_nodes, max_depth), optimizer)
        self.hidden = hidden
        words, labels = vocabularies
        memory = 2 * encoder_hidden
        self.encoder = TextEncoder(len(words), word_embedding, encoder_hidden, encoder_layers, hidden, dropout)
        decoder = TreeDecoder(len(labels), label_embedding, hidden, passed_down)
        attend = None if attention == "none" else ATTENTIONS[attention](hidden, memory, attention_units)
        self.network = DoublyRecurrent(decoder, LabelReadout(hidden, memory, len(labels), attend, dropout))
        self.word_dropout = word_dropout

    def encode(self, texts: Texts) -> Encoded:
        """The memory, mask and latent vectors of B texts."""
        words = texts.words
        if self.training and self.word_dropout:
            dropped = (torch.rand_like(words, dtype=torch.float) < self.word_dropout) & (words > 1)
            words = words.masked_fill(dropped, 1)  # 1 is UNKNOWN
        return self.encoder(words, texts.lengths)
