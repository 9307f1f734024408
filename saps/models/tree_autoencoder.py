"""A tree autoencoder: a Tree-LSTM reads a program into one vector, the decoder of SAPS writes it down again."""

from typing import NoReturn

import torch

from saps.batches.collate import Batch, Texts
from saps.batches.levels import plan_levels
from saps.errors import UserError
from saps.models.optimization import OptimizerSettings
from saps.models.tree_system import TreeSystem
from saps.nn.cells import CellKind
from saps.nn.readout import LabelReadout
from saps.nn.text_encoder import Encoded
from saps.nn.tree_decoder import Directions, PassedDown, TreeDecoder, complaint
from saps.nn.tree_encoder import TreeEncoder
from saps.nn.tree_growth import GrowthLimits
from saps.nn.tree_network import DoublyRecurrent
from saps.search.constraints import MAX_DEPTH, MAX_SIZE
from saps.tasks.query import NOTHING
from saps.tasks.vocabulary import Vocabularies, split_label


class TreeAutoencoder(TreeSystem):
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
        passed_down: PassedDown = "merged",
        cell: CellKind = "lstm",
        dropout: float = 0.2,
        max_nodes: int = MAX_SIZE,
        max_depth: int = MAX_DEPTH,
        optimizer: OptimizerSettings | None = None,
    ) -> None:
        """Builds the network.

        Args:
            vocabularies: of which it needs the labels.
            label_embedding: size of a label's vector, in encoder and decoder.
            hidden: size of the states of both, and of the latent vector.
            directions: recurrences of the decoder: vertical, horizontal, or both.
            passed_down: what the decoder's cells see of the parent besides its label.
            cell: the recurrent cell of the decoder; the encoder is a Tree-LSTM.
            dropout: share of activations dropped in training.
            max_nodes: nodes of the largest tree that decoding grows.
            max_depth: levels of the deepest tree that decoding grows.
            optimizer: how the weights are learned.

        Raises:
            UserError: two settings do not go together.
        """
        super().__init__(vocabularies, GrowthLimits(max_nodes, max_depth), optimizer)
        wrong = complaint(directions, passed_down)
        if wrong or passed_down == "fed":
            raise UserError(f"--model.{wrong or 'passed_down is fed, what attention has read; nothing attends here'}")
        labels, children = len(vocabularies.labels), max(split_label(label)[1] for label in vocabularies.labels)
        self.encoder = TreeEncoder(labels, label_embedding, hidden, max(1, children))
        decoder = TreeDecoder(labels, label_embedding, hidden, passed_down, directions, cell)
        self.network = DoublyRecurrent(decoder, LabelReadout(hidden, 0, labels, None, "merged", dropout))

    def encode_batch(self, batch: Batch) -> Encoded:
        """As ``TreeSystem.encode_batch``: the root states of the batch's own trees, and no memory."""
        levels = plan_levels(batch.trees, self.encoder.most_children).to(self.device)
        latent = self.encoder(levels)  # (B, H)
        trees = len(batch.trees)
        memory, mask = latent.new_zeros(trees, 0, 0), torch.zeros(trees, 0, dtype=torch.bool, device=self.device)
        return Encoded(memory, mask, latent)

    def encode(self, texts: Texts) -> NoReturn:
        """There is nothing that it could answer to a text.

        Raises:
            UserError: always.
        """
        raise UserError(
            "a tree autoencoder reads programs and answers no sentence; its figure is val_exact_match in metrics.csv, "
            "and a system starts from it by --pretrained.model"
        )
