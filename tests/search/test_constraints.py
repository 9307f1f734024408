"""What may fill a hole: arity, scope, size, depth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saps.lang.types import parse_type
from saps.search.constraints import Bounds, Constraints
from saps.search.partial import Partial
from saps.search.step import Label

LABELS: tuple[Label, ...] = (
    ("<pad>", 0), ("a", 0), ("b", 0), ("0", 0), ("+", 2), ("+", 0), ("+", 1), ("if", 3), ("if", 1), ("reduce", 3),
    ("lambda1", 1), ("lambda2", 1), ("lambda1", 0), ("arg1", 0), ("arg2", 0), ("self", 0), ("self", 1), ("self", 2),
    ("a", 2), ("unheard", 1),
)  # fmt: skip


def grown(*labels: Label) -> Partial:
    partial = Partial.empty()
    for label in labels:
        partial = partial.extend(label)
    return partial


def legal(rules: Constraints, *labels: Label) -> set[Label]:
    return {label for label, allowed in zip(LABELS, rules.allowed(grown(*labels)), strict=True) if allowed}


def test_the_root_of_a_task_with_one_argument() -> None:
    rules = Constraints(LABELS, ["a"])
    plain = {("a", 0), ("0", 0), ("+", 2), ("+", 0), ("if", 3), ("reduce", 3), ("lambda1", 1), ("lambda2", 1)}
    assert legal(rules) == plain


def test_lambda_variables_stand_inside_their_lambdas_only() -> None:
    rules = Constraints(LABELS, ["a"])
    outside = legal(rules)
    assert legal(rules, ("lambda1", 1)) - outside == {("arg1", 0), ("self", 0), ("self", 1)}
    assert legal(rules, ("lambda2", 1)) - outside == {("arg1", 0), ("arg2", 0), ("self", 0), ("self", 2)}
    nested = legal(rules, ("lambda2", 1), ("+", 2), ("lambda1", 1))
    assert nested - outside == {("arg1", 0), ("arg2", 0), ("self", 0), ("self", 1)}
    assert legal(rules, ("+", 2), ("lambda1", 1), ("arg1", 0)) == outside


def test_sizes_leave_room_for_the_open_nodes() -> None:
    rules = Constraints(LABELS, ["a"], Bounds(size=6, depth=9))
    arities = {arity for _, arity in legal(rules, ("reduce", 3))}
    assert arities == {0, 1, 2}  # four nodes are spoken for
    assert {arity for _, arity in legal(rules, ("reduce", 3), ("+", 2))} == {0}
    assert {arity for _, arity in legal(Constraints(LABELS, ["a"], Bounds(size=9, depth=1)))} == {0}
    assert {arity for _, arity in legal(Constraints(LABELS, ["a"], Bounds(size=9, depth=2)), ("+", 2))} == {0}


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 7))
def test_blind_growth_always_ends_within_the_bounds(seed: int, size: int, depth: int) -> None:
    rules, draw = Constraints(LABELS, ["a", "b"], Bounds(size, depth)), np.random.default_rng(seed)
    partial = rules.start()
    while not partial.complete:
        partial = rules.extend(partial, int(draw.choice(np.flatnonzero(rules.allowed(partial)))))
    tree = partial.to_tree()
    assert tree.size() <= size
    assert tree.depth() <= depth


def test_the_declared_result_waits_at_the_root() -> None:
    rules = Constraints(LABELS, ["a"], result=parse_type("int[]"))
    assert rules.start().hole.expected == parse_type("int[]")


def test_a_vocabulary_without_atoms_for_the_task_is_refused() -> None:
    with pytest.raises(ValueError, match="no program is possible"):
        Constraints([("a", 0), ("+", 2)], ["b"])
