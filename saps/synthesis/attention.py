"""How a model reads given programs for queries: the probability of each node, and the words that it attended to."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from saps.batches.collate import pad_texts, to_device
from saps.batches.numericalise import numericalise_query, numericalise_tree
from saps.lang.trees import Tree
from saps.models.system import System
from saps.nn.text_encoder import Texts
from saps.tasks.canonical import canonical_program
from saps.tasks.query import Query

_TOGETHER = 128  # programs that are read at a time


class ReadProgram(NamedTuple):
    """A program as a model reads it, node by node in pre-order."""

    probabilities: tuple[float, ...]
    """Of each label, given those before it."""
    attention: tuple[tuple[float, ...], ...] | None
    """Nodes by words (``System.reading`` says which), each row in all 1; None without attention."""

    @property
    def probability(self) -> float:
        """Of the whole program."""
        product = 1.0
        for probability in self.probabilities:
            product *= probability
        return product


def texts_of(system: System, queries: Sequence[Query]) -> Texts:
    """What a system reads of some queries, as numbers."""
    words, reading = system.vocabularies.words, system.reading
    texts = pad_texts([numericalise_query(query, words, reading) for query in queries])
    return to_device(texts, system.device)


@torch.no_grad()
def read_programs(system: System, queries: Sequence[Query], programs: Sequence[Tree]) -> list[ReadProgram] | None:
    """A program for each of some queries, as a system reads it under teacher forcing; None where it cannot tell."""
    system.eval()
    order = sorted(range(len(queries)), key=lambda place: len(queries[place].text))
    found: dict[int, ReadProgram] = {}
    for at in range(0, len(order), _TOGETHER):
        places = order[at : at + _TOGETHER]
        spelled = [_as_written(system, queries[place], programs[place]) for place in places]
        trees = [numericalise_tree(program, system.vocabularies.labels) for program in spelled]
        forced = system.teacher_forced(texts_of(system, [queries[place] for place in places]), trees)
        if forced is None:
            return None
        for place, (log_probabilities, attention) in zip(places, forced, strict=True):
            rows = None if attention is None else tuple(map(tuple, attention.tolist()))
            found[place] = ReadProgram(tuple(log_probabilities.double().exp().tolist()), rows)
    return [found[place] for place in range(len(queries))]


def _as_written(system: System, query: Query, program: Tree) -> Tree:
    """A program as the system would write it, which may call arguments by their place."""
    if not system.reading.canonical:
        return program
    return canonical_program(program, query.text, query.arguments)
