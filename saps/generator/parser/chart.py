"""All phrases of a text at once: what begins where, where it ends, and what it is made of.

A chart parser from the top down. A phrase that is wanted at a place is read once; whoever wants it there is told of
every end that it can have, now or later, so that phrases which begin with a phrase ("a reversed") need no special care.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from saps.generator.parser.forest import Bound, Node, Way
from saps.generator.parser.lines import STATEMENT_GOAL, Grammar, Pending
from saps.generator.parser.states import LETTER, Forms, Item, Said, State

BARE = "bare"


class Read(NamedTuple):
    """A phrase in a line: from where to where, and its node (None for a letter)."""

    start: int
    end: int
    node: Node | None


class _Wish(NamedTuple):
    """Who waits for a phrase: a state that it leads to, with all that was read before it, for a cell of its own."""

    state: State
    history: tuple[Read, ...]
    cell: "Cell"
    forms: Forms | None


@dataclass(slots=True, eq=False)
class Cell:
    """What is known of the phrases for one goal at one place."""

    start: int
    nodes: dict[tuple[int, str], Node] = field(default_factory=dict)
    statements: list[Said] = field(default_factory=list)
    wishes: list[_Wish] = field(default_factory=list)


@dataclass(slots=True)
class Effort:
    """Work done on a text, over all its charts."""

    budget: int
    furthest: int = 0
    """how many words at the beginning some line could read"""

    @property
    def exhausted(self) -> bool:
        """Whether the work was stopped before its end."""
        return self.budget <= 0


class Names(NamedTuple):
    """The arguments that a text declares."""

    named: Mapping[str, str]
    """name -> type"""
    dropped: Mapping[str, tuple[str, tuple[str, ...]]]
    """placeholder -> type, and the words that stand for the argument"""


class Chart:
    """The phrases of a text where some statements have been said."""

    def __init__(
        self, grammar: Grammar, words: Sequence[str], names: Names, pendings: tuple[Pending, ...], effort: Effort
    ) -> None:
        """``pendings`` are the phrases that the statements said so far introduce."""
        self._grammar = grammar
        self._words = words
        self._names = names
        self._pendings = pendings
        self._effort = effort
        self._cells: dict[tuple[str, bool, int], Cell] = {}
        self._agenda: list[tuple[State, int, tuple[Read, ...], Cell]] = []

    def read(self, goal: str, start: int) -> Cell:
        """All phrases for a goal from a place on, as far as the budget goes."""
        cell = self._cell(goal, False, start)
        while self._agenda and not self._effort.exhausted:
            self._effort.budget -= 1
            self._advance(*self._agenda.pop())
        return cell

    def _cell(self, goal: str, cut: bool, start: int) -> Cell:
        key = (goal, cut, start)
        if key not in self._cells:
            cell = self._cells[key] = Cell(start)
            self._add_arguments(cell, goal, cut)
            self._agenda.append((self._grammar.start(goal, cut), start, (), cell))
            for pending in self._pendings:
                state = pending.start(goal, cut)
                if state is not None:
                    self._agenda.append((state, start, (), cell))
        return self._cells[key]

    def _add_arguments(self, cell: Cell, goal: str, cut: bool) -> None:
        """The arguments of the type that is the goal, where their names or their words stand."""
        start = cell.start
        word = self._words[start] if start < len(self._words) else ""
        if self._names.named.get(word) == goal:
            self._found(cell, start + 1, BARE, Way(self._grammar.argument_score, None, {}, word))
        for placeholder, (type_name, given) in self._names.dropped.items():
            for said in (given, given[1:]) if cut else (given,):
                if type_name == goal and tuple(self._words[start : start + len(said)]) == said:
                    way = Way(self._grammar.argument_score, None, {}, placeholder)
                    self._found(cell, start + len(said), BARE, way)

    def _advance(self, state: State, place: int, history: tuple[Read, ...], cell: Cell) -> None:
        """Goes on from a state: to the next word, to the phrases that may come next, or to the end of lines."""
        self._effort.furthest = max(self._effort.furthest, place)
        for item, score in state.done:
            self._complete(item, score, place, history, cell)
        if place >= len(self._words):
            return
        following = state.after_word(self._words[place])
        if following is not None:
            self._agenda.append((following, place + 1, history, cell))
        for hole in state.holes:
            if hole.goal == LETTER:
                self._letter(state.after_hole(hole), place, history, cell)
                continue
            wish = _Wish(state.after_hole(hole), history, cell, hole.forms)
            wanted = self._cell(hole.goal, hole.cut, place)
            wanted.wishes.append(wish)
            for (end, _), node in list(wanted.nodes.items()):
                self._grant(wish, place, end, node)

    def _letter(self, state: State, place: int, history: tuple[Read, ...], cell: Cell) -> None:
        word = self._words[place]
        if len(word) == 1 and word.isalpha() and word not in self._names.named:
            self._agenda.append((state, place + 1, (*history, Read(place, place + 1, None)), cell))

    def _grant(self, wish: _Wish, start: int, end: int, node: Node) -> None:
        if wish.forms is None or node.form in wish.forms:
            self._agenda.append((wish.state, end, (*wish.history, Read(start, end, node)), wish.cell))

    def _complete(self, item: Item, score: float, end: int, history: tuple[Read, ...], cell: Cell) -> None:
        """A line is read to its end: a phrase or a statement, if its names stand for the same wherever they stand."""
        bound = self._bound(item, history)
        if bound is None:
            return
        line = item.line
        score += line.score
        if line.form == STATEMENT_GOAL:
            cell.statements.append(Said(end, item, score, bound))
            return
        form = line.form or bound[line.wording.same_as if line.wording else "it"].form
        self._found(cell, end, form, Way(score, line, bound))

    def _bound(self, item: Item, history: tuple[Read, ...]) -> dict[str, Bound] | None:
        """What the names of a line stand for; None where one stands for two things or breaks an agreement."""
        bound: dict[str, Bound] = dict(item.line.bound or {})
        letter_form = item.line.wording.form if item.line.wording else BARE
        for name, read in zip(item.names, history, strict=True):
            words = tuple(self._words[read.start : read.end])
            new = Bound(words, read.node.form if read.node else letter_form, read.node)
            old = bound.setdefault(name, new)
            if _without_the(old.words) != _without_the(words):
                return None
            if len(words) > len(old.words):
                bound[name] = new
        if any(bound[name].form not in forms for name, forms in item.forms if name in bound):
            return None
        return bound

    def _found(self, cell: Cell, end: int, form: str, way: Way) -> None:
        node = cell.nodes.get((end, form))
        if node is not None:
            node.ways.append(way)
            return
        node = cell.nodes[end, form] = Node(form, [way])
        for wish in cell.wishes:
            self._grant(wish, cell.start, end, node)


def _without_the(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[1:] if words[0] == "the" else words
