"""A list of numericalised tasks becomes one batch of tensors."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from saps.batches.numericalise import NumericalTask, NumericalText
from saps.lang.trees import Tree
from saps.nn.schedule import TreeArrays
from saps.nn.text_encoder import Texts

MakeSchedule = Callable[[Sequence[TreeArrays]], Any]
"""``System.schedule``: named tuples of tensors, of whatever a system wants to know of the true programs."""


class Batch(NamedTuple):
    """The texts and the programs of B tasks."""

    texts: Texts
    schedule: Any  # what ``MakeSchedule`` made of the programs
    programs: tuple[Tree, ...]


def collate(tasks: Sequence[NumericalTask], make_schedule: MakeSchedule) -> Batch:
    """The batch of some tasks."""
    texts, schedule = pad_texts([task.text for task in tasks]), make_schedule([task.tree for task in tasks])
    return Batch(texts, schedule, tuple(task.program for task in tasks))


def pad_texts(texts: Sequence[NumericalText]) -> Texts:
    """Texts of different lengths as padded arrays."""
    words = pad_sequence([torch.from_numpy(text.words).long() for text in texts], batch_first=True)
    return Texts(words, torch.tensor([len(text.words) for text in texts]), _pad_letters(texts, words.shape[1]))


def _pad_letters(texts: Sequence[NumericalText], longest: int) -> Tensor | None:
    """(B, S, G) n-grams of all words, 0 where there is none; None where letters are not read."""
    spelled = [text.letters for text in texts if text.letters is not None]
    if not spelled:
        return None
    most = max(1, max(len(word) for words in spelled for word in words))
    padded = np.zeros((len(spelled), longest, most), dtype=np.int64)
    for row, words in zip(padded, spelled, strict=True):
        for place, word in zip(row, words, strict=False):
            place[: len(word)] = word
    return torch.from_numpy(padded)


def to_device(value: Any, device: torch.device) -> Any:
    """A tensor, or all tensors in named tuples, on another device; everything else stays as it is."""
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    if hasattr(value, "_fields"):
        return type(value)(*(to_device(part, device) for part in value))
    return value
