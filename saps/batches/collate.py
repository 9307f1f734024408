"""A list of numericalised tasks becomes one batch of tensors."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from saps.batches.numericalise import Numbers, NumericalTask
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
    texts, schedule = pad_texts([task.words for task in tasks]), make_schedule([task.tree for task in tasks])
    return Batch(texts, schedule, tuple(task.program for task in tasks))


def pad_texts(texts: Sequence[Numbers]) -> Texts:
    """Texts of different lengths as one padded array."""
    words = pad_sequence([torch.from_numpy(text).long() for text in texts], batch_first=True)
    return Texts(words, torch.tensor([len(text) for text in texts]))


def to_device(value: Any, device: torch.device) -> Any:
    """A tensor, or all tensors in named tuples, on another device; everything else stays as it is."""
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    if hasattr(value, "_fields"):
        return type(value)(*(to_device(part, device) for part in value))
    return value
