"""From the words of a task to the programs that they may ask for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from saps.generator.parser.chart import Chart, DeclaredNames, Effort
from saps.generator.parser.derivations import Derivation
from saps.generator.parser.grammar import QUESTION_GOAL, STATEMENT_GOAL, Definition, TemplateGrammar
from saps.generator.parser.meanings import Meaning, Meanings
from saps.generator.templates import Library
from saps.lang.trees import Tree
from saps.tasks.phrases import TextParts, split_text

BUDGET = 20_000  # steps for one text; the published ones take 70, and 431 at most
MOST_WORDS = 400  # of a text; the longest published one has 119
MOST_STATEMENTS = 6  # in one text; the generator says three at most
MOST_PARSES = 20


@dataclass(frozen=True, slots=True)
class Parse:
    """A program that a text may ask for."""

    program: Tree
    derivation: Derivation
    score: float
    """logarithm of how often the generator would say so, about; only the order matters"""


@dataclass(frozen=True, slots=True)
class ParsedText:
    """All parses of a text, best first, or how far it was understood."""

    words: tuple[str, ...]
    parts: TextParts
    parses: tuple[Parse, ...]
    furthest: int
    """how many words at its beginning could be read"""
    exhausted: bool
    """whether the text took too much work, so that parses may be missing"""

    def best(self) -> Tree | None:
        """The program of the best parse; None where there is none."""
        return self.parses[0].program if self.parses else None


class TextParser:
    """Parses texts by the wordings of a library, without learning."""

    def __init__(self, library: Library) -> None:
        """Makes a grammar of the library."""
        self._library = library
        self._grammar = TemplateGrammar(library)

    def parse(self, words: Sequence[str], args: Mapping[str, str] | None = None, budget: int = BUDGET) -> ParsedText:
        """The parses of a tokenised text, each using every argument once.

        Args:
            words: the tokens; one that holds blanks, as a few published ones do, is read as several.
            args: name -> type of the arguments where the task gives them; they name what the text calls "the given
                array". Without them such an argument gets the first letter that is free.
            budget: how many steps the text may take.
        """
        words = " ".join(words).split()
        parts = split_text(words)
        names = self._names(parts, args or {})
        start = len(words) - len(parts.rest.split())
        effort = Effort(budget if len(words) <= MOST_WORDS else 0, start)
        parser = _SentenceParser(self._grammar, words, names, effort)
        best: dict[Tree, Parse] = {}
        for meaning in sorted(parser.meanings(start, ()), key=lambda meaning: -meaning.score):
            if isinstance(meaning.filler, Derivation):
                derivation = meaning.filler.renamed(_dropped_names(meaning.filler, names, words, args))
                program = derivation.program()
                best.setdefault(program, Parse(program, derivation, meaning.score))
        parses = tuple(best.values())[:MOST_PARSES]
        return ParsedText(tuple(words), parts, parses, effort.furthest, effort.exhausted)

    def _names(self, parts: TextParts, args: Mapping[str, str]) -> DeclaredNames:
        """The arguments as the text declares them; as the task does where the text declares none at all."""
        named = {} if parts.groups else dict(args)
        dropped: dict[str, tuple[str, tuple[str, ...]]] = {}
        for group in parts.groups:
            named |= dict.fromkeys(group.names, group.kind)
            if not group.names and group.kind in self._library.sentences.nouns:
                given = self._library.sentences.nouns[group.kind].given
                dropped[f"the {group.kind}"] = (group.kind, tuple(given.split()))
        return DeclaredNames(named, dropped)


@dataclass(slots=True)
class _SentenceParser:
    """What parses one text."""

    grammar: TemplateGrammar
    words: Sequence[str]
    names: DeclaredNames
    effort: Effort

    def meanings(self, start: int, definitions: tuple[Definition, ...]) -> Iterator[Meaning]:
        """The meanings of the words from a place on, after some statements; each uses all arguments and statements."""
        chart = Chart(self.grammar, self.words, self.names, definitions, self.effort)
        all_uses = {*self.names.named, *self.names.dropped, *(definition.mark for definition in definitions)}
        meanings = Meanings(self.effort)
        for (end, _), node in chart.parse(QUESTION_GOAL, start).nodes.items():
            if end == len(self.words):
                yield from (meaning for meaning in meanings.of(node) if meaning.uses == all_uses)
        if len(definitions) == MOST_STATEMENTS:
            return
        for said in chart.parse(STATEMENT_GOAL, start).statements:
            if said.end < len(self.words) and self.words[said.end] == ",":
                definition = self.grammar.definition(said, len(definitions) + 1)
                if definition:
                    yield from self.meanings(said.end + 1, (*definitions, definition))


def _dropped_names(
    derivation: Derivation, names: DeclaredNames, words: Sequence[str], args: Mapping[str, str] | None
) -> dict[str, str]:
    """DeclaredNames for the arguments whose names the text drops: placeholder -> name."""
    found: dict[str, str] = {}
    said = {*names.named, *words} - ({"a"} - names.named.keys())  # "a" may be an article
    free = (letter for letter in ascii_lowercase if letter not in said)
    for placeholder, type_name in derivation.arguments():
        if placeholder in names.dropped:
            fitting = [name for name, kind in (args or {}).items() if kind == type_name and name not in names.named]
            found[placeholder] = fitting[0] if fitting else next(free)
    return found
