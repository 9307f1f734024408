"""Small systems of every kind, and questions for them, that the tests of this room share."""

from collections.abc import Sequence
from typing import Any

import torch

from saps.models.system import System
from saps.tasks.task import Task
from saps.tasks.vocabulary import Vocabularies, vocabularies_of
from tests.models.made import batch_of

SEQUENCE: dict[str, Any] = {
    "word_embedding": 6,
    "encoder_hidden": 5,
    "encoder_layers": 1,
    "token_embedding": 4,
    "hidden": 7,
    "attention_units": 3,
    "dropout": 0.0,
    "max_tokens": 60,
}

TRANSFORMER: dict[str, Any] = {
    "width": 8,
    "heads": 2,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "dropout": 0.0,
    "max_tokens": 60,
}
WITH_TREE: dict[str, Any] = {
    "width": 8,
    "heads": 2,
    "encoder_layers": 2,
    "label_embedding": 4,
    "hidden": 7,
    "attention_units": 3,
    "dropout": 0.0,
    "max_nodes": 40,
}


def untrained(kind: type[System], vocabularies: Vocabularies, sizes: dict[str, Any], spread: float = 3.0) -> Any:
    """A system in double precision, ready to answer, with weights so large that texts get different answers."""
    torch.manual_seed(3)
    system = kind(vocabularies, **sizes).double().eval()
    with torch.no_grad():
        for parameter in system.parameters():
            if parameter.requires_grad and parameter.dim() > 1:
                parameter.mul_(spread)
    return system


def vocabularies_for(kind: type[System], tasks: Sequence[Task]) -> Vocabularies:
    """The vocabularies of tasks, as a kind of system reads them."""
    return vocabularies_of(tasks, reading=kind.reading)


def learned(
    kind: type[System], tasks: Sequence[Task], sizes: dict[str, Any], steps: int, learning_rate: float = 0.01
) -> Any:
    """A system that has learned from all tasks in one batch for some steps, ready to answer."""
    torch.manual_seed(0)
    system = kind(vocabularies_for(kind, tasks), **sizes)
    batch = batch_of(tasks, system)
    optimizer = torch.optim.Adam(system.parameters(), lr=learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        system.loss(batch.texts, batch.schedule).loss.backward()
        torch.nn.utils.clip_grad_norm_(system.parameters(), 2.0)
        optimizer.step()
    return system.eval()


def steps_until_known(
    kind: type[System], tasks: Sequence[Task], sizes: dict[str, Any], most: int, learning_rate: float = 0.01
) -> int | None:
    """After how many steps a system knows all tasks by heart, looked at every tenth; None if it never does."""
    vocabularies = vocabularies_for(kind, tasks)
    torch.manual_seed(0)
    system = kind(vocabularies, **sizes)
    batch = batch_of(tasks, system)
    optimizer = torch.optim.Adam(system.parameters(), lr=learning_rate)
    for step in range(1, most + 1):
        optimizer.zero_grad()
        system.loss(batch.texts, batch.schedule).loss.backward()
        torch.nn.utils.clip_grad_norm_(system.parameters(), 2.0)
        optimizer.step()
        if step % 10 == 0:
            answers = system.eval().validate(batch.texts, batch.schedule)
            system.train()
            if all(answer.program == task.program for answer, task in zip(answers, tasks, strict=True)):
                return step
    return None
