"""Templates, and the library that a folder of template files makes."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

from saps.generator.inputs import Modes
from saps.generator.wordings import Parts
from saps.lang.trees import Tree

T = TypeVar("T")

FORMS = ("singular", "plural", "series", "bare", "clause", "truth", "question")
"""How a phrase goes with a question; ``question`` asks by itself and stands only at the root."""


@dataclass(frozen=True)
class Weighted(Generic[T]):
    """Things to choose from, each with its weight."""

    options: tuple[T, ...]
    weights: tuple[float, ...]
    totals: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "totals", tuple(accumulate(self.weights)))

    def pick(self, rng: Random) -> T:
        """One of the options, by weight."""
        return self.options[bisect(self.totals, rng.random() * self.totals[-1])]

    def __bool__(self) -> bool:
        return bool(self.totals) and self.totals[-1] > 0


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a template: ``mode`` names the input mode of the arguments below it ("" for none of its own)."""

    name: str
    type: str
    mode: str
    is_open: bool = True
    """other templates may stand in it"""


@dataclass(frozen=True, slots=True)
class Wording:
    """One line of wordings: statements that come before the question, and the phrase.

    ``same_as`` names the slot whose phrase is the whole phrase, where it is so: "square each element of a , find a".
    """

    form: str
    statements: tuple[Parts, ...]
    phrase: Parts
    names: frozenset[str]
    same_as: str
    arguments: frozenset[str]
    """the slots that must hold arguments"""
    single: frozenset[str]
    """the slots whose words must name one thing; ``same_as`` is among them, as a statement changes one thing"""
    weight: float
    place: str = field(default="", compare=False)
    """``file:line``"""


@dataclass(frozen=True)
class Template:
    """A pattern of a program with slots, and the ways to say it."""

    name: str
    root: str
    result: str
    program: Tree
    slots: tuple[Slot, ...]
    letters: tuple[str, ...]
    """names of things that a wording introduces, each a letter in the text: "define d as ..." """
    weight: float
    """share as the root of a program"""
    inner: float
    """share inside another template, among those of the same result type"""
    wordings: Weighted[Wording]
    """at the root: all"""
    inner_wordings: Weighted[Wording]
    """inside another template: all but the questions"""


@dataclass(frozen=True, slots=True)
class Nouns:
    """How arguments of one type are declared: "a number", "numbers", and "the given number" for a dropped name."""

    one: str
    many: str
    given: str


@dataclass(frozen=True, slots=True)
class Sentences:
    """What stands around the phrase."""

    openings: Parts
    questions: Mapping[str, Weighted[Parts]]
    """by the form of the phrase, which stands in the slot ``it``"""
    nouns: Mapping[str, Nouns]
    """by type"""
    dropped: float
    """share of the arguments that are alone of their type which lose their name"""


@dataclass(frozen=True)
class Library:
    """Everything that the generator draws from."""

    templates: tuple[Template, ...]
    sentences: Sentences
    modes: Modes
    instances: Weighted[int]
    """how many template instances a program has"""
    roots: Weighted[Template] = field(init=False)
    inner: Mapping[str, Weighted[Template]] = field(init=False)
    """what may fill a slot, by type"""
    filled: Mapping[str, float] = field(init=False)
    """share of the slots of a type that are filled when it is their turn: all the weights inside, at most 1"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "roots", _weighted(self.templates, [t.weight for t in self.templates]))
        inner: dict[str, Weighted[Template]] = {}
        for result in {template.result for template in self.templates}:
            fitting = [template for template in self.templates if template.result == result and template.inner > 0]
            if fitting:
                inner[result] = _weighted(fitting, [template.inner for template in fitting])
        object.__setattr__(self, "inner", inner)
        object.__setattr__(self, "filled", {name: min(1.0, fitting.totals[-1]) for name, fitting in inner.items()})


def _weighted(options: Sequence[T], weights: Sequence[float]) -> Weighted[T]:
    return Weighted(tuple(options), tuple(weights))
