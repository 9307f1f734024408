"""The rules of a goal as one automaton: what may come next after the words read so far.

A state is a set of items, an item a place in a rule (a dotted rule, in Earley's terms). States are made when a text
first needs them and kept, so reading a word is one look-up, however many rules begin alike. What a rule says of its
choices (word lists chosen alike, a singular or plural that later words agree with) travels in the item.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from math import log
from typing import NamedTuple, TypeAlias

from saps.generator.parser.forest import Constituent, Rule
from saps.generator.templates import FORMS
from saps.generator.wordings import LINK, LINKS, SHORT, Agreeing, Alternatives, Named, Parts, Phrase, Words

Forms: TypeAlias = frozenset[str]
PLURALS: Forms = frozenset(form for form in FORMS if Phrase((), form).plural)
OTHERS: Forms = frozenset(FORMS) - PLURALS
LETTER = "letter"  # goal of a name that the wording introduces: a letter


class Nonterminal(NamedTuple):
    """A place for a phrase."""

    goal: str
    forms: Forms | None
    """the forms that the phrase may have; None where all will do"""
    cut: bool
    """whether the phrase may lack a "the" at its beginning"""


class Item(NamedTuple):
    """A place in a rule, and how it was reached."""

    rule: Rule
    rest: Parts
    names: tuple[str, ...] = ()
    """of the nonterminals before this place, in their order"""
    chosen: tuple[tuple[str, Parts], ...] = ()
    """what was taken from word lists"""
    forms: tuple[tuple[str, Forms], ...] = ()
    """the forms that the phrases of some names may have"""
    cut: bool = False
    """whether a "the" at the beginning of the rule may be missing, because of what stands before it"""
    after_the: bool = False
    """whether a "the" that comes next may be missing, because one was just read; a question has no second one"""


Items = dict[Item, float]
"""Items with the logarithm of the share of the choices that lead to them."""


class ParsedStatement(NamedTuple):
    """A statement that was read: it ends before ``end``."""

    end: int
    item: Item
    score: float
    bound: Mapping[str, Constituent]


class State:
    """What may come next."""

    __slots__ = ("_pool", "_tokens", "done", "nonterminals")

    def __init__(self, items: Items, pool: "StatePool") -> None:
        """Sorts the items by what they wait for."""
        self._pool = pool
        tokens: dict[str, Items] = {}
        nonterminals: dict[Nonterminal, Items] = {}
        self.done: list[tuple[Item, float]] = []
        for item, score in _closure(items).items():
            if not item.rest:
                self.done.append((item, score))
                continue
            part = item.rest[0]
            if isinstance(part, Words):
                tokens.setdefault(part.words[0], {})[_after_word(item, part)] = score
            elif isinstance(part, Named):
                after = item._replace(rest=item.rest[1:], names=(*item.names, part.name), cut=False, after_the=False)
                nonterminals.setdefault(_nonterminal(item, part), {})[after] = score
        self._tokens: dict[str, Items | State] = dict(tokens)
        self.nonterminals: dict[Nonterminal, Items | State] = dict(nonterminals)

    def after_word(self, word: str) -> "State | None":
        """The state after a word; None where no rule goes on with it."""
        found = self._tokens.get(word)
        if isinstance(found, dict):
            found = self._tokens[word] = self._pool.state(found)
        return found

    def after_phrase(self, nonterminal: Nonterminal) -> "State":
        """The state after a phrase for one of the nonterminals."""
        found = self.nonterminals[nonterminal]
        if isinstance(found, dict):
            found = self.nonterminals[nonterminal] = self._pool.state(found)
        return found


class StatePool:
    """States made so far; equal sets of items share one."""

    def __init__(self) -> None:
        self._states: dict[frozenset[tuple[Item, float]], State] = {}

    def state(self, items: Items) -> State:
        """The state of these items."""
        key = frozenset(items.items())
        if key not in self._states:
            self._states[key] = State(items, self)
        return self._states[key]


def _after_word(item: Item, part: Words) -> Item:
    rest = item.rest[1:]
    if len(part.words) > 1:
        rest = (Words(part.words[1:]), *rest)
    return item._replace(rest=rest, cut=False, after_the=part.words[0] == "the")


def _nonterminal(item: Item, part: Named) -> Nonterminal:
    cut = item.cut or item.after_the or part.link == SHORT
    return Nonterminal(item.rule.goals[part.name], dict(item.forms).get(part.name), cut)


def _closure(items: Items) -> Items:
    """The items with all choices at their places taken: each is done, or waits for a word or for a phrase."""
    found: Items = {}
    stack = list(items.items())
    while stack:
        item, score = stack.pop()
        part = item.rest[0] if item.rest else None
        if isinstance(part, Alternatives | Agreeing) or (isinstance(part, Named) and part.link in LINKS):
            stack.extend((other, score + share) for other, share in _taken(item))
            continue
        found[item] = max(score, found.get(item, score))
        if (item.cut or item.after_the) and isinstance(part, Words) and part.words[0] == "the":
            stack.append((_after_word(item, part)._replace(after_the=False), score))
    return found


def _taken(item: Item) -> Iterator[tuple[Item, float]]:
    """The items that a choice, an agreement or a link at the place of an item leads to, with the share of each."""
    part, rest = item.rest[0], item.rest[1:]
    if isinstance(part, Alternatives):
        remembered = dict(item.chosen).get(part.key) if part.key else None
        if remembered is not None:
            yield item._replace(rest=remembered + rest), 0.0
            return
        for option, share in zip(part.options, _shares(part), strict=True):
            chosen = (*item.chosen, (part.key, option)) if part.key else item.chosen
            yield item._replace(rest=option + rest, chosen=chosen), share
    elif isinstance(part, Agreeing):
        for forms, words in ((OTHERS, part.one), (PLURALS, part.many)):
            yield from _agreeing(item, part.name, forms, words + rest, 0.0)
    elif isinstance(part, Named):
        phrase = () if part.link == LINK else (Named(part.name, ""),)
        for links, forms in links_by_forms(part.link):
            for word in links:
                yield from _agreeing(item, part.name, forms, (Words((word,)), *phrase, *rest), -log(len(links)))


def _shares(choice: Alternatives) -> list[float]:
    """The logarithms of the shares of the alternatives; no weight is so small that it is never said."""
    totals = choice.totals or tuple(range(1, len(choice.options) + 1))
    return [log(max(high - low, 1e-9) / totals[-1]) for low, high in pairwise((0, *totals))]


@cache
def links_by_forms(link: str) -> tuple[tuple[tuple[str, ...], Forms], ...]:
    """What may stand for a link, and before phrases of which forms."""
    found: dict[tuple[str, ...], set[str]] = {}
    for form in FORMS:
        found.setdefault(Phrase((), form).links(link), set()).add(form)
    return tuple((links, frozenset(forms)) for links, forms in found.items())


def _agreeing(item: Item, name: str, forms: Forms, rest: Parts, share: float) -> Iterator[tuple[Item, float]]:
    """The item with these words before it, if the name may stand for a phrase of one of the forms."""
    known = dict(item.forms)
    allowed = known.get(name, forms) & forms
    if allowed:
        yield item._replace(rest=rest, forms=tuple((known | {name: allowed}).items())), share
