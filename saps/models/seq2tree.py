"""Seq2Tree of Neural Program Search: declarations and text in, a tree out, with attention inside each recurrence."""

from typing import Literal

from saps.batches.collate import Texts
from saps.models.optimization import OptimizerSettings
from saps.models.tree_system import TreeSystem
from saps.nn.attention import ATTENTIONS
from saps.nn.cells import CellKind
from saps.nn.forward_encoder import ForwardEncoder
from saps.nn.nps_network import NPSNetwork
from saps.nn.text_encoder import Encoded
from saps.nn.tree_growth import GrowthLimits
from saps.search.constraints import MAX_DEPTH, MAX_SIZE
from saps.tasks.query import DECLARED_TEXT
from saps.tasks.vocabulary import Vocabularies


class Seq2Tree(TreeSystem):
    """Seq2Tree as NPS wrote it (arXiv 1802.04335): one layer of GRU over the declarations and the text.

    Arity comes from the labels, that is from the language.
    """

    reading = DECLARED_TEXT

    def __init__(
        self,
        vocabularies: Vocabularies,
        size: int = 100,
        cell: CellKind = "gru",
        attention: Literal["additive", "multiplicative"] = "multiplicative",
        dropout: float = 0.2,
        max_nodes: int = MAX_SIZE,
        max_depth: int = MAX_DEPTH,
        optimizer: OptimizerSettings | None = None,
    ) -> None:
        """Builds the network.

        Args:
            vocabularies: the words it reads and the labels it writes.
            size: of everything: embeddings, states, and the attention's keys and queries.
            cell: the recurrent cell of encoder and decoder.
            attention: the kind of attention over the words.
            dropout: share of activations dropped in training.
            max_nodes: nodes of the largest tree that decoding grows.
            max_depth: levels of the deepest tree that decoding grows.
            optimizer: how the weights are learned.
        """
        super().__init__(vocabularies, GrowthLimits(max_nodes, max_depth), optimizer)
        words, labels = vocabularies
        self.encoder = ForwardEncoder(len(words), size, cell, dropout)
        attend = ATTENTIONS[attention](size, size, size)
        self.network = NPSNetwork(len(labels), size, size, attend, cell, dropout)

    def encode(self, texts: Texts) -> Encoded:
        """As ``TreeSystem.encode``."""
        return self.encoder(texts.words, texts.lengths)
