"""The notation of wordings: one line of a template file that stands for many phrases.

====================  =====================================================================================
``word``              the word itself; words are separated by blanks
``[a|b c|]``          one of the alternatives, an empty one included; may be nested
``[x3 a|b]``          the same, the first one three times as often
``{list}``            the words for what fills the slot ``list``, or a letter handed out for a name
``{of list}``         the same after "in" or "of", or as ``LINKS`` says where those words are a plural
``{in list}``         the same after "in", or as ``LINKS`` says where those words are a plural
``{link list}``       the link of ``{of list}`` alone, for words in between: "elements among the first half of ..."
``{name list}``       the same as ``{list}``; the line is said only where the slot holds an argument
``{one list}``        the same as ``{list}``; the line is said only where its words name one thing, not several
``{short list}``      the same without "the" at its beginning, as after "first"; a dropped name keeps it
``{list: is | are}``  the first where the words for the slot name one thing, the second where they are a plural;
                      both may hold marks and choices
``<element>``         one of the words of that list; the same one wherever it stands in a wording
====================  =====================================================================================

A wording is kept as a small tree of parts, not as a function, so that it can be read in both directions: from a
derivation to its words, and from words to the derivations that they may have.
"""

import re
from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import TypeAlias

from saps.errors import UserError


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
WEIGHT = re.compile(r"x(\d+(?:\.\d+)?)")  # before a line or an alternative: x2 ...
_TOKEN = re.compile(r"[\[\]|]|\{(?:[^{}]|\{[^{}]*\})*\}|<[^<>]*>|[^\s\[\]|{}<>]+|\S")
_GLUED = re.compile(r"[^\s\[\]|{}<>][\[{<]|[\]}>][^\s\[\]|{}<>]")
_NAMED = re.compile(r"\{(?P<link>(?:of|in|link|name|one|short) +)?(?P<name>\w+)\}")
_AGREEING = re.compile(r"\{(?P<name>\w+) *:(?P<sides>.*)\}")


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


def parse_wording(text: str, lists: WordLists) -> Parts:
    """The parts of a line in the notation above.

    Raises:
        UserError: a bracket that does not close, an unknown word list, or marks without a blank around them.
    """
    glued = _GLUED.search(text)
    if glued:
        raise UserError(f"{glued[0]!r} needs a blank inside it: marks and words are separated by blanks")
    sequence, rest = _sequence(_TOKEN.findall(text), lists)
    if rest:
        raise UserError(f"{rest[0]!r} stands outside of [ ]; choices are written [one|other]")
    return sequence


def parse_word_list(name: str, text: str, lists: WordLists) -> Alternatives:
    """The word list of a line such as ``largest|biggest``, which may name the lists before it.

    Raises:
        UserError: as ``parse_wording`` does.
    """
    (choice,) = parse_wording(f"[{text}]", lists)
    if not isinstance(choice, Alternatives):
        raise UserError("a word list is written one|other")
    return Alternatives(choice.options, name, choice.totals)


def names_in(sequence: Parts) -> set[str]:
    """The slots and letters that a sequence speaks of."""
    found: set[str] = set()
    for part in sequence:
        if isinstance(part, Named | Agreeing):
            found.add(part.name)
        if isinstance(part, Agreeing):
            found |= names_in(part.one) | names_in(part.many)
        if isinstance(part, Alternatives):
            found = found.union(*map(names_in, part.options))
    return found


def marked_in(sequence: Parts, link: str) -> set[str]:
    """The slots with this mark outside of choices: those that must hold an argument (NAME), or name one thing (ONE)."""
    return {part.name for part in sequence if isinstance(part, Named) and part.link == link}


def said_in(sequence: Parts) -> set[str]:
    """The slots and letters whose words stand in the sequence whichever alternatives are taken."""
    said: set[str] = set()
    for part in sequence:
        if isinstance(part, Named) and part.link != LINK:
            said.add(part.name)
        if isinstance(part, Agreeing):
            said |= said_in(part.one) & said_in(part.many)
        if isinstance(part, Alternatives):
            said |= set.intersection(*map(said_in, part.options))
    return said


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


def _sequence(tokens: list[str], lists: WordLists) -> tuple[Parts, list[str]]:
    """Parts up to the end, to ``|`` or to ``]``, and the tokens that are left."""
    parts: list[Part] = []
    while tokens and tokens[0] not in "|]":
        token, tokens = tokens[0], tokens[1:]
        if token == "[":
            choice, tokens = _choice(tokens, lists)
            parts.append(choice)
        elif token[0] in "{<}>":
            parts.append(_mark(token, lists))
        elif parts and isinstance(parts[-1], Words):
            parts[-1] = Words((*parts[-1].words, token))
        else:
            parts.append(Words((token,)))
    return tuple(parts), tokens


def _choice(tokens: list[str], lists: WordLists) -> tuple[Alternatives, list[str]]:
    """The alternatives after an opening bracket, and the tokens after the closing one."""
    options: list[Parts] = []
    weights: list[float] = []
    while True:
        weighted = tokens and WEIGHT.fullmatch(tokens[0])
        weights.append(float(weighted[1]) if weighted else 1.0)
        option, tokens = _sequence(tokens[1:] if weighted else tokens, lists)
        options.append(option)
        if not tokens:
            raise UserError("a [ is never closed; add ] after the last alternative")
        mark, tokens = tokens[0], tokens[1:]
        if mark == "]":
            totals = tuple(accumulate(weights)) if len(set(weights)) > 1 else ()
            return Alternatives(tuple(options), "", totals), tokens


def _mark(token: str, lists: WordLists) -> Part:
    """The part that ``{...}`` or ``<...>`` stands for."""
    if token.startswith("<") and token.endswith(">"):
        name = token[1:-1]
        if name not in lists:
            known = ", ".join(sorted(lists)) or "none"
            raise UserError(f"<{name}> is no word list; known: {known}")
        return lists[name]
    agreeing = _AGREEING.fullmatch(token)
    if agreeing:
        sides, rest = _choice([*_TOKEN.findall(agreeing["sides"]), "]"], lists)
        if len(sides.options) != 2 or rest:
            raise UserError(f"{token!r} needs two sides: {{{agreeing['name']}: is | are}}")
        return Agreeing(agreeing["name"], *sides.options)
    match = _NAMED.fullmatch(token)
    if match is None:
        raise UserError(f"{token!r} is not understood; write {{slot}}, {{of slot}}, {{slot: is | are}} or <word list>")
    return Named(match["name"], (match["link"] or "").strip())
