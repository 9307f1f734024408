"""Attentional Seq2Seq: the same text encoder as SAPS, and a recurrent decoder that writes the program as a line."""

import torch

from saps.models.sequence_stepper import SequenceStepper
from saps.models.sequence_system import SequenceSystem
from saps.nn.attention import AttentionKind
from saps.nn.fast import FastTextEncoder, make_attention
from saps.nn.readout import LabelReadout
from saps.nn.sequence_decoder import SequenceDecoder
from saps.nn.text_encoder import Encoded, Texts
from saps.tasks.letters import BUCKETS
from saps.tasks.query import Reads, reading_of
from saps.tasks.vocabulary import Vocabularies


class Seq2Seq(SequenceSystem):
    """A sequence to sequence model with attention (Bahdanau et al., 2015; Luong et al., 2015).

    Text (B, S) -> memory (B, S, 2 * encoder_hidden) and latent (B, hidden) -> states of all tokens -> tokens.
    """

    decoder: SequenceDecoder

    def __init__(
        self,
        vocabularies: Vocabularies,
        word_embedding: int = 128,
        encoder_hidden: int = 128,
        encoder_layers: int = 2,
        token_embedding: int = 64,
        hidden: int = 256,
        attention: AttentionKind = "multiplicative",
        attention_units: int = 128,
        dropout: float = 0.2,
        max_tokens: int = 400,
        word_dropout: float = 0.0,
        reads: Reads = "text",
        letters: bool = False,
    ) -> None:
        """Builds the network.

        Args:
            vocabularies: the words it reads and the labels it writes.
            word_embedding: size of a word's vector.
            encoder_hidden: size of the text encoder, per direction.
            encoder_layers: layers of the text encoder.
            token_embedding: size of a token's vector in the decoder.
            hidden: size of the decoder's states and of the latent vector.
            attention: the kind of attention over the words, or none.
            attention_units: width of the attention's keys and queries.
            dropout: share of activations dropped in training.
            max_tokens: tokens after which decoding gives up on a line.
            word_dropout: share of words read as unknown in training, so that unknown words mean something.
            reads: the sentence alone or after the types of its arguments; ``canonical``: arguments named by place.
            letters: read words by their letters too, so that none is unknown.
        """
        super().__init__(vocabularies, max_tokens)
        if self.reading.reads_text:
            self.reading = reading_of(reads, letters)
        words, labels, memory = len(vocabularies.words), len(vocabularies.labels), 2 * encoder_hidden
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
        attend = make_attention(attention, hidden, memory, attention_units)
        readout = LabelReadout(hidden, memory, labels, attend, "merged", dropout)
        self.decoder = SequenceDecoder(labels, token_embedding, hidden, readout)

    def encode(self, texts: Texts) -> Encoded:
        return self.encoder(texts)

    @torch.no_grad()
    def stepper(self, texts: Texts) -> SequenceStepper:
        encoded = self.encode(texts)
        return SequenceStepper(self.decoder, encoded.latent, self._memory(encoded))
