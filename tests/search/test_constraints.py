"""What may fill a hole: arity, types, scope, size, depth; sound and complete."""

import os
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saps.generator import generate
from saps.lang.errors import ProgramError
from saps.lang.inference import check
from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.lang.types import parse_type
from saps.search.constraints import Bounds, Constraints
from saps.search.holes import Hole
from saps.search.step import Label
from saps.tasks.files import read_tasks
from saps.tasks.task import Task
from saps.tasks.vocabulary import split_label, vocabularies_of

EVERYTHING: tuple[Label, ...] = tuple(
    dict.fromkeys(
        [("<pad>", 0), ("unheard", 1), ("a", 2)]
        + [(name, arity) for name, row in PRIMITIVES.items() for arity in (row.arity, 0, 1)]
        + [("arg1", 0), ("arg2", 0), ("self", 2), ("main", 0), *((name, 0) for name in "abcdef")]
    )
)
"""Every primitive as a call and as a value, some with a wrong arity, names, and labels without any meaning."""

TASKS = (  # arguments, result
    ({"a": "int[]", "b": "int"}, "int"),
    ({"a": "string[]"}, "string"),
    ({"a": "int[]", "b": "int[]"}, "int[]"),
    ({"a": "string"}, "string[]"),
    ({"a": "any"}, "bool"),
    ({}, "any"),
    ({"a": "int[][]"}, "int"),
    ({"a": "any[]", "b": "dict<string, int>"}, "int[]"),
)


def made(arguments: Mapping[str, str], result: str, bounds: Bounds | None = None) -> Constraints:
    return Constraints(
        EVERYTHING, {name: parse_type(kind) for name, kind in arguments.items()}, bounds, parse_type(result)
    )


def random_program(by: Constraints, draw: np.random.Generator) -> Tree:
    """A program by labels that some fixed preference, drawn first, and chance choose among those allowed."""
    taste = draw.normal(size=len(by.labels)) * draw.choice([0.0, 1.0, 2.0])
    hypothesis = by.start()
    while hypothesis.holes is not None:
        allowed = by.allowed(hypothesis)
        assert allowed.any(), f"a dead end after {hypothesis.labels()}"
        promised = hypothesis.holes.group.cost(hypothesis.holes.levels)
        assert by.needs(hypothesis).min() <= promised, f"a promise is broken after {hypothesis.labels()}"
        scores = np.where(allowed, taste + draw.gumbel(size=len(taste)), -np.inf)
        hypothesis = by.extend(hypothesis, int(scores.argmax()))
    return hypothesis.to_tree()


def check_random_programs(count: int, seed: int, bounds: Bounds) -> None:
    draw = np.random.default_rng(seed)
    every = [made(arguments, result, bounds) for arguments, result in TASKS]
    for number in range(count):
        arguments, result = TASKS[number % len(TASKS)]
        program = random_program(every[number % len(TASKS)], draw)
        assert program.size() <= bounds.size
        assert program.depth() <= bounds.depth
        check(program, {name: parse_type(kind) for name, kind in arguments.items()}, parse_type(result))


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**32 - 1), st.integers(6, 40), st.integers(4, 9))
def test_blind_growth_ends_well_typed_and_within_the_bounds(seed: int, size: int, depth: int) -> None:
    check_random_programs(16, seed, Bounds(size, depth))


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [("int[][]", "D0[]", "(D0[][]) -> int"), ("string[]", "(D0, string[]) -> bool", "(D0[][]) -> int")],
)
def test_no_way_to_finish_is_promised_that_leads_to_types_too_deep(kind: str, first: str, second: str) -> None:
    """The cheapest way to fill the first node would make a type of five levels of the second, which no label may."""
    by = made({"a": kind}, "any")
    group = by.grammar.group([Hole(parse_type(wanted)) for wanted in (first, second)])
    for levels in range(1, 8):
        assert group.needs(levels).min() <= group.cost(levels)


@pytest.mark.slow
def test_ten_thousand_blind_programs_are_well_typed_and_within_the_bounds() -> None:
    for seed, (size, depth) in enumerate([(6, 4), (12, 5), (20, 8), (40, 10), (200, 24)]):
        check_random_programs(2_000 if size < 200 else 400, seed, Bounds(size, depth))
    check_random_programs(1_600, 9, Bounds(8, 8))


def legal(by: Constraints, *labels: Label) -> set[Label]:
    hypothesis = by.start()
    for label in labels:
        hypothesis = by.extend(hypothesis, by.labels.index(label))
    return {label for label, allowed in zip(by.labels, by.allowed(hypothesis), strict=True) if allowed}


def test_the_root_has_the_declared_type() -> None:
    found = legal(made({"a": "int[]", "b": "int"}, "bool"))
    assert {("true", 0), ("==", 2), ("if", 3), ("is_prime", 1), ("reduce", 3), ("head", 1)} <= found
    assert not found & {("a", 0), ("b", 0), ("+", 2), ("==", 0), ("lambda1", 1), ("is_prime", 0), ("map", 2)}


