"""A list of numbered tasks becomes one batch of tensors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from saps.batches.numbering import NumberedTask, NumberedTree, Numbers
from saps.batches.plan import Plan, plan_trees
from saps.lang.trees import Tree


@dataclass(frozen=True, slots=True)
class Texts:
    """B texts, padded on the right to S words."""

    words: Tensor  # (B, S) numbers of words; PAD (0) beyond the end
    lengths: Tensor  # (B,) words of each text

    def to(self, device: torch.device) -> "Texts":
        """The same texts on another device."""
        return Texts(self.words.to(device, non_blocking=True), self.lengths.to(device, non_blocking=True))


@dataclass(frozen=True, slots=True)
class Batch:
    """The texts and the trees of B tasks.

    ``programs`` are the same trees as the tasks give them, ``trees`` the same as arrays, for other plans than ``plan``.
    """

    texts: Texts
    plan: Plan
    programs: tuple[Tree, ...]
    trees: tuple[NumberedTree, ...]

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device; Lightning calls this."""
        return Batch(self.texts.to(device), self.plan.to(device), self.programs, self.trees)


def pad_texts(texts: Sequence[Numbers]) -> Texts:
    """Texts of different lengths as one padded array."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    words = np.zeros((len(texts), lengths.max()), dtype=np.int64)
    for row, text in zip(words, texts, strict=True):
        row[: len(text)] = text
    return Texts(torch.from_numpy(words), torch.from_numpy(lengths))


def collate(tasks: Sequence[NumberedTask]) -> Batch:
    """The batch of some numbered tasks."""
    texts, trees = pad_texts([task.words for task in tasks]), tuple(task.tree for task in tasks)
    return Batch(texts, plan_trees(trees), tuple(task.program for task in tasks), trees)
