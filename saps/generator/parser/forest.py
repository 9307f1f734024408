"""The shared packed parse forest of a text (Tomita, 1986): each phrase once, with all the ways to make it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from saps.generator.templates import Template, Wording


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A rule of the grammar: a line of a template, or of a question."""

    goals: Mapping[str, str]
    """what each name in the rule stands for: the type of a slot, ``LETTER``, or the goal of a question"""
    score: float
    """logarithm of the share of the rule among those that could stand in its place"""
    template: Template | None = None
    wording: Wording | None = None
    form: str = ""
    """form of the phrase; empty for a statement, and for a phrase that has the form of its slot"""
    bound: Mapping[str, "Constituent"] | None = None
    """for a phrase whose statement was said before: what its names stand for already"""
    mark: str = ""
    """for such a phrase: which statement it was"""


class Constituent(NamedTuple):
    """What a name of a wording stands for."""

    words: tuple[str, ...]
    form: str
    node: "ForestNode | None"
    """what the words mean; None for a letter that the wording introduces"""


class PackedNode(NamedTuple):
    """One way to make a phrase: a rule with what its names stand for, or an argument."""

    score: float
    rule: Rule | None
    children: Mapping[str, Constituent]
    argument: str = ""


@dataclass(slots=True, eq=False)
class ForestNode:
    """A phrase from one place to another with a form, and all the ways to make it."""

    form: str
    alternatives: list[PackedNode] = field(default_factory=list)
