"""All phrases of a text at once: what begins where, where it ends, and what it is made of.

A top-down chart parser: Earley's algorithm (1970) in the form that Johnson gave it ("Memoization in Top-Down Parsing",
1995). A phrase that is wanted at a place is parsed once and kept as an entry of the chart. Whatever wants it there
leaves a continuation, which is resumed for every end that the phrase can have, now or later, so left recursion ("a
reversed") needs no special care. The rules of a goal are read together, as one automaton (Aycock and Horspool, 2002).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from saps.generator.parser.automaton import LETTER, Forms, Item, ParsedStatement, State
from saps.generator.parser.forest import Constituent, ForestNode, PackedNode
from saps.generator.parser.grammar import STATEMENT_GOAL, Definition, TemplateGrammar

BARE = "bare"


class Span(NamedTuple):
    """A phrase in a rule: from where to where, and its node (None for a letter)."""

    start: int
    end: int
    node: ForestNode | None


class _Continuation(NamedTuple):
    """What waits for a phrase: the state that it leads to, what was parsed before it, and the entry it is part of."""

    state: State
    history: tuple[Span, ...]
    entry: "ChartEntry"
    forms: Forms | None


@dataclass(slots=True, eq=False)
class ChartEntry:
    """What is known of the phrases for one goal at one place."""

    start: int
    nodes: dict[tuple[int, str], ForestNode] = field(default_factory=dict)
    statements: list[ParsedStatement] = field(default_factory=list)
    continuations: list[_Continuation] = field(default_factory=list)


@dataclass(slots=True)
class Effort:
    """Work done on a text, over all its charts."""

    budget: int
    furthest: int = 0
    """how many words at the beginning some rule could read"""

    @property
    def exhausted(self) -> bool:
        """Whether the work was stopped before its end."""
        return self.budget <= 0


class DeclaredNames(NamedTuple):
    """The arguments that a text declares."""

    named: Mapping[str, str]
    """name -> type"""
    dropped: Mapping[str, tuple[str, tuple[str, ...]]]
    """placeholder -> type, and the words that stand for the argument"""


class Chart:
    """The phrases of a text where some statements have been said."""

    def __init__(
        self,
        grammar: TemplateGrammar,
        words: Sequence[str],
        names: DeclaredNames,
        definitions: tuple[Definition, ...],
        effort: Effort,
    ) -> None:
        """``definitions`` are the phrases that the statements said so far introduce."""
        self._grammar = grammar
        self._words = words
        self._names = names
        self._definitions = definitions
        self._effort = effort
        self._entries: dict[tuple[str, bool, int], ChartEntry] = {}
        self._agenda: list[tuple[State, int, tuple[Span, ...], ChartEntry]] = []

    def parse(self, goal: str, start: int) -> ChartEntry:
        """All phrases for a goal from a place on, as far as the budget goes."""
        entry = self._entry(goal, False, start)
        while self._agenda and not self._effort.exhausted:
            self._effort.budget -= 1
            self._advance(*self._agenda.pop())
        return entry

    def _entry(self, goal: str, cut: bool, start: int) -> ChartEntry:
        key = (goal, cut, start)
        if key not in self._entries:
            entry = self._entries[key] = ChartEntry(start)
            self._add_arguments(entry, goal, cut)
            self._agenda.append((self._grammar.start(goal, cut), start, (), entry))
            for definition in self._definitions:
                state = definition.start(goal, cut)
                if state is not None:
                    self._agenda.append((state, start, (), entry))
        return self._entries[key]

    def _add_arguments(self, entry: ChartEntry, goal: str, cut: bool) -> None:
        """The arguments of the type that is the goal, where their names or their words stand."""
        start = entry.start
        word = self._words[start] if start < len(self._words) else ""
        if self._names.named.get(word) == goal:
            self._add_phrase(entry, start + 1, BARE, PackedNode(self._grammar.argument_score, None, {}, word))
        for placeholder, (type_name, given) in self._names.dropped.items():
            for said in (given, given[1:]) if cut else (given,):
                if type_name == goal and tuple(self._words[start : start + len(said)]) == said:
                    packed = PackedNode(self._grammar.argument_score, None, {}, placeholder)
                    self._add_phrase(entry, start + len(said), BARE, packed)

    def _advance(self, state: State, place: int, history: tuple[Span, ...], entry: ChartEntry) -> None:
        """Goes on from a state: to the next word, to the phrases that may come next, or to the end of rules."""
        self._effort.furthest = max(self._effort.furthest, place)
        for item, score in state.done:
            self._complete(item, score, place, history, entry)
        if place >= len(self._words):
            return
        following = state.after_word(self._words[place])
        if following is not None:
            self._agenda.append((following, place + 1, history, entry))
        for nonterminal in state.nonterminals:
            if nonterminal.goal == LETTER:
                self._letter(state.after_phrase(nonterminal), place, history, entry)
                continue
            continuation = _Continuation(state.after_phrase(nonterminal), history, entry, nonterminal.forms)
            wanted = self._entry(nonterminal.goal, nonterminal.cut, place)
            wanted.continuations.append(continuation)
            for (end, _), node in list(wanted.nodes.items()):
                self._resume(continuation, place, end, node)

    def _letter(self, state: State, place: int, history: tuple[Span, ...], entry: ChartEntry) -> None:
        word = self._words[place]
        if len(word) == 1 and word.isalpha() and word not in self._names.named:
            self._agenda.append((state, place + 1, (*history, Span(place, place + 1, None)), entry))

    def _resume(self, continuation: _Continuation, start: int, end: int, node: ForestNode) -> None:
        if continuation.forms is None or node.form in continuation.forms:
            self._agenda.append(
                (continuation.state, end, (*continuation.history, Span(start, end, node)), continuation.entry)
            )

    def _complete(self, item: Item, score: float, end: int, history: tuple[Span, ...], entry: ChartEntry) -> None:
        """A rule is read to its end: a phrase or a statement, if its names stand for the same wherever they stand."""
        bound = self._bound(item, history)
        if bound is None:
            return
        rule = item.rule
        score += rule.score
        if rule.form == STATEMENT_GOAL:
            entry.statements.append(ParsedStatement(end, item, score, bound))
            return
        form = rule.form or bound[rule.wording.same_as if rule.wording else "it"].form
        self._add_phrase(entry, end, form, PackedNode(score, rule, bound))

    def _bound(self, item: Item, history: tuple[Span, ...]) -> dict[str, Constituent] | None:
        """What the names of a rule stand for; None where one stands for two things or breaks an agreement."""
        bound: dict[str, Constituent] = dict(item.rule.bound or {})
        letter_form = item.rule.wording.form if item.rule.wording else BARE
        for name, span in zip(item.names, history, strict=True):
            words = tuple(self._words[span.start : span.end])
            new = Constituent(words, span.node.form if span.node else letter_form, span.node)
            old = bound.setdefault(name, new)
            if _without_the(old.words) != _without_the(words):
                return None
            if len(words) > len(old.words):
                bound[name] = new
        if any(bound[name].form not in forms for name, forms in item.forms if name in bound):
            return None
        return bound

    def _add_phrase(self, entry: ChartEntry, end: int, form: str, packed: PackedNode) -> None:
        node = entry.nodes.get((end, form))
        if node is not None:
            node.alternatives.append(packed)
            return
        node = entry.nodes[end, form] = ForestNode(form, [packed])
        for continuation in entry.continuations:
            self._resume(continuation, entry.start, end, node)


def _without_the(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[1:] if words[0] == "the" else words
