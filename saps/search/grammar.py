"""Which labels may stand at a hole so that the program can be finished, well-typed: tables, made as needed.

The holes of a hypothesis wait on a stack, in pre-order. They are held in *groups*: runs of holes that share type
variables, written down with their variables numbered, so that the same group comes back in many programs. A label turns
the group on top into other groups. For every group the tables hold what each label makes of it, and how many nodes it
takes at least to fill it within a number of levels. So a search looks things up and infers nothing.

A group counts as finishable if its variables can be replaced by ``ground`` types such that every hole has a closed
program of at most ``SMALL`` levels. Some label always keeps it finishable: the one with which that program begins.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from saps.lang.names import LAMBDA_PARAMETERS
from saps.lang.primitives import Primitive
from saps.lang.types import INT, STRING, Type, type_depth
from saps.lang.unification import resolved, variables
from saps.search.holes import (
    DEEPEST,
    Hole,
    argument,
    canonical,
    fill,
    filling,
    hole_variables,
    segments,
)
from saps.search.step import Label

NEVER = 20_000  # nodes: more than any bound on the size of programs
SMALL = 5  # levels of the programs that finish a hole; int[][][] needs four, types of the data two
MOST_GROUPS = 50_000  # kept in the tables; real programs need some hundreds, random ones ever new ones

Needs: TypeAlias = npt.NDArray[np.int16]
"""For each symbol (labels, then types of arguments): nodes that finish what is left of the group, itself included."""


class HoleGroup:
    """Holes that share type variables; made by ``Grammar.group`` alone."""

    __slots__ = ("_costs", "_needs", "_next", "free", "grammar", "highest", "holes")

    def __init__(self, grammar: "Grammar", holes: tuple[Hole, ...]) -> None:
        self.grammar, self.holes = grammar, holes
        self.free = len(set().union(*map(hole_variables, holes)))  # the numbers of its variables are below
        self.highest = SMALL + max(hole.level for hole in holes)  # with more levels nothing gets cheaper
        self._next: dict[int, tuple[tuple[HoleGroup, int], ...] | None] = {}
        self._costs: dict[int, int] = {}
        self._needs: dict[int, Needs] = {}

    def next(self, symbol: int) -> "tuple[tuple[HoleGroup, int], ...] | None":
        """The groups that take its place, each with its level below this one's; None where the label does not fit."""
        if symbol not in self._next:
            self._next[symbol] = self.grammar.following(self, symbol)
        return self._next[symbol]

    def cost(self, levels: int) -> int:
        """How many nodes finish the group, at least, where its first node may have ``levels`` levels; or ``NEVER``."""
        levels = min(levels, self.highest)
        if levels not in self._costs:
            self._costs[levels] = self.grammar.cost(self.holes, levels)
        return self._costs[levels]

    def needs(self, levels: int) -> Needs:
        """``cost`` for each symbol at the first node; ``NEVER`` where it does not fit."""
        levels = min(levels, self.highest)
        if levels not in self._needs:
            found = np.full(self.grammar.symbols, NEVER, dtype=np.int16)
            for symbol in self.grammar.candidates(self.holes[0].type):
                following = self.next(symbol)
                if following is not None:
                    rest = sum(group.cost(levels - below) for group, below in following)
                    found[symbol] = min(1 + rest, NEVER) if levels > 0 else NEVER
            self._needs[levels] = found
        return self._needs[levels]


