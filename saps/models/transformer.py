"""A Transformer that reads the text and writes the program as a line of labels."""

import torch

from saps.models.sequence_stepper import CachedStepper
from saps.models.sequence_system import SequenceSystem
from saps.nn.text_encoder import Encoded, Texts
from saps.nn.transformer import TransformerEncoder
from saps.nn.transformer_decoder import TransformerDecoder
from saps.tasks.letters import BUCKETS
from saps.tasks.query import Reads, reading_of
from saps.tasks.vocabulary import Vocabularies


class Transformer(SequenceSystem):
    """An encoder-decoder Transformer (Vaswani et al., 2017), pre-norm.

    Text (B, S) -> memory (B, S, width) -> states of all tokens -> tokens.
    """

    decoder: TransformerDecoder

    def __init__(
        self,
        vocabularies: Vocabularies,
        width: int = 256,
        heads: int = 8,
        encoder_layers: int = 3,
        decoder_layers: int = 3,
        dropout: float = 0.1,
        max_tokens: int = 400,
        word_dropout: float = 0.0,
        reads: Reads = "text",
        letters: bool = False,
    ) -> None:
        """Builds the network.

        Args:
            vocabularies: the words it reads and the labels it writes.
            width: size of the vectors of words and tokens in all layers; the feed-forward parts are four times as wide.
            heads: of each attention; they share the width evenly.
            encoder_layers: layers of the text encoder.
            decoder_layers: layers of the decoder.
            dropout: share of activations dropped in training.
            max_tokens: tokens after which decoding gives up on a line.
            word_dropout: share of words read as unknown in training, so that unknown words mean something.
            reads: the sentence alone or after the types of its arguments; ``canonical``: arguments named by place.
            letters: read words by their letters too, so that none is unknown.

        Raises:
            UserError: the heads do not share the width evenly.
        """
        super().__init__(vocabularies, max_tokens)
        self.reading = reading_of(reads, letters)
        words, labels, buckets = len(vocabularies.words), len(vocabularies.labels), BUCKETS if letters else 0
        self.encoder = TransformerEncoder(words, width, heads, encoder_layers, dropout, buckets, word_dropout)
        self.decoder = TransformerDecoder(labels, width, heads, decoder_layers, dropout)

    def encode(self, texts: Texts) -> Encoded:
        return self.encoder(texts)

    @torch.no_grad()
    def stepper(self, texts: Texts) -> CachedStepper:
        encoded = self.encode(texts)
        return CachedStepper(self.decoder, encoded.latent, self._memory(encoded))
