"""What a system may see of a task, and how it reads that: as one line of tokens.

The type ``Query`` has no place for the task's program or for the tests that judge, so no system can reach them.
"""

import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from saps.errors import UserError
from saps.lang.example import Example
from saps.tasks.canonical import CANONICAL_ALPHABET, canonical_names, canonical_text, in_order
from saps.tasks.task import SHOWN_TESTS, Task

MOST_TOKENS = 60  # of one value: a list of 40 elements is whole, a number of a hundred digits is cut off
CUT, END = "...", ";"
_SIGNS = (" ", "-", ".", "[", "]", "{", "}", '"', "`", "=", "->", CUT, END)


Origin: TypeAlias = Literal["declared", "examples", "sentence"]
"""Of arguments: declared one by one, taken from the values that are given, or guessed from the sentence."""


@dataclass(frozen=True, slots=True)
class Query:
    """A sentence, the arguments that it declares, and examples of what is wanted."""

    text: tuple[str, ...]
    arguments: Mapping[str, str]
    """Name -> type as written, such as ``int[]``, in the order of declaration."""
    examples: tuple[Example, ...] = ()
    result: str = "any"
    """The declared type of what the program gives; ``any`` where it is not known."""
    origin: Origin = "declared"
    """Where the arguments come from."""
    certainty: float = 1.0
    """How probable guessed arguments are among all that were thought of."""

    @property
    def guessed(self) -> bool:
        """The arguments were guessed from the sentence."""
        return self.origin == "sentence"


def query_of(task: Task, shown: int) -> Query:
    """The query of a task, with the first ``shown`` of its tests as examples."""
    return Query(task.text, task.args, task.tests[:shown], task.return_type)


@dataclass(frozen=True, slots=True)
class Reading:
    """A way of turning a query into a line of tokens."""

    tokens: Callable[[Query], tuple[str, ...]]
    """Raises UserError where what it reads is missing."""
    reads_text: bool = True
    """The words of the sentence are among the tokens; otherwise the sentence plays no part."""
    shown: int = 0
    """How many tests of a task it is shown; only the others judge what a system makes of it."""
    alphabet: tuple[str, ...] = ()
    """All tokens that it writes besides words of the sentence, so that a vocabulary knows them from the start."""
    canonical: bool = False
    """Arguments are called by their place, here and in the programs (``saps.tasks.canonical``)."""
    letters: bool = False
    """Words are read by their letters too, so that none is unknown."""


def _text(query: Query) -> tuple[str, ...]:
    return query.text


def _declared_text(query: Query) -> tuple[str, ...]:
    """``a int[] b int ; given an array of numbers a and a number b , find ...``"""
    declared = [token for name, kind in query.arguments.items() for token in (name, kind)]
    return (*declared, END, *query.text)


def _canonical_text(query: Query) -> tuple[str, ...]:
    """``the sum of <a>``"""
    return canonical_text(query.text, in_order(query.text, query.arguments))


def _canonical_declared_text(query: Query) -> tuple[str, ...]:
    """``<a> int[] ; the sum of <a>``"""
    order = in_order(query.text, query.arguments)
    names = canonical_names(order)
    declared = [token for name in order for token in (f"<{names[name]}>", query.arguments[name])]
    return (*declared, END, *canonical_text(query.text, order))


def _examples(query: Query) -> tuple[str, ...]:
    """``a = [ 1 2 ] b = 3 -> 6 ;`` for each example."""
    if not query.examples:
        raise UserError("this model reads examples instead of the sentence; give at least one", "example")
    tokens: list[str] = []
    for example in query.examples[:SHOWN_TESTS]:
        names = [name for name in query.arguments if name in example.input] or list(example.input)
        for name in names:
            tokens += [name, "=", *value_tokens(example.input[name])]
        tokens += ["->", *value_tokens(example.output), END]
    return tuple(tokens)


def value_tokens(value: Any) -> list[str]:
    """A value of a test as tokens, at most ``MOST_TOKENS``; what is longer is cut off and ends with ``CUT``.

    A number of one or two digits is one token (``17``), a longer one its digits in back quotes, a minus stands before
    it; a string is its characters in quotes; lists and dictionaries are in brackets.
    """
    tokens: list[str] = []
    for token in _parts(value):
        if len(tokens) == MOST_TOKENS - 1:
            return [*tokens, CUT]
        tokens.append(token)
    return tokens


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, int):
        yield from _number(value)
    elif isinstance(value, str):
        yield from ('"', *value, '"')
    elif isinstance(value, Sequence):
        yield "["
        for element in value:
            yield from _parts(element)
        yield "]"
    elif isinstance(value, Mapping):
        yield "{"
        for key, element in value.items():
            yield from (*_parts(key), *_parts(element))
        yield "}"
    else:
        yield from str(value)  # a float, of which the data has next to none


def _number(value: int) -> Iterator[str]:
    if value < 0:
        yield "-"
    if abs(value) < 100:
        yield str(abs(value))
        return
    leading = abs(value) // 10 ** max(0, abs(value).bit_length() * 3 // 10 - MOST_TOKENS)  # what will be cut off anyway
    yield from ("`", *str(leading), "`")


def _nothing(query: Query) -> tuple[str, ...]:
    return ()


TEXT = Reading(_text)
"""The sentence alone."""

_TYPES = ("int", "int[]", "string", "string[]", "bool", END)

DECLARED_TEXT = Reading(_declared_text, alphabet=(*string.ascii_lowercase, *_TYPES))
"""Names and types of the arguments, then the sentence (Polosukhin and Skidanov, 2018)."""

CANONICAL_TEXT = Reading(_canonical_text, alphabet=("th", *CANONICAL_ALPHABET), canonical=True)
"""The sentence with its arguments called by their place."""

CANONICAL_DECLARED_TEXT = Reading(
    _canonical_declared_text, alphabet=("th", *CANONICAL_ALPHABET, *_TYPES), canonical=True
)
"""The types of the arguments, then the sentence, with the arguments called by their place."""

EXAMPLES = Reading(
    _examples,
    reads_text=False,
    shown=SHOWN_TESTS,
    alphabet=(*map(str, range(100)), *string.ascii_lowercase, "true", "false", *_SIGNS),
)
"""The examples that a task shows, without its sentence."""

NOTHING = Reading(_nothing, reads_text=False)
"""For a system that learns from programs alone."""

Reads: TypeAlias = Literal["text", "declared_text", "canonical_text", "canonical_declared_text"]
"""What a system that reads sentences may be told to read."""

READINGS: Mapping[Reads, Reading] = {
    "text": TEXT,
    "declared_text": DECLARED_TEXT,
    "canonical_text": CANONICAL_TEXT,
    "canonical_declared_text": CANONICAL_DECLARED_TEXT,
}


def reading_of(reads: Reads, letters: bool) -> Reading:
    """The reading of this name, with or without the letters of its words."""
    return replace(READINGS[reads], letters=letters)
