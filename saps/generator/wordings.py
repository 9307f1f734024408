"""Wordings: small trees of parts that become words.

A wording is data, not a function, so that it can be read in both directions: from a derivation to its words, and from
words to the derivations that they may have. ``wording_notation`` reads it from a line of a template file.
"""

from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """Words as they stand."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The phrase of a slot, or a letter; ``link`` says how it is joined to what is before it ("" as it stands)."""

    name: str
    link: str


@dataclass(frozen=True, slots=True)
class Agreeing:
    """Words that follow the number of a slot's phrase."""

    name: str
    one: "Parts"
    many: "Parts"


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One of several sequences; those that share a ``key`` are chosen together within a wording."""

    options: tuple["Parts", ...]
    key: str = ""
    totals: tuple[float, ...] = ()
    """running totals of the weights; none where all are alike"""

    def pick(self, draw: Callable[[], float]) -> "Parts":
        """One of the options, by weight; ``draw`` gives numbers from 0 to 1."""
        if self.totals:
            return self.options[bisect(self.totals, draw() * self.totals[-1])]
        return self.options[int(draw() * len(self.options))]


Part: TypeAlias = Words | Named | Agreeing | Alternatives
Parts: TypeAlias = tuple[Part, ...]
WordLists: TypeAlias = Mapping[str, Alternatives]

LINKS = {"of": ("in", "of"), "in": ("in",), "link": ("in", "of")}  # before a phrase that names one thing: elements of a
PLURAL_LINK = "among"  # before a phrase that names several: elements among squares of a
PLURAL_LINKS = {"plural": (PLURAL_LINK,), "series": ("in",)}  # by form; a series: elements in numbers from 0 to a
LINK = "link"  # elements of the first half of a, elements among the first half of squares of a
ONE = "one"  # subarray of a, but not subarray of squares of a
NAME = "name"  # numbers from 1 to a ( including a )
SHORT = "short"  # sum of first median of a smallest elements
ALL = "all"  # add up {all list}: all the numbers in a, the even numbers in a
EACH = "each"  # square {each list}: every number in a
OWN = "own"  # {own list} length: the list's length, its length
NTH = "nth"  # the {nth place} element: the kth element, the third element
BOTH = "both"  # the sum of {both number other}: of a and b, of two numbers
PLAIN_LINKS = (ALL, EACH, OWN, NTH, BOTH, "s", "ing")
"""Marks that only the plain register has; ``s`` and ``ing`` give the form of the verbs in a frame."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words with their grammatical form (one of ``FORMS``)."""

    words: tuple[str, ...]
    form: str

    @property
    def plural(self) -> bool:
        """Whether the words name several things."""
        return self.form in PLURAL_LINKS

    def links(self, link: str) -> tuple[str, ...]:
        """The words that may stand between what is before and the phrase, for a ``link`` of a wording."""
        return PLURAL_LINKS.get(self.form, LINKS[link])

    def short(self) -> tuple[str, ...]:
        """The words without "the" at their beginning; a bare phrase, such as "the given number", keeps it."""
        return self.words[1:] if self.words[:1] == ("the",) and self.form != "bare" else self.words


def words_in(parts: Parts) -> Iterator[str]:
    """The words of a part of a wording, whichever choices are taken."""
    for part in parts:
        if isinstance(part, Words):
            yield from part.words
        elif isinstance(part, Named):
            yield from (*LINKS[part.link], PLURAL_LINK) if part.link in LINKS else ()
        elif isinstance(part, Alternatives):
            for option in part.options:
                yield from words_in(option)
        elif isinstance(part, Agreeing):
            yield from (*words_in(part.one), *words_in(part.many))


def render(sequence: Parts, phrases: Mapping[str, Phrase], rng: Random, chosen: dict[str, Parts]) -> list[str]:
    """The words of a sequence; ``chosen`` remembers what was taken from word lists within one wording."""
    words: list[str] = []
    _render(sequence, phrases, rng.random, chosen, words)
    return words


def _render(
    sequence: Parts,
    phrases: Mapping[str, Phrase],
    draw: Callable[[], float],
    chosen: dict[str, Parts],
    words: list[str],
) -> None:
    for part in sequence:
        if isinstance(part, Words):
            words.extend(part.words)
        elif isinstance(part, Named):
            phrase = phrases[part.name]
            if part.link in LINKS:
                links = phrase.links(part.link)
                words.append(links[int(draw() * len(links))])
            if part.link != LINK:
                words.extend(phrase.short() if part.link == SHORT else phrase.words)
        elif isinstance(part, Alternatives):
            option = chosen.get(part.key)
            if option is None:
                option = part.pick(draw)
            if part.key:
                chosen[part.key] = option
            _render(option, phrases, draw, chosen, words)
        else:
            option = part.many if phrases[part.name].plural else part.one
            _render(option, phrases, draw, chosen, words)
