"""A list of numericalised tasks becomes one batch of tensors."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import le
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from saps.batches.numericalise import NumericalTask, NumericalText
from saps.lang.trees import Tree
from saps.nn.padding import Shape, common_shapes, padded, shape_of
from saps.nn.schedule import TreeArrays
from saps.nn.text_encoder import Texts

MakeSchedule = Callable[[Sequence[TreeArrays]], Any]
"""``System.schedule``: named tuples of tensors, of whatever a system wants to know of the true programs."""


class Batch(NamedTuple):
    """The texts and the programs of B tasks."""

    texts: Texts
    schedule: Any  # what ``MakeSchedule`` made of the programs
    programs: tuple[Tree, ...]


Collate = Callable[[Sequence[NumericalTask]], Batch]


def collate(tasks: Sequence[NumericalTask], make_schedule: MakeSchedule) -> Batch:
    """The batch of some tasks."""
    texts, schedule = pad_texts([task.text for task in tasks]), make_schedule([task.tree for task in tasks])
    return Batch(texts, schedule, tuple(task.program for task in tasks))


def collator(make_schedule: MakeSchedule, shapes: int, first: Iterable[Sequence[NumericalTask]]) -> Collate:
    """What makes batches of tasks, in at most so many shapes; 0 leaves each its own.

    The shapes are made for the ``first`` batches, of which those with fewer tasks than others are left out. A later
    batch that no shape holds keeps its own.
    """
    if not shapes:
        return partial(collate, make_schedule=make_schedule)
    sample = (collate(tasks, make_schedule) for tasks in first)
    found = [shape_of(batch.texts, batch.schedule) for batch in sample]
    largest = max(shape.texts for shape in found)
    common = common_shapes([shape for shape in found if shape.texts == largest], shapes)
    return partial(_collate_in_shape, make_schedule=make_schedule, shapes=common)


def _collate_in_shape(tasks: Sequence[NumericalTask], make_schedule: MakeSchedule, shapes: Sequence[Shape]) -> Batch:
    batch = collate(tasks, make_schedule)
    own = shape_of(batch.texts, batch.schedule)
    for shape in shapes:
        if own.texts == shape.texts and all(map(le, own, shape)):
            return Batch(*padded(batch.texts, batch.schedule, shape), batch.programs)
    return batch


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
    """A tensor, or all tensors in named tuples, on another device; everything else stays as it is.

    All tensors of a type go there as one, out of page-locked memory where the device is a GPU: a batch is one copy,
    which nobody waits for.
    """
    tensors = [tensor for tensor in tensors_of(value) if tensor.device != device]
    types = {tensor.dtype for tensor in tensors}
    moved: dict[int, Tensor] = {}
    for dtype in types:
        some = [tensor for tensor in tensors if tensor.dtype == dtype]
        moved.update(zip(map(id, some), _moved(some, device), strict=True))
    return replaced(value, moved)


def tensors_of(value: Any) -> Iterator[Tensor]:
    """All tensors in named tuples, one after another."""
    if isinstance(value, Tensor):
        yield value
    elif hasattr(value, "_fields"):
        for part in value:
            yield from tensors_of(part)


def replaced(value: Any, moved: Mapping[int, Tensor]) -> Any:
    """The same named tuples with other tensors, each given by the ``id`` of the one in whose place it stands."""
    if isinstance(value, Tensor):
        return moved.get(id(value), value)
    if hasattr(value, "_fields"):
        return type(value)(*(replaced(part, moved) for part in value))
    return value


def _moved(tensors: Sequence[Tensor], device: torch.device) -> list[Tensor]:
    """Tensors of one type, moved as one."""
    sizes = [tensor.numel() for tensor in tensors]
    together = torch.empty(sum(sizes), dtype=tensors[0].dtype, pin_memory=device.type == "cuda")
    torch.cat([tensor.flatten() for tensor in tensors], out=together)
    parts = together.to(device, non_blocking=True).split(sizes)
    return [part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)]
