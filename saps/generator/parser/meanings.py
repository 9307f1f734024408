"""What the phrases of a chart mean: their best derivations, each argument and each statement used once."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import NamedTuple

from saps.generator.parser.chart import Effort
from saps.generator.parser.derivations import Derivation, Filler
from saps.generator.parser.forest import ForestNode, PackedNode
from saps.generator.templates import Template
from saps.lang.trees import Tree

MOST_MEANINGS = 12  # of one phrase; a phrase of a generated text has one or two
MOST_COMBINATIONS = 300  # of the meanings of the parts of a phrase
MOST_NESTED = 20  # phrases in each other; the generator nests three
UNFITTING = -5.0  # for a wording that is hardly ever said of what fills its slots: once in 150 times
MOST_NODES = 2_000  # of a program; the largest published one has 177


class Meaning(NamedTuple):
    """One meaning of a phrase."""

    score: float
    """logarithm of how often the generator would say so"""
    filler: Filler
    program: Tree
    nodes: int
    """of the program"""
    uses: frozenset[str]
    """arguments and statements that it uses up"""


class Meanings:
    """The meanings of the nodes of one text."""

    def __init__(self, effort: Effort) -> None:
        """``effort``: what work may still be done on the text."""
        self._effort = effort
        self._found: dict[ForestNode, list[Meaning]] = {}

    def of(self, node: ForestNode, nested: int = MOST_NESTED) -> list[Meaning]:
        """The best meanings with different programs, best first.

        A phrase may be made of itself, where a statement said before changes what it stands for without naming it
        ("only keep values that are greater than 2"). Each statement is used once, so that comes to an end.
        """
        if node in self._found:
            return self._found[node]
        if not nested:
            return []
        self._found[node] = []  # for a phrase that is made of itself in a roundabout packed
        own = [packed for packed in node.alternatives if _stands_in(node, packed)]
        found = [
            meaning
            for packed in node.alternatives
            if packed not in own
            for meaning in self._of_alternative(packed, nested - 1)
        ]
        self._found[node] = _best(found)
        for _ in {packed.rule.mark for packed in own if packed.rule}:
            changed = [meaning for packed in own for meaning in self._of_alternative(packed, nested - 1)]
            self._found[node] = _best([*found, *changed])
        return self._found[node]

    def _of_alternative(self, packed: PackedNode, nested: int) -> Iterator[Meaning]:
        if packed.rule is None:
            yield Meaning(packed.score, packed.argument, Tree(packed.argument), 1, frozenset({packed.argument}))
            return
        template = packed.rule.template
        names = [slot.name for slot in template.slots] if template else ["it"]
        nodes = [packed.children[name].node for name in names]
        parts = [self.of(node, nested) if node else [] for node in nodes]
        own = frozenset({packed.rule.mark} if packed.rule.mark else ())
        for chosen in islice(product(*parts), MOST_COMBINATIONS):
            if self._effort.exhausted:
                return
            self._effort.budget -= 1
            uses = own.union(*(meaning.uses for meaning in chosen))
            if len(uses) < len(own) + sum(len(meaning.uses) for meaning in chosen):
                continue  # something is used twice
            meaning = _combined(packed, template, chosen)
            if meaning.nodes <= MOST_NODES:
                score = packed.score + meaning.score + sum(part.score for part in chosen)
                yield meaning._replace(score=score, uses=uses)


def _combined(packed: PackedNode, template: Template | None, parts: tuple[Meaning, ...]) -> Meaning:
    """The first part for a question, which means what its phrase means; a template with the parts in its slots.

    The score is that of the combination alone; what it uses is left open.
    """
    if template is None or packed.rule is None:
        return parts[0]._replace(score=0.0)
    by_slot = dict(zip((slot.name for slot in template.slots), parts, strict=True))
    program = template.program.substitute({name: meaning.program for name, meaning in by_slot.items()})
    nodes = _nodes(template.program, {name: meaning.nodes for name, meaning in by_slot.items()})
    wording = packed.rule.wording
    fitting = not wording or all(isinstance(by_slot[name].filler, str) for name in wording.arguments)
    filler = Derivation(template, tuple(meaning.filler for meaning in parts), wording)
    return Meaning(0.0 if fitting else UNFITTING, filler, program, nodes, frozenset())


def _nodes(pattern: Tree, slots: Mapping[str, int]) -> int:
    """The size of a pattern with trees of these sizes in its slots."""
    if not pattern.children:
        return slots.get(pattern.label, 1)
    return 1 + sum(_nodes(child, slots) for child in pattern.children)


def _stands_in(node: ForestNode, packed: PackedNode) -> bool:
    return any(bound.node is node for bound in packed.children.values())


def _best(meanings: Iterable[Meaning]) -> list[Meaning]:
    """The best meaning of each program and use, best first, no more than are wanted."""
    best: dict[tuple[Tree, frozenset[str]], Meaning] = {}
    for meaning in meanings:
        key = (meaning.program, meaning.uses)
        if key not in best or best[key].score < meaning.score:
            best[key] = meaning
    return sorted(best.values(), key=lambda meaning: -meaning.score)[:MOST_MEANINGS]
