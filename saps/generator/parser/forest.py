"""What a text is read as: lines of wordings, what their names stand for, and phrases with all the ways to make them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from saps.generator.templates import Template, Wording


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What an automaton reads: a line of a template, or of a question."""

    goals: Mapping[str, str]
    """what each name in the line stands for: the type of a slot, ``LETTER``, or the goal of a question"""
    score: float
    """logarithm of the share of the line among those that could stand in its place"""
    template: Template | None = None
    wording: Wording | None = None
    form: str = ""
    """form of the phrase; empty for a statement, and for a phrase that has the form of its slot"""
    bound: Mapping[str, "Bound"] | None = None
    """for a phrase whose statement was said before: what its names stand for already"""
    mark: str = ""
    """for such a phrase: which statement it was"""


class Bound(NamedTuple):
    """What a name of a wording stands for."""

    words: tuple[str, ...]
    form: str
    node: "Node | None"
    """what the words mean; None for a letter that the wording introduces"""


class Way(NamedTuple):
    """One way to make a phrase: a line with what its names stand for, or an argument."""

    score: float
    line: Line | None
    children: Mapping[str, Bound]
    argument: str = ""


@dataclass(slots=True, eq=False)
class Node:
    """A phrase from one place to another with a form, and all the ways to make it."""

    form: str
    ways: list[Way] = field(default_factory=list)
