"""What all systems with a tree decoder share: the loss, greedy answers, and the interface to search."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from saps.batches.collate import to_device
from saps.lang.trees import Tree
from saps.models.system import Loss, Prediction, System, TeacherForced, by_program
from saps.models.tree_stepper import TreeStepper
from saps.nn.attention import Memory
from saps.nn.greedy import Decoded, TreeLimits, greedy
from saps.nn.schedule import Nodes, TreeArrays
from saps.nn.text_encoder import Encoded, Texts
from saps.tasks.vocabulary import Vocabularies, split_label


class TreeSystem(System):
    """A subclass defines ``encode``, ``schedule``, and its decoder's ``start``, ``step`` and ``scores``.

    Arity is part of a label, so there is no stop symbol.
    """

    def __init__(self, vocabularies: Vocabularies, limits: TreeLimits) -> None:
        """Takes the vocabularies, and how large a tree may grow in decoding."""
        super().__init__(vocabularies)
        self.limits = limits
        arity = torch.tensor([split_label(label)[1] for label in vocabularies.labels])
        self.register_buffer("arity", arity.index_fill(0, torch.arange(2), -1), persistent=False)  # (V,)
        self.arity: Tensor  # PAD and UNKNOWN are no labels of a program

    def start(self, encoded: Encoded) -> tuple[Memory, Tensor]:
        """The memory of B texts, and the rows (B, W) above the roots."""
        raise NotImplementedError(f"{type(self).__name__} must define start(encoded)")

    def step(self, before: Tensor, nodes: Nodes, memory: Memory) -> tuple[Tensor, Tensor]:
        """R nodes, given the rows of the step before: the scores (R, V) of their labels, and their rows (R, W)."""
        raise NotImplementedError(f"{type(self).__name__} must define step(before, nodes, memory)")

    def scores(self, encoded: Encoded, schedule: Any) -> Tensor:
        """Teacher forcing: the scores (N, V) of the labels of all nodes."""
        raise NotImplementedError(f"{type(self).__name__} must define scores(encoded, schedule)")

    def loss(self, texts: Texts, schedule: Any) -> Loss:
        """Cross-entropy of every node's label, averaged over all N nodes of the batch."""
        return cross_entropy(self.scores(self.encode(texts), schedule), schedule.label)

    def attention(self, encoded: Encoded, schedule: Any) -> Tensor | None:
        """Teacher forcing: how much each node reads each word (B, n, S), on the grid; None without attention."""
        return None

    @torch.no_grad()
    def teacher_forced(self, texts: Texts, trees: Sequence[TreeArrays]) -> list[TeacherForced] | None:
        encoded, schedule = self.encode(texts), to_device(self.schedule(trees), self.device)
        scores, weights = self.scores(encoded, schedule), self.attention(encoded, schedule)
        orders = [tree.preorder for tree in trees]
        return by_program(scores, schedule.label, weights, schedule.grid, texts.lengths, orders)

    @torch.no_grad()
    def answer(self, texts: Texts) -> list[Prediction]:
        """Greedy decoding of B texts, all open nodes of all trees in one step."""
        return self.decode(self.encode(texts))

    def decode(self, encoded: Encoded) -> list[Prediction]:
        """Greedy decoding of B encoded texts."""
        memory, rows = self.start(encoded)
        return self._predictions(greedy(self.step, rows, memory, self.arity, self.limits), len(rows))

    @torch.no_grad()
    def stepper(self, texts: Texts) -> TreeStepper:
        """The first hole of each hypothesis at a time."""
        memory, rows = self.start(self.encode(texts))
        return TreeStepper(self.step, rows, memory, self.arity.tolist())

    def _predictions(self, decoded: Decoded, trees: int) -> list[Prediction]:
        """Rows of nodes, parents before children, become programs: built from the last row to the first."""
        children: list[list[Tree]] = [[] for _ in range(len(decoded.label))]
        programs: list[Tree | None] = [None] * trees
        log_probabilities = torch.zeros(trees, dtype=torch.double)
        log_probabilities.index_add_(0, decoded.tree.cpu(), decoded.log_probability.double().cpu())
        names = [split_label(label)[0] for label in self.vocabularies.labels]
        rows = list(zip(decoded.tree.tolist(), decoded.parent.tolist(), decoded.label.tolist(), strict=True))
        for row in range(len(rows) - 1, -1, -1):
            tree, parent, label = rows[row]
            node = Tree(names[label], tuple(reversed(children[row])))
            if parent < 0:
                programs[tree] = node
            else:
                children[parent].append(node)
        truncated = set(decoded.tree[decoded.truncated].tolist())
        results = enumerate(zip(programs, log_probabilities.tolist(), strict=True))
        return [Prediction(program, total, truncated=tree in truncated) for tree, (program, total) in results]


def cross_entropy(scores: Tensor, target: Tensor) -> Loss:
    """scores (N, V), target (N,) -> the mean cross-entropy, and how often the best label is the right one.

    A target of -100 is none: it is padding.
    """
    return Loss(F.cross_entropy(scores, target), (scores.argmax(dim=1) == target).sum(), len(target))
