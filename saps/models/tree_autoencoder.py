"""A tree autoencoder: a Tree-LSTM reads a program into one vector, the decoder of SAPS writes it down again."""

from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

import torch
from torch import Tensor

from saps.errors import UserError
from saps.models.saps import DoublyRecurrentSystem
from saps.models.system import Loss, Prediction
from saps.models.tree_system import cross_entropy
from saps.nn.fast import FastTreeDecoder
from saps.nn.greedy import TreeLimits
from saps.nn.readout import LabelReadout
from saps.nn.schedule import TreeArrays
from saps.nn.text_encoder import Encoded, Texts
from saps.nn.tree_decoder import Directions, ParentFeed
from saps.nn.tree_encoder import LevelSchedule, TreeEncoder, level_schedule
from saps.search.step import MAX_DEPTH, MAX_SIZE
from saps.tasks.query import NOTHING
from saps.tasks.vocabulary import Vocabularies, split_label


class BothSchedules(NamedTuple):
    """The trees as they are read, and as they are written."""

    levels: LevelSchedule
    nodes: Any


class TreeAutoencoder(DoublyRecurrentSystem):
    """What SAPSpre starts from: its decoder, trained on programs alone.

    Program -> N-ary Tree-LSTM -> root state z (B, hidden) -> the decoder of SAPS without attention -> program. Judged
    by the share of programs that come back whole; it answers no sentence.
    """

    reading = NOTHING

    def __init__(
        self,
        vocabularies: Vocabularies,
        label_embedding: int = 32,
        hidden: int = 256,
        directions: Directions = "VH",
        parent_feed: ParentFeed = "state",
        dropout: float = 0.2,
        max_nodes: int = MAX_SIZE,
        max_depth: int = MAX_DEPTH,
    ) -> None:
        """Builds the network.

        Args:
            vocabularies: of which it needs the labels.
            label_embedding: size of a label's vector, in encoder and decoder.
            hidden: size of the states of both, and of the latent vector.
            directions: recurrences of the decoder: vertical, horizontal, or both.
            parent_feed: what a parent feeds to its children besides its label.
            dropout: share of activations dropped in training.
            max_nodes: nodes of the largest tree that decoding grows.
            max_depth: levels of the deepest tree that decoding grows.

        Raises:
            UserError: two settings do not go together.
        """
        super().__init__(vocabularies, TreeLimits(max_nodes, max_depth))
        labels, children = len(vocabularies.labels), max(split_label(label)[1] for label in vocabularies.labels)
        self.encoder = TreeEncoder(labels, label_embedding, hidden, max(1, children))
        self.decoder = FastTreeDecoder(labels, label_embedding, hidden, directions, parent_feed)
        self.readout = LabelReadout(hidden, 0, labels, None, "merged", dropout)

    def schedule(self, trees: Sequence[TreeArrays]) -> BothSchedules:
        levels = level_schedule(trees, self.encoder.most_children)
        return BothSchedules(levels, self.decoder.schedule(trees))

    def loss(self, texts: Texts, schedule: BothSchedules) -> Loss:
        """Cross-entropy of every node's label, given the root state of the same tree."""
        return cross_entropy(self.scores(self._read(schedule), schedule.nodes), schedule.nodes.label)

    @torch.no_grad()
    def validate(self, texts: Texts, schedule: BothSchedules) -> list[Prediction]:
        """What becomes of the batch's own trees."""
        return self.decode(self._read(schedule))

    def _read(self, schedule: BothSchedules) -> Encoded:
        """The root states of the batch's trees, and no memory."""
        latent: Tensor = self.encoder(schedule.levels)  # (B, H)
        no_words = latent.new_zeros(len(latent), 0, 0)
        mask = latent.new_zeros(len(latent), 0, dtype=torch.bool)
        return Encoded(no_words, mask, latent)

    def teacher_forced(self, texts: Texts, trees: Sequence[TreeArrays]) -> None:
        """It cannot tell how probable a program is for a text."""

    def encode(self, texts: Texts) -> NoReturn:
        """There is nothing that it could answer to a text.

        Raises:
            UserError: always.
        """
        raise UserError(
            "a tree autoencoder reads programs and answers no sentence; its figure is val_exact_match in metrics.csv, "
            "and a system starts from it by pretrained.model"
        )
