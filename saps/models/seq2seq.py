"""Attentional Seq2Seq: the same text encoder as SAPS, and a recurrent decoder that writes the program as a line."""

from pathlib import Path

from saps.batches.collate import Texts
from saps.batches.linear import LinearForm
from saps.models.optimization import OptimizerSettings
from saps.models.sequence_system import SequenceSystem
from saps.nn.attention import AttentionKind, make_attention
from saps.nn.cells import CellKind
from saps.nn.readout import LabelReadout
from saps.nn.sequence_decoder import SequenceDecoder
from saps.nn.text_encoder import Encoded, TextEncoder
from saps.tasks.vocabulary import Vocabularies


class Seq2Seq(SequenceSystem):
    """A sequence to sequence model with attention (Bahdanau et al., 2015; Luong et al., 2015).

    Text (B, S) -> memory (B, S, 2 * encoder_hidden) and latent (B, hidden) -> states of all tokens -> tokens.
    """

    read_at_start = frozenset({"word_vectors"})

    def __init__(
        self,
        vocabularies: Vocabularies,
        word_embedding: int = 128,
        word_vectors: Path | None = None,
        train_word_vectors: bool = True,
        encoder_hidden: int = 128,
        encoder_layers: int = 2,
        token_embedding: int = 64,
        hidden: int = 256,
        cell: CellKind = "lstm",
        linear: LinearForm = "arities",
        attention: AttentionKind = "multiplicative",
        attention_units: int = 128,
        dropout: float = 0.2,
        max_tokens: int = 400,
        optimizer: OptimizerSettings | None = None,
    ) -> None:
        """Builds the network.

        Args:
            vocabularies: the words it reads and the labels it writes.
            word_embedding: size of a word's vector.
            word_vectors: file of ready-made vectors (GloVe or word2vec text, plain or .gz, or .npy with .words).
            train_word_vectors: whether ready-made vectors are learned further.
            encoder_hidden: size of the text encoder, per direction.
            encoder_layers: layers of the text encoder.
            token_embedding: size of a token's vector in the decoder.
            hidden: size of the decoder's states and of the latent vector.
            cell: the recurrent cell of encoder and decoder.
            linear: how a program becomes a line: with brackets, or as labels that tell their arities.
            attention: the kind of attention over the words, or none.
            attention_units: width of the attention's keys and queries.
            dropout: share of activations dropped in training.
            max_tokens: tokens after which decoding gives up on a line.
            optimizer: how the weights are learned.
        """
        super().__init__(vocabularies, linear, max_tokens, optimizer)
        memory, tokens = 2 * encoder_hidden, len(self.linear.tokens)
        words = vocabularies.words
        self.encoder = TextEncoder(len(words), word_embedding, encoder_hidden, encoder_layers, hidden, dropout, cell)
        attend = make_attention(attention, hidden, memory, attention_units)
        readout = LabelReadout(hidden, memory, tokens, attend, "merged", dropout)
        self.decoder = SequenceDecoder(tokens, token_embedding, hidden, cell, readout)
        self.read_word_vectors(self.encoder.embedding, word_vectors, train_word_vectors)

    def encode(self, texts: Texts) -> Encoded:
        """As ``SequenceSystem.encode``."""
        return self.encoder(texts.words, texts.lengths)
