"""What a system is: a plain torch module that learns from batches and answers texts with programs.

``saps/training/module.py`` wraps any of them for Lightning; nothing here knows of it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from saps.lang.trees import Tree
from saps.nn.readout import on_grid
from saps.nn.schedule import Grid, TreeArrays
from saps.nn.text_encoder import Encoded, Texts
from saps.search.step import Step
from saps.tasks.query import TEXT, Reading
from saps.tasks.vocabulary import Vocabularies


class Loss(NamedTuple):
    """The loss of a batch, and what is worth seeing beside it."""

    loss: Tensor  # () mean cross-entropy of the labels: what is minimised
    right: Tensor  # () how many labels are the most probable ones under teacher forcing
    labels: int = 1  # how many there are: by these the losses of several processes are weighted

    @property
    def label_accuracy(self) -> Tensor:
        """The share of labels that are the most probable ones (): what nobody asks for is not computed."""
        return self.right / self.labels


class Prediction(NamedTuple):
    """A predicted program with its log-probability under the model."""

    program: Tree | None  # None where what was written is no program
    log_probability: float
    problem: str = ""  # why it is none
    truncated: bool = False  # limits on size and depth made it another program than the one decoded label by label


class TeacherForced(NamedTuple):
    """What a system thinks of a given program for a text; its n nodes stand in pre-order."""

    log_probabilities: Tensor  # (n,) of each label, given those before it; -inf where the system has no such label
    attention: Tensor | None  # (n, S) how much each node reads each of the S words, in all 1; None without attention


class System(nn.Module):
    """A system of the table. A subclass defines ``encode``, ``schedule``, ``loss``, ``answer`` and ``stepper``.

    Its constructor takes the vocabularies and then only plain values, so that its configuration can be written down.
    """

    reading: Reading = TEXT
    """What it reads of a task; ``Texts`` are the numbers of these tokens."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        super().__init__()
        self.vocabularies = vocabularies

    def encode(self, texts: Texts) -> Encoded:
        """The memory, mask and latent vectors of B texts."""
        raise NotImplementedError(f"{type(self).__name__} must define encode(texts)")

    def schedule(self, trees: Sequence[TreeArrays]) -> Any:
        """What ``loss`` wants to know of the true programs of a batch; made where batches are made, of any tensors."""
        raise NotImplementedError(f"{type(self).__name__} must define schedule(trees)")

    def loss(self, texts: Texts, schedule: Any) -> Loss:
        """The loss of a batch under teacher forcing."""
        raise NotImplementedError(f"{type(self).__name__} must define loss(texts, schedule)")

    def answer(self, texts: Texts) -> list[Prediction]:
        """The program that greedy decoding finds for each of B texts."""
        raise NotImplementedError(f"{type(self).__name__} must define answer(texts)")

    def stepper(self, texts: Texts) -> Step[Any]:
        """The system as search sees it, for B texts."""
        raise NotImplementedError(f"{type(self).__name__} must define stepper(texts)")

    def teacher_forced(self, texts: Texts, trees: Sequence[TreeArrays]) -> list[TeacherForced] | None:
        """How probable each node of B given programs is for B texts, and which words it reads; None: it cannot tell."""
        return None

    def validate(self, texts: Texts, schedule: Any) -> list[Prediction]:
        """What validation judges: greedy decoding, for some systems of more than texts."""
        return self.answer(texts)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    def parameter_count(self) -> int:
        """Number of trainable parameters."""
        return sum(parameter.numel() for parameter in self.parameters() if parameter.requires_grad)


def by_program(
    scores: Tensor, label: Tensor, weights: Tensor | None, grid: Grid, lengths: Tensor, orders: Sequence[Any]
) -> list[TeacherForced]:
    """What teacher forcing gave for the nodes of B programs together, as one piece a program.

    Args:
        scores: (N, V) of all labels at each node.
        label: (N,) the labels that stand there.
        weights: (B, n, S) of the attention; None without.
        grid: where each node stands.
        lengths: (B,) words of each text.
        orders: for each program, the numbers of its nodes in pre-order.
    """
    known = scores.log_softmax(dim=1).gather(1, label[:, None]).masked_fill(label[:, None] < 2, float("-inf"))
    columns = on_grid(known, grid)[:, :, 0]  # (B, n); PAD and UNKNOWN are never written
    found = []
    for row, (order, words) in enumerate(zip(orders, lengths.tolist(), strict=True)):
        nodes = torch.as_tensor(order, dtype=torch.long, device=scores.device)
        read = None if weights is None else weights[row, nodes, :words]
        found.append(TeacherForced(columns[row, nodes], read))
    return found
