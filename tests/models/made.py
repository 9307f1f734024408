"""Small systems and batches that the tests of this room share."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch

from saps.batches.collate import Batch, collate
from saps.batches.numericalise import numericalise_task
from saps.lang.trees import Tree
from saps.models.saps import SAPS
from saps.models.system import System
from saps.models.tree_system import TreeSystem
from saps.nn.text_encoder import Texts
from saps.tasks.task import Task
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabularies, Vocabulary, split_label, vocabularies_of
from saps.training.optimization import OptimizerSettings, make_optimizer

SMALL: dict[str, Any] = {
    "word_embedding": 6,
    "encoder_hidden": 5,
    "encoder_layers": 2,
    "label_embedding": 4,
    "hidden": 7,
    "attention_units": 3,
    "dropout": 0.0,
}


class Kind(NamedTuple):
    """A kind of SAPS."""

    directions: str
    parent_feed: str
    attention: str
    context: str = "merged"

    def settings(self) -> dict[str, Any]:
        """As the constructor takes them; adding the context wants an encoder as wide as the decoder."""
        return self._asdict() | ({"encoder_hidden": SMALL["hidden"]} if self.context == "added" else {})

    def __str__(self) -> str:
        return "-".join(self)


KINDS = [
    Kind("VH", "state", "additive"),
    Kind("VH", "state", "multiplicative"),
    Kind("VH", "state", "additive", "added"),
    Kind("VH", "latent", "multiplicative"),
    Kind("VH", "latent", "none"),
    Kind("VH", "horizontal", "multiplicative"),
    Kind("VH", "horizontal", "additive", "added"),
    Kind("VH", "horizontal", "none"),
    Kind("V", "state", "none"),
    Kind("V", "state", "additive", "added"),
    Kind("H", "state", "none"),
    Kind("H", "state", "additive", "added"),
    Kind("H", "state", "multiplicative"),
]
"""Every direction with every form and every way of attention."""


def small(vocabularies: Vocabularies, seed: int = 0, **changed: Any) -> SAPS:
    """An untrained system in double precision, ready to answer."""
    torch.manual_seed(seed)
    return SAPS(vocabularies, **SMALL | changed).double().eval()


def varied(system: SAPS, seed: int = 0, leaves: float = 0.0) -> SAPS:
    """The same system with weights so large that texts and nodes get different labels; ``leaves`` favours atoms."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in system.parameters():
            if parameter.requires_grad and parameter.dim() > 1:
                parameter.mul_(4.0)
        system.readout.to_label.bias += leaves * (system.arity == 0)
    return system


def by_heart(
    system: SAPS, tasks: Sequence[Task], steps: int, settings: OptimizerSettings
) -> Iterator[list[Tree | None]]:
    """Trains a system on all tasks in one batch; every 20 steps gives its answers."""
    batch = batch_of(tasks, system)
    optimizer, schedule = make_optimizer(system, settings, steps)
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        system.loss(batch.texts, batch.schedule).loss.backward()
        torch.nn.utils.clip_grad_norm_(system.parameters(), 2.0)
        optimizer.step()
        schedule.step()
        if step % 20 == 0:
            yield [answer.program for answer in system.eval().answer(batch.texts)]
            system.train()


def told(programs: Sequence[Tree], seed: int = 0, words: int = 9) -> list[Task]:
    """A task for each program, with a random text of 1 to 8 words."""
    rng = torch.Generator().manual_seed(seed)
    tasks = []
    for program in programs:
        length = int(torch.randint(1, 9, (), generator=rng))
        text = tuple(f"w{int(torch.randint(words, (), generator=rng))}" for _ in range(length))
        tasks.append(Task(text, program, {}, "int", ()))
    return tasks


def batch_of(tasks: Sequence[Task], system: System) -> Batch:
    """All tasks in one batch, as a system reads them."""
    numerical = [numericalise_task(task, system.vocabularies, system.reading) for task in tasks]
    return collate(numerical, system.schedule)


def with_labels(tasks: Sequence[Task], labels: Sequence[str]) -> Vocabularies:
    """The words of the tasks, and labels as given."""
    return Vocabularies(vocabularies_of(tasks).words, Vocabulary([PAD, UNKNOWN, *labels]))


def rows_of(texts: Texts, which: Sequence[int]) -> Texts:
    """Some of the texts, padded no more than they need."""
    lengths = texts.lengths[list(which)]
    longest = int(lengths.max())
    letters = None if texts.letters is None else texts.letters[list(which), :longest]
    return Texts(texts.words[list(which), :longest], lengths, letters)


@torch.no_grad()
def teacher_forced(system: TreeSystem, batch: Batch) -> torch.Tensor:
    """The log-probabilities (B,) of the programs of a batch under teacher forcing."""
    schedule = batch.schedule
    scores = system.scores(system.encode(batch.texts), schedule)
    of_labels = scores.log_softmax(dim=1).gather(1, schedule.label[:, None])[:, 0].double()
    tree = schedule.grid.slot // schedule.grid.width
    return torch.zeros(len(batch.programs), dtype=torch.double).index_add(0, tree, of_labels)


LANGUAGE = ["a/0", "b/0", "0/0", "1/0", "sqrt/1", "len/1", "+/2", "-/2", "slice/3"]
"""Labels with which every tree is one that search may build."""


def arities_are_right(program: Tree, labels: Vocabulary) -> bool:
    """Whether every node has a label of the vocabulary with its number of children."""
    known = {split_label(label) for label in list(labels)[2:]}
    return all((node.label, node.arity) in known for node in program.preorder())
