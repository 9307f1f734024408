"""SAPS: a bidirectional LSTM reads the text, a doubly recurrent LSTM with attention grows the program's tree."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch.nn import functional as F

from saps.batches.collate import Batch, Texts
from saps.lang.trees import Tree
from saps.models.base import Answer, Losses, System
from saps.models.optimization import OptimizerSettings
from saps.models.stepper import TreeStepper
from saps.nn.attention import ATTENTIONS
from saps.nn.readout import LabelReadout
from saps.nn.text_encoder import Encoded, TextEncoder
from saps.nn.tree_decoder import PassedDown, TreeDecoder
from saps.nn.tree_growth import Grown, GrowthLimits, grow
from saps.search.constraints import MAX_DEPTH, MAX_SIZE
from saps.tasks.vocabulary import Vocabularies, split_label


class SAPS(System):
    """Structure-aware program synthesis (arXiv 1810.09717), variant VH, with or without attention.

    Text (B, S) -> memory (B, S, 2 * encoder_hidden) and latent (B, hidden) -> states of all nodes -> labels. Arity is
    part of a label, so there is no stop symbol.
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
        super().__init__(vocabularies, optimizer)
        self.hidden = hidden
        words, labels = vocabularies
        memory = 2 * encoder_hidden
        self.encoder = TextEncoder(len(words), word_embedding, encoder_hidden, encoder_layers, hidden, dropout)
        self.decoder = TreeDecoder(len(labels), label_embedding, hidden, passed_down)
        attend = None if attention == "none" else ATTENTIONS[attention](hidden, memory, attention_units)
        self.readout = LabelReadout(hidden, memory, len(labels), attend, dropout)
        self.word_dropout = word_dropout
        self.limits = GrowthLimits(max_nodes, max_depth)
        arity = torch.tensor([split_label(label)[1] for label in labels])
        self.register_buffer("arity", arity, persistent=False)  # (V,)
        self.arity: torch.Tensor

    def encode(self, texts: Texts) -> Encoded:
        """The memory, mask and latent vectors of B texts."""
        words = texts.words
        if self.training and self.word_dropout:
            dropped = (torch.rand_like(words, dtype=torch.float) < self.word_dropout) & (words > 1)
            words = words.masked_fill(dropped, 1)  # 1 is UNKNOWN
        return self.encoder(words, texts.lengths)

    def losses(self, batch: Batch) -> Losses:
        """Cross-entropy of every node's label, averaged over all R nodes of the batch."""
        encoded, plan = self.encode(batch.texts), batch.plan
        states = self.decoder(encoded.latent, plan)  # (R, H)
        memory = self.readout.prepare(encoded.memory, encoded.mask)
        scores = self.readout(states, memory, plan.slot, plan.nodes)  # (R, V)
        loss = F.cross_entropy(scores, plan.label, label_smoothing=self.optimizer_settings.label_smoothing)
        return Losses(loss, (scores.argmax(dim=1) == plan.label).float().mean())

    @torch.no_grad()
    def answer(self, texts: Texts) -> Sequence[Answer]:
        """Greedy decoding of B texts, all open nodes of all trees in one step."""
        encoded = self.encode(texts)
        memory = self.readout.prepare(encoded.memory, encoded.mask)
        allowed = torch.ones(len(texts.words), len(self.arity), dtype=torch.bool, device=self.arity.device)
        allowed[:, :2] = False  # PAD and UNKNOWN are no labels of a program
        grown = grow(self.decoder, self.readout, encoded.latent, memory, self.arity, allowed, self.limits)
        return self._answers(grown, len(texts.words))

    @torch.no_grad()
    def stepper(self, texts: Texts) -> TreeStepper:
        """The network as search sees it, for B texts: one empty node of each hypothesis at a time."""
        encoded = self.encode(texts)
        memory = self.readout.prepare(encoded.memory, encoded.mask)
        return TreeStepper(self.decoder, self.readout, encoded.latent, memory, self.arity.tolist())

    def _answers(self, grown: Grown, trees: int) -> list[Answer]:
        """Rows of nodes, parents before children, become programs: built from the last row to the first."""
        children: list[list[Tree]] = [[] for _ in range(len(grown.label))]
        programs: list[Tree | None] = [None] * trees
        log_probabilities = torch.zeros(trees, dtype=torch.double)
        log_probabilities.index_add_(0, grown.tree.cpu(), grown.log_probability.double().cpu())
        names = [split_label(label)[0] for label in self.vocabularies.labels]
        rows = list(zip(grown.tree.tolist(), grown.parent.tolist(), grown.label.tolist(), strict=True))
        for row in range(len(rows) - 1, -1, -1):
            tree, parent, label = rows[row]
            node = Tree(names[label], tuple(reversed(children[row])))
            if parent < 0:
                programs[tree] = node
            else:
                children[parent].append(node)
        return [
            Answer(program, log_probability)
            for program, log_probability in zip(programs, log_probabilities.tolist(), strict=True)
            if program is not None
        ]
