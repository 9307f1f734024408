"""SAPS: a bidirectional LSTM reads the text, a doubly recurrent LSTM with attention grows the program's tree."""

from pathlib import Path

import torch

from saps.batches.collate import Texts
from saps.errors import UserError
from saps.models.optimization import OptimizerSettings
from saps.models.tree_system import TreeSystem
from saps.nn.attention import AttentionKind, make_attention
from saps.nn.cells import CellKind
from saps.nn.readout import ContextUse, LabelReadout
from saps.nn.text_encoder import Encoded, TextEncoder
from saps.nn.tree_decoder import Directions, PassedDown, TreeDecoder, complaint
from saps.nn.tree_growth import GrowthLimits
from saps.nn.tree_network import DoublyRecurrent
from saps.search.constraints import MAX_DEPTH, MAX_SIZE
from saps.tasks.vocabulary import Vocabularies


class SAPS(TreeSystem):
    """Structure-aware program synthesis (arXiv 1810.09717), variants V, H and VH, with or without attention.

    Text (B, S) -> memory (B, S, 2 * encoder_hidden) and latent (B, hidden) -> states of all nodes -> labels.
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
        label_embedding: int = 32,
        hidden: int = 256,
        directions: Directions = "VH",
        passed_down: PassedDown = "merged",
        cell: CellKind = "lstm",
        attention: AttentionKind = "multiplicative",
        attention_units: int = 128,
        context: ContextUse = "merged",
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
            word_vectors: file of ready-made vectors (GloVe or word2vec text, plain or .gz, or .npy with .words).
            train_word_vectors: whether ready-made vectors are learned further.
            encoder_hidden: size of the text encoder, per direction.
            encoder_layers: layers of the text encoder.
            label_embedding: size of a label's vector.
            hidden: size of the decoder's states and of the latent vector.
            directions: recurrences of the decoder: vertical, horizontal, or both.
            passed_down: what the cells see of the parent besides its label; docs/models.md explains each form.
            cell: the recurrent cell of encoder and decoder.
            attention: the kind of attention over the words, or none.
            attention_units: width of the attention's keys and queries.
            context: how what attention has read enters: merged by a layer, or added, which costs no parameters.
            dropout: share of activations dropped in training.
            word_dropout: share of words read as unknown in training, so that unknown words mean something.
            max_nodes: nodes of the largest tree that decoding grows.
            max_depth: levels of the deepest tree that decoding grows.
            optimizer: how the weights are learned.

        Raises:
            UserError: two settings do not go together.
        """
        super().__init__(vocabularies, GrowthLimits(max_nodes, max_depth), optimizer)
        self.hidden = hidden
        words, labels = vocabularies
        memory = 2 * encoder_hidden
        wrong = complaint(directions, passed_down) or _complaint(passed_down, attention, context, memory, hidden)
        if wrong:
            raise UserError(f"--model.{wrong}")
        self.encoder = TextEncoder(len(words), word_embedding, encoder_hidden, encoder_layers, hidden, dropout, cell)
        decoder = TreeDecoder(len(labels), label_embedding, hidden, passed_down, directions, cell)
        attend = make_attention(attention, hidden, memory, attention_units)
        readout = LabelReadout(hidden, memory, len(labels), attend, context, dropout)
        self.network = DoublyRecurrent(decoder, readout)
        self.read_word_vectors(self.encoder.embedding, word_vectors, train_word_vectors)
        self.word_dropout = word_dropout

    def encode(self, texts: Texts) -> Encoded:
        """The memory, mask and latent vectors of B texts."""
        words = texts.words
        if self.training and self.word_dropout:
            dropped = (torch.rand_like(words, dtype=torch.float) < self.word_dropout) & (words > 1)
            words = words.masked_fill(dropped, 1)  # 1 is UNKNOWN
        return self.encoder(words, texts.lengths)


def _complaint(passed_down: PassedDown, attention: str, context: ContextUse, memory: int, hidden: int) -> str | None:
    """Why the settings of attention do not go together, if they do not."""
    if passed_down == "fed" and attention == "none":
        return "passed_down is 'fed', what attention has read; set --model.attention to additive or multiplicative"
    if context == "added" and attention != "none" and memory != 2 * hidden:
        return f"context is 'added' to states of {hidden}; --model.encoder_hidden is {memory // 2} and must be the same"
    return None
