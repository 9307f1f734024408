"""Looks for the dearest program: mutates those that cost most so far, in CPU seconds or memory.

Run ``python -m tests.lang.dearest --minutes 15``; it prints each program that beats the dearest before it.
"""

import argparse
import random
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import parse, to_lisp
from saps.lang.trees import Tree
from tests.lang.cost import EVALUATORS, Cost, cost_of
from tests.lang.dear import DEAR, HUNDRED, INPUTS, LARGE, LONG, THOUSAND
from tests.lang.programs import Maker

_KEPT = 40  # programs that are mutated
_MOST_NODES = 250
_FRESH = 0.05  # share of programs made from nothing
_rng = random.Random(1)
MORE_INPUTS: Mapping[str, Any] = {
    **INPUTS,
    "a": [_rng.choice([_rng.randint(-(2**70), 2**70), _rng.random(), True]) for _ in range(10_000)],
    "e": ["z" * 40 + str(number % 3) for number in range(9_000)],
    "f": [[[]] * 5] * 2_000,
    "g": {str(number): [number] for number in range(5_000)},
}
_ATOMS = [name for name, row in PRIMITIVES.items() if not row.arity] + ["arg1", "arg1", "arg2", "self", *MORE_INPUTS]
_ATOMS += [
    "==",
    "contains",
    "append",
    "dict-insert",
    "pow",
    "digits",
    "sort",
    "square",
    "str_concat",
    "is_prime",
    "range",
]
_HEADS = {arity: [n for n, row in PRIMITIVES.items() if row.arity == arity] for arity in (1, 2, 3)}
_FRAMES = [
    f"(map {THOUSAND} (lambda1 X))", f"(map {HUNDRED} (lambda1 X))", f"(map {THOUSAND} (partial0 X (lambda2 arg1)))",
    f"(reduce {THOUSAND} X (lambda2 (append (array-new int) arg1)))", "(invoke1 (lambda1 (== arg1 arg1)) X)",
    f"(reduce {THOUSAND} (array-new int) (lambda2 (append arg1 X)))", "(invoke1 (lambda1 (append X arg1)) X)",
    f"(reduce {THOUSAND} (dict-new int int) (lambda2 (dict-insert arg1 arg2 X)))", f"(map {THOUSAND} (partial0 X ==))",
    "(reduce (range 0 40) X (lambda2 (append (append (array-new int) arg1) arg1)))", "(map X (lambda1 (sort arg1)))",
    f"(map {THOUSAND} (lambda1 (contains X arg1)))", "(append X X)", "(sort X)", "(reverse X)", "(tail X)", "(len X)",
    "(reduce X X append)", "(map X (partial0 X contains))", "(filter X (partial0 X !=))", "(reduce X 0 +)",
    "(invoke1 (lambda1 (if (< arg1 2) X (append (self (- arg1 1)) (self (- arg1 2))))) 40)", LARGE, LONG, THOUSAND,
]  # fmt: skip
FRAMES = [parse(frame) for frame in _FRAMES]


class Found(NamedTuple):
    """A program with its cost."""

    cost: Cost
    evaluator: str
    program: Tree


def search(seconds: float, seed: int, aloud: bool = False) -> list[Found]:
    """The dearest programs found in so many seconds of the clock, the dearest first."""
    rng, end = random.Random(seed), time.monotonic() + seconds
    kept = [_tried(parse(code), name) for code in DEAR.values() for name in EVALUATORS]
    dearest = 0.0
    tried = len(kept)
    while time.monotonic() < end:
        program = _mutated(rng, kept)
        if not program.children or program.size() > _MOST_NODES or program.depth() > 150:
            continue
        found, tried = _tried(program, rng.choice([*EVALUATORS])), tried + 1
        assert "CRASH" not in found.cost.end, f"{to_lisp(program)}: {found.cost.end}"
        if found.cost.share > 0.8 * dearest:  # a slow moment of the machine may have met it
            found = min(found, _tried(program, found.evaluator), key=lambda one: one.cost.share)
        kept = _chosen([*kept, found])
        if kept[0].cost.share > dearest:
            dearest = kept[0].cost.share
            if aloud:
                print(f"{tried:6} {_line(kept[0])}", flush=True)
    if aloud:
        print(f"{tried} programs tried")
    return kept


def _tried(program: Tree, evaluator: str) -> Found:
    return Found(cost_of(to_lisp(program), MORE_INPUTS, EVALUATORS[evaluator]), evaluator, program)


def _chosen(found: list[Found]) -> list[Found]:
    """The dearest, at most four that end alike, so that the search does not dwell on one sort."""
    ends: dict[str, int] = {}
    kept = []
    for one in sorted(found, key=lambda one: one.cost.share, reverse=True):
        sort = f"{one.evaluator} {one.cost.end[:12]} {one.program.label} {one.cost.mib / 200 > one.cost.seconds}"
        ends[sort] = ends.get(sort, 0) + 1
        if ends[sort] <= 4:
            kept.append(one)
    return kept[:_KEPT]


def _mutated(rng: random.Random, kept: list[Found]) -> Tree:
    if rng.random() < _FRESH:
        return Maker(rng).program()
    program = kept[min(rng.randrange(len(kept)), rng.randrange(len(kept)))].program
    for _ in range(rng.choice([1, 1, 2, 3])):
        part = rng.choice(list(program.preorder()))
        program = _replaced(program, part, _instead(rng, part, rng.choice(kept).program))
    return program


def _instead(rng: random.Random, part: Tree, other: Tree) -> Tree:
    """What to put in the place of a part of a program."""
    kind = rng.choice(["atom", "head", "frame", "frame", "graft", "graft", "child"])
    if kind == "atom" or (kind in ("head", "child") and not part.children):
        return Tree(rng.choice(_ATOMS))
    if kind == "head":
        return Tree(rng.choice(_HEADS.get(len(part.children), ["if"])), part.children)
    if kind == "child":
        return rng.choice(part.children)
    if kind == "frame":
        return rng.choice(FRAMES).substitute({"X": part})
    return rng.choice(list(other.preorder()))


def _replaced(tree: Tree, part: Tree, new: Tree) -> Tree:
    """A tree with another one in the place of one of its nodes."""
    if tree is part:
        return new
    return Tree(tree.label, tuple([_replaced(child, part, new) for child in tree.children]))


def _line(found: Found) -> str:
    cost = found.cost
    return f"{cost.seconds:.2f} s {cost.mib:.0f} MiB {found.evaluator} {to_lisp(found.program)} -> {cost.end[:60]}"


def main() -> None:
    """Searches, and prints the ten dearest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for found in search(args.minutes * 60, args.seed, aloud=True)[:10]:
        print(_line(found))


if __name__ == "__main__":
    main()