def test_what_is_learned_of_a_type_binds_the_empty_nodes_that_share_it() -> None:
    by = made({"a": "int[]", "b": "string[]"}, "int")
    assert {("a", 0), ("b", 0)} <= legal(by, ("len", 1), ("map", 2))
    after = legal(by, ("len", 1), ("map", 2), ("b", 0))
    assert {("strlen", 0), ("lambda1", 1), ("partial0", 2), ("combine", 2)} <= after
    assert not after & {("square", 0), ("is_prime", 0), ("+", 0), ("lambda2", 1), ("b", 0)}
    assert ("square", 0) in legal(by, ("len", 1), ("map", 2), ("a", 0))


def test_lambda_variables_stand_inside_their_lambdas_only_and_have_their_types() -> None:
    by = made({"a": "int[]", "b": "string[]"}, "int[]")
    outside = legal(by, ("map", 2), ("a", 0))
    assert not {label for label in outside if label[0] in ("arg1", "arg2", "self", "main")}
    assert {("arg1", 0), ("self", 1)} <= legal(by, ("map", 2), ("a", 0), ("lambda1", 1))
    assert ("arg2", 0) not in legal(by, ("map", 2), ("a", 0), ("lambda1", 1))
    words = legal(by, ("map", 2), ("b", 0), ("lambda1", 1))
    assert ("arg1", 0) not in words  # a string, where a number is wanted
    assert ("self", 1) in words
    assert ("arg1", 0) in legal(by, ("map", 2), ("b", 0), ("lambda1", 1), ("strlen", 1))
    folded = [("map", 2), ("a", 0), ("lambda1", 1), ("reduce", 3), ("a", 0), ("0", 0), ("lambda2", 1)]
    assert {("arg1", 0), ("arg2", 0), ("self", 2)} <= legal(by, *folded)
    assert ("self", 1) not in legal(by, *folded)


def test_sizes_leave_room_for_the_open_nodes() -> None:
    by = made({"a": "int[]", "b": "int"}, "int", Bounds(size=6, depth=9))
    assert {arity for _, arity in legal(by, ("reduce", 3))} == {0, 1, 2}  # three nodes are left, two are spoken for
    assert {arity for _, arity in legal(by, ("reduce", 3), ("reverse", 1), ("a", 0))} == {0, 1}
    assert {arity for _, arity in legal(made({"a": "int[]"}, "int[]", Bounds(size=9, depth=1)))} == {0}
    assert ("map", 2) not in legal(made({"b": "int"}, "string[]", Bounds(size=9, depth=2)))  # no list of one level


@pytest.mark.parametrize(
    ("labels", "arguments", "result"),
    [
        ([("a", 0), ("+", 2)], {"b": "int"}, "any"),
        ([("0", 0), ("+", 2)], {}, "string"),
        ([("0", 0), ("head", 1)], {"a": "int[]"}, "int[]"),
    ],
)
def test_a_vocabulary_without_programs_for_the_task_is_refused(
    labels: list[Label], arguments: dict[str, str], result: str
) -> None:
    kinds = {name: parse_type(kind) for name, kind in arguments.items()}
    with pytest.raises(ProgramError, match="no program of type"):
        Constraints(labels, kinds, None, parse_type(result))


def test_a_program_becomes_its_labels_or_nothing() -> None:
    by = made({"a": "int[]"}, "int")
    program = parse("(reduce a 0 +)")
    found = by.numbers(program)
    assert found is not None
    assert [by.labels[number] for number in found] == [("reduce", 3), ("a", 0), ("0", 0), ("+", 0)]
    for wrong in ("a", "(reduce a a +)", "(reduce c 0 +)", "(reverse 0)", "(len arg1)"):
        assert by.numbers(parse(wrong)) is None


def unreachable(tasks: list[Task]) -> list[Task]:
    labels = [split_label(label) for label in vocabularies_of(tasks).labels]
    every: dict[tuple[object, str], Constraints] = {}
    found = []
    for task in tasks:
        key = (tuple(task.args.items()), task.return_type)
        if key not in every:
            kinds = {name: parse_type(kind) for name, kind in task.args.items()}
            every[key] = Constraints(labels, kinds, None, parse_type(task.return_type))
        if every[key].numbers(task.program) is None:
            found.append(task)
    return found


def test_every_generated_program_can_be_reached() -> None:
    assert unreachable(list(generate(250, seed=5))) == []


def published(count: int | None) -> list[Task]:
    folder = os.environ.get("SAPS_ALGOLISP")
    if not folder:
        pytest.skip("SAPS_ALGOLISP names no folder with the published data")
    return list(islice(read_tasks(Path(folder) / "metaset3.dev.jsonl.gz"), count))


def test_some_published_programs_can_be_reached() -> None:
    assert unreachable(published(300)) == []


@pytest.mark.slow
def test_every_published_program_can_be_reached() -> None:
    assert unreachable(published(None)) == []
