"""What all systems with a tree decoder share: loss, greedy answers, and the door to search."""

from collections.abc import Sequence

import torch
from torch.nn import functional as F

from saps.batches.collate import Batch, Texts
from saps.lang.trees import Tree
from saps.models.base import Answer, Losses, System
from saps.models.optimization import OptimizerSettings
from saps.models.stepper import TreeStepper
from saps.nn.text_encoder import Encoded
from saps.nn.tree_growth import Grown, GrowthLimits, grow
from saps.nn.tree_network import TreeNetwork
from saps.tasks.vocabulary import Vocabularies, split_label


class TreeSystem(System):
    """A text encoder before a tree network. A subclass sets ``network`` and defines ``encode``.

    Arity is part of a label, so there is no stop symbol.
    """

    network: TreeNetwork

    def __init__(self, vocabularies: Vocabularies, limits: GrowthLimits, optimizer: OptimizerSettings | None) -> None:
        """Takes the vocabularies, how large a tree may grow in decoding, and how the weights are learned."""
        super().__init__(vocabularies, optimizer)
        self.limits = limits
        arity = torch.tensor([split_label(label)[1] for label in vocabularies.labels])
        self.register_buffer("arity", arity, persistent=False)  # (V,)
        self.arity: torch.Tensor

    def encode(self, texts: Texts) -> Encoded:
        """The memory, mask and latent vectors of B texts."""
        raise NotImplementedError(f"{type(self).__name__} must define encode(texts)")

    def encode_batch(self, batch: Batch) -> Encoded:
        """The same of a batch that is learned from or validated on, of which a system may read more than texts."""
        return self.encode(batch.texts)

    def losses(self, batch: Batch) -> Losses:
        """Cross-entropy of every node's label, averaged over all R nodes of the batch."""
        encoded, plan = self.encode_batch(batch), batch.plan
        memory = self.network.prepare(encoded.memory, encoded.mask)
        scores = self.network(encoded.latent, plan, memory)  # (R, V)
        loss = F.cross_entropy(scores, plan.label, label_smoothing=self.optimizer_settings.label_smoothing)
        return Losses(loss, (scores.argmax(dim=1) == plan.label).float().mean())

    @torch.no_grad()
    def answer(self, texts: Texts) -> Sequence[Answer]:
        """Greedy decoding of B texts, all open nodes of all trees in one step."""
        return self.decode(self.encode(texts))

    @torch.no_grad()
    def answers_to(self, batch: Batch) -> Sequence[Answer]:
        """Greedy decoding of what ``encode_batch`` makes of a batch."""
        return self.decode(self.encode_batch(batch))

    def decode(self, encoded: Encoded) -> list[Answer]:
        """Greedy decoding of B latent vectors with their memory."""
        trees = len(encoded.latent)
        memory = self.network.prepare(encoded.memory, encoded.mask)
        allowed = torch.ones(trees, len(self.arity), dtype=torch.bool, device=self.arity.device)
        allowed[:, :2] = False  # PAD and UNKNOWN are no labels of a program
        grown = grow(self.network, encoded.latent, memory, self.arity, allowed, self.limits)
        return self._answers(grown, trees)

    @torch.no_grad()
    def stepper(self, texts: Texts) -> TreeStepper:
        """The network as search sees it, for B texts: one empty node of each hypothesis at a time."""
        encoded = self.encode(texts)
        memory = self.network.prepare(encoded.memory, encoded.mask)
        return TreeStepper(self.network, encoded.latent, memory, self.arity.tolist())

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
        held_back = set(grown.tree[grown.held_back].tolist())
        results = enumerate(zip(programs, log_probabilities.tolist(), strict=True))
        return [Answer(program, total, held_back=tree in held_back) for tree, (program, total) in results]