class Grammar:
    """The tables for a vocabulary of labels and a set of types of arguments."""

    def __init__(self, labels: tuple[Label, ...], kinds: tuple[Type, ...], rows: tuple[Primitive | None, ...]) -> None:
        """Takes V labels, types of arguments and the labels' primitives; symbol V + k is an argument of type k."""
        self.labels, self.kinds, self._rows = labels, kinds, rows
        self.symbols = len(labels) + len(kinds)
        self.ground = _ground_types(kinds)
        self._groups: dict[tuple[Hole, ...], HoleGroup] = {}
        self._small: dict[tuple[Type, int], int] = {}
        self._candidates: dict[str, tuple[int, ...]] = {}

    def group(self, holes: Sequence[Hole]) -> HoleGroup:
        """The group of some holes."""
        key = canonical(holes)
        found = self._groups.get(key)
        if found is None:
            if len(self._groups) >= MOST_GROUPS:
                self._groups.clear()  # those still in use live on, and are made again for others
            found = self._groups[key] = HoleGroup(self, key)
        return found

    def candidates(self, kind: Type) -> tuple[int, ...]:
        """The symbols that could give a type, by the looks of its outermost part."""
        name = "any" if kind.is_variable else kind.name
        if name not in self._candidates:
            self._candidates[name] = tuple(symbol for symbol in range(self.symbols) if self._could_give(symbol, name))
        return self._candidates[name]

    def _could_give(self, symbol: int, outermost: str) -> bool:
        if symbol >= len(self.labels) or self.labels[symbol][0] in ("arg1", "arg2", "self"):
            return True
        (name, arity), row = self.labels[symbol], self._rows[symbol]
        if row is None or arity not in (0, row.arity):
            return False
        if name in LAMBDA_PARAMETERS:
            return arity == 1 and outermost == "->"
        gives = row.result if arity else row.signature
        return gives.is_variable or gives.name == outermost or (outermost == "any" and not gives.is_function)

    def following(self, group: HoleGroup, symbol: int) -> tuple[tuple[HoleGroup, int], ...] | None:
        """See ``HoleGroup.next``."""
        if symbol < len(self.labels):
            holes = fill(group.holes, filling(self.labels[symbol], self._rows[symbol], group.holes[0], group.free))
        else:
            holes = fill(group.holes, argument(self.kinds[symbol - len(self.labels)], group.free))
        return None if holes is None else tuple((self.group(part), part[0].level) for part in segments(holes))

    def cost(self, holes: Sequence[Hole], levels: int) -> int:
        """The fewest nodes that finish some holes of which the first may have so many levels, or ``NEVER``.

        Variables are replaced by the ground types that make it cheapest; what is known of them is carried from one
        hole to the next as long as it is needed.
        """
        used = [variables(hole.type) for hole in holes]
        if not any(used):
            return min(NEVER, sum(self._small_cost(hole.type, levels - hole.level) for hole in holes))
        best: dict[tuple[tuple[str, Type], ...], int] = {(): 0}
        for place, hole in enumerate(holes):
            later = {name for names in used[place + 1 :] for name in names}
            following: dict[tuple[tuple[str, Type], ...], int] = {}
            for known, so_far in best.items():
                for chosen in self._choices(used[place], dict(known)):
                    total = so_far + self._small_cost(resolved(hole.type, chosen), levels - hole.level)
                    kept = tuple((name, kind) for name, kind in chosen.items() if name in later)
                    following[kept] = min(total, following.get(kept, NEVER))
            best = following
        return min(NEVER, *best.values())

    def _choices(self, names: Sequence[str], known: dict[str, Type]) -> Iterator[dict[str, Type]]:
        """What is known, and every way to replace the variables that are not."""
        new = [name for name in names if name not in known]
        for kinds in product(*((INT, STRING) if name[0] == "O" else self.ground for name in new)):
            yield known | dict(zip(new, kinds, strict=True))

    def _small_cost(self, kind: Type, levels: int) -> int:
        """The fewest nodes of a closed program of a type without variables, of at most so many levels."""
        levels = min(levels, SMALL)
        if levels < 1 or type_depth(kind) > DEEPEST:
            return NEVER
        if (kind, levels) not in self._small:
            best = self._small_cost(kind, levels - 1)
            if best > levels:  # a program that needs this many levels has at least as many nodes
                best = min(best, self._small_call_cost(kind, levels))
            self._small[kind, levels] = best
        return self._small[kind, levels]

    def _small_call_cost(self, kind: Type, levels: int) -> int:
        group, best = self.group([Hole(kind)]), NEVER
        for symbol in self._small_candidates(kind):
            following = group.next(symbol)
            if following is not None:
                best = min(best, 1 + sum(rest.cost(levels - below) for rest, below in following))
        return best

    def _small_candidates(self, kind: Type) -> Iterator[int]:
        """The symbols with which the smallest programs begin.

        A call with an operand of its own type is none, since the operand alone would do. Functions are primitives and
        lambdas, and where the vocabulary has no lambdas those with some parameters fixed.
        """
        known = set(self.labels)
        for symbol in self.candidates(kind):
            name, arity = self.labels[symbol] if symbol < len(self.labels) else ("", 0)
            row = self._rows[symbol] if arity else None
            if not arity or name in LAMBDA_PARAMETERS:
                yield symbol
            elif kind.is_function:
                if name in ("partial0", "partial1") and not {("lambda1", 1), ("lambda2", 1)} & known:
                    yield symbol
            elif row is not None and name not in ("self", "invoke1") and row.result not in row.parameters:
                yield symbol


def _ground_types(kinds: Sequence[Type]) -> tuple[Type, ...]:
    """The types that a variable is tried with: int, string, those of arguments, and all parts of these."""
    found, waiting = [INT, STRING], list(kinds)
    for kind in waiting:
        if "any" not in str(kind) and not kind.is_function:
            found.append(kind)
            waiting.extend(kind.parameters)
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=64)
def grammar_of(labels: tuple[Label, ...], kinds: tuple[Type, ...], rows: tuple[Primitive | None, ...]) -> Grammar:
    """The one ``Grammar`` of these."""
    return Grammar(labels, kinds, rows)
