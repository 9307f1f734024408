"""From the words of a task to the programs that they may ask for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from saps.generator.parser.chart import Chart, Effort, Names
from saps.generator.parser.derivation import Derivation
from saps.generator.parser.lines import QUESTION_GOAL, STATEMENT_GOAL, Grammar, Pending
from saps.generator.parser.meanings import Meaning, Meanings
from saps.generator.templates import Library
from saps.lang.trees import Tree
from saps.tasks.phrases import Frame, read_frame

BUDGET = 20_000  # steps for one text; the published ones take 70, and 431 at most
MOST_WORDS = 400  # of a text; the longest published one has 119
MOST_STATEMENTS = 6  # in one text; the generator says three at most
MOST_READINGS = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """A program that a text may ask for."""

    program: Tree
    derivation: Derivation
    score: float
    """logarithm of how often the generator would say so, about; only the order matters"""


@dataclass(frozen=True, slots=True)
class TextReading:
    """All readings of a text, best first, or how far it was understood."""

    words: tuple[str, ...]
    frame: Frame
    readings: tuple[Reading, ...]
    furthest: int
    """how many words at its beginning could be read"""
    exhausted: bool
    """whether the text took too much work, so that readings may be missing"""

    def best(self) -> Tree | None:
        """The program of the best reading; None where there is none."""
        return self.readings[0].program if self.readings else None


class TextReader:
    """Reads texts by the wordings of a library: a parser without learning."""

    def __init__(self, library: Library) -> None:
        """Prepares the lines of the library."""
        self._library = library
        self._grammar = Grammar(library)

    def read(self, words: Sequence[str], args: Mapping[str, str] | None = None, budget: int = BUDGET) -> TextReading:
        """The readings of a tokenised text, each using every argument once.

        Args:
            words: the tokens.
            args: name -> type of the arguments where the task gives them; they name what the text calls "the given
                array". Without them such an argument gets the first letter that is free.
            budget: how many steps the text may take.
        """
        frame = read_frame(words)
        names = self._names(frame, args or {})
        start = len(words) - len(frame.rest.split())
        effort = Effort(budget if len(words) <= MOST_WORDS else 0, start)
        search = _Search(self._grammar, words, names, effort)
        best: dict[Tree, Reading] = {}
        for meaning in sorted(search.meanings(start, ()), key=lambda meaning: -meaning.score):
            if isinstance(meaning.filler, Derivation):
                derivation = meaning.filler.renamed(_dropped_names(meaning.filler, names, words, args))
                program = derivation.program()
                best.setdefault(program, Reading(program, derivation, meaning.score))
        readings = tuple(best.values())[:MOST_READINGS]
        return TextReading(tuple(words), frame, readings, effort.furthest, effort.exhausted)

    def _names(self, frame: Frame, args: Mapping[str, str]) -> Names:
        """The arguments as the text declares them; as the task does where the text declares none at all."""
        named = {} if frame.groups else dict(args)
        dropped: dict[str, tuple[str, tuple[str, ...]]] = {}
        for group in frame.groups:
            named |= dict.fromkeys(group.names, group.kind)
            if not group.names and group.kind in self._library.sentences.nouns:
                given = self._library.sentences.nouns[group.kind].given
                dropped[f"the {group.kind}"] = (group.kind, tuple(given.split()))
        return Names(named, dropped)


@dataclass(slots=True)
class _Search:
    """The reading of one text."""

    grammar: Grammar
    words: Sequence[str]
    names: Names
    effort: Effort

    def meanings(self, start: int, pendings: tuple[Pending, ...]) -> Iterator[Meaning]:
        """The meanings of the words from a place on, after some statements; each uses all arguments and statements."""
        chart = Chart(self.grammar, self.words, self.names, pendings, self.effort)
        all_uses = {*self.names.named, *self.names.dropped, *(pending.mark for pending in pendings)}
        meanings = Meanings(self.effort)
        for (end, _), node in chart.read(QUESTION_GOAL, start).nodes.items():
            if end == len(self.words):
                yield from (meaning for meaning in meanings.of(node) if meaning.uses == all_uses)
        if len(pendings) == MOST_STATEMENTS:
            return
        for said in chart.read(STATEMENT_GOAL, start).statements:
            if said.end < len(self.words) and self.words[said.end] == ",":
                pending = self.grammar.pending(said, len(pendings) + 1)
                if pending:
                    yield from self.meanings(said.end + 1, (*pendings, pending))


def _dropped_names(
    derivation: Derivation, names: Names, words: Sequence[str], args: Mapping[str, str] | None
) -> dict[str, str]:
    """Names for the arguments whose names the text drops: placeholder -> name."""
    found: dict[str, str] = {}
    said = {*names.named, *words} - ({"a"} - names.named.keys())  # "a" may be an article
    free = (letter for letter in ascii_lowercase if letter not in said)
    for placeholder, type_name in derivation.arguments():
        if placeholder in names.dropped:
            fitting = [name for name, kind in (args or {}).items() if kind == type_name and name not in names.named]
            found[placeholder] = fitting[0] if fitting else next(free)
    return found
