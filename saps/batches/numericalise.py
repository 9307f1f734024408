"""Tasks as numbers: what of a task can be computed once, before any batch is made."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from saps.lang.trees import Tree
from saps.nn.schedule import TreeArrays
from saps.tasks.canonical import canonical_program
from saps.tasks.letters import ngrams
from saps.tasks.query import TEXT, Query, Reading, query_of
from saps.tasks.task import Task
from saps.tasks.vocabulary import UNKNOWN, Vocabularies, Vocabulary, label_of

Numbers = NDArray[np.int32]


class NumericalText(NamedTuple):
    """A text of S words as numbers."""

    words: Numbers  # (S,)
    letters: tuple[Numbers, ...] | None = None  # the n-grams of each word, for those who read letters


class NumericalTask(NamedTuple):
    """The text and the tree of a task as numbers, beside the program itself."""

    text: NumericalText
    tree: TreeArrays
    program: Tree


def numericalise_tree(program: Tree, labels: Vocabulary) -> TreeArrays:
    """The arrays of a program under a vocabulary of labels; a label outside it gets the number of UNKNOWN."""
    rows = [(0, program, -1, -1, 1, 0)]  # step, node, place of the parent, place of the predecessor, first, depth
    for place, (step, node, _, _, _, depth) in enumerate(rows):  # the list grows while it is walked: breadth first
        predecessor, first = place, 1
        for position, child in enumerate(node.children):
            rows.append((step + 1 + position, child, place, predecessor, first, depth + 1))
            predecessor, first = len(rows) - 1, 0
    order = sorted(range(len(rows)), key=lambda place: rows[place][0])
    moved = np.empty(len(rows) + 1, dtype=np.int32)
    moved[order] = np.arange(len(rows), dtype=np.int32)
    moved[-1] = -1  # the root's parent and predecessor, -1, stay -1
    ordered = [rows[place] for place in order]
    return TreeArrays(
        label=np.array([labels.index(label_of(row[1])) for row in ordered], dtype=np.int32),
        step=np.array([row[0] for row in ordered], dtype=np.int32),
        predecessor=moved[[row[3] for row in ordered]],
        first=np.array([row[4] for row in ordered], dtype=np.int32),
        parent=moved[[row[2] for row in ordered]],
        depth=np.array([row[5] for row in ordered], dtype=np.int32),
        preorder=moved[_preorder([row[2] for row in rows])],
    )


def _preorder(parents: list[int]) -> list[int]:
    """The nodes in pre-order, given the parent of each node of a tree in breadth-first order."""
    size = [1] * len(parents)
    for node in range(len(parents) - 1, 0, -1):
        size[parents[node]] += size[node]
    order, free = [0] * len(parents), [1] * len(parents)  # free: the place of each node's next child
    for node, parent in enumerate(parents):
        place = free[parent] if node else 0
        order[place] = node
        free[parent] += size[node]
        free[node] = place + 1
    return order


def numericalise_words(text: tuple[str, ...], words: Vocabulary) -> Numbers:
    """The numbers of the words of a text; an unknown word gets the number of UNKNOWN, and so does an empty text.

    Encoders read at least one word.
    """
    return np.array([words.index(word) for word in text or (UNKNOWN,)], dtype=np.int32)


def numericalise_query(query: Query, words: Vocabulary, reading: Reading) -> NumericalText:
    """The numbers of what a reading makes of a query.

    Raises:
        UserError: the reading finds nothing to read.
    """
    tokens = reading.tokens(query)
    letters = tuple(map(_letters, tokens or (UNKNOWN,))) if reading.letters else None
    return NumericalText(numericalise_words(tokens, words), letters)


@lru_cache(maxsize=50_000)
def _letters(word: str) -> Numbers:
    return np.array(ngrams(word), dtype=np.int32)


def numericalise_task(task: Task, vocabularies: Vocabularies, reading: Reading = TEXT) -> NumericalTask:
    """The numbers of a whole task, with what a reading makes of it as its text, and the program as it is to be written.

    Raises:
        UserError: the reading finds nothing to read.
    """
    text = numericalise_query(query_of(task, reading.shown), vocabularies.words, reading)
    program = program_to_write(task, reading)
    return NumericalTask(text, numericalise_tree(program, vocabularies.labels), program)


def program_to_write(task: Task, reading: Reading) -> Tree:
    """The program of a task as a system writes it: with arguments by their place where it reads them so."""
    return canonical_program(task.program, task.text, task.args) if reading.canonical else task.program
