"""What the phrases of a chart mean: their best derivations, each argument and each statement used once."""

from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import NamedTuple

from saps.lang.trees import Tree
from saps.tasks.generator.reading.chart import Node, Way
from saps.tasks.generator.reading.derivation import Derivation, Filler, program_of

MOST_MEANINGS = 12  # of one phrase; a phrase of a generated text has one or two
MOST_COMBINATIONS = 300  # of the meanings of the parts of a phrase
MOST_NESTED = 20  # phrases in each other; the generator nests three


class Meaning(NamedTuple):
    """One meaning of a phrase."""

    score: float
    """logarithm of how often the generator would say so"""
    filler: Filler
    program: Tree
    uses: frozenset[str]
    """arguments and statements that it uses up"""


class Meanings:
    """The meanings of the nodes of one text."""

    def __init__(self) -> None:
        self._found: dict[Node, list[Meaning]] = {}

    def of(self, node: Node, nested: int = MOST_NESTED) -> list[Meaning]:
        """The best meanings with different programs, best first.

        A phrase may be made of itself, where a statement said before changes what it stands for without naming it
        ("only keep values that are greater than 2"). Each statement is used once, so that comes to an end.
        """
        if node in self._found:
            return self._found[node]
        if not nested:
            return []
        self._found[node] = []  # for a phrase that is made of itself in a roundabout way
        own = [way for way in node.ways if _stands_in(node, way)]
        found = [meaning for way in node.ways if way not in own for meaning in self._of_way(way, nested - 1)]
        self._found[node] = _best(found)
        for _ in {way.line.mark for way in own if way.line}:
            changed = [meaning for way in own for meaning in self._of_way(way, nested - 1)]
            self._found[node] = _best([*found, *changed])
        return self._found[node]

    def _of_way(self, way: Way, nested: int) -> Iterator[Meaning]:
        if way.line is None:
            yield Meaning(way.score, way.argument, Tree(way.argument), frozenset({way.argument}))
            return
        template = way.line.template
        names = [slot.name for slot in template.slots] if template else ["it"]
        nodes = [way.children[name].node for name in names]
        parts = [self.of(node, nested) if node else [] for node in nodes]
        own = frozenset({way.line.mark} if way.line.mark else ())
        for chosen in islice(product(*parts), MOST_COMBINATIONS):
            uses = own.union(*(meaning.uses for meaning in chosen))
            if len(uses) < len(own) + sum(len(meaning.uses) for meaning in chosen):
                continue  # something used twice
            score = way.score + sum(meaning.score for meaning in chosen)
            filler: Filler = chosen[0].filler
            if template:
                filler = Derivation(template, tuple(meaning.filler for meaning in chosen), way.line.wording)
            yield Meaning(score, filler, program_of(filler), uses)


def _stands_in(node: Node, way: Way) -> bool:
    return any(bound.node is node for bound in way.children.values())


def _best(meanings: Iterable[Meaning]) -> list[Meaning]:
    """The best meaning of each program and use, best first, no more than are wanted."""
    best: dict[tuple[Tree, frozenset[str]], Meaning] = {}
    for meaning in meanings:
        key = (meaning.program, meaning.uses)
        if key not in best or best[key].score < meaning.score:
            best[key] = meaning
    return sorted(best.values(), key=lambda meaning: -meaning.score)[:MOST_MEANINGS]
