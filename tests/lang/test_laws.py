"""Laws of the language on random programs: spelling, running and typing."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from saps.lang.errors import ProgramError
from saps.lang.inference import infer
from saps.lang.interpreter import Limits, run, same_value
from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import from_short, parse, to_comma, to_json, to_lisp, to_short
from saps.lang.trees import Tree
from saps.lang.types import Type, parse_type

NAMES = ("a", "b", "z", "arg1", "arg2", "self", "main", "αρ", "x'y\\n", "3", "nonsense", '"it"')
LABELS = st.sampled_from([*PRIMITIVES, *NAMES])
TREES = st.recursive(
    LABELS.map(Tree),
    lambda children: st.builds(
        lambda label, parts: Tree(label, tuple(parts)), LABELS, st.lists(children, min_size=1, max_size=3)
    ),
    max_leaves=40,
)
SMALL = Limits(steps=5_000, elements=20_000)


@pytest.mark.parametrize("spell", [to_lisp, to_comma, to_json])
@settings(deadline=None, max_examples=200)
@given(tree=TREES)
def test_parsing_undoes_printing(spell: Any, tree: Tree) -> None:
    # One exception, as `parse` says: a program that is nothing but a string which the language does not have.
    assume(tree != Tree('"it"'))
    assert parse(spell(tree)) == tree


@settings(deadline=None, max_examples=100)
@given(tree=TREES)
def test_short_trees_survive_json(tree: Tree) -> None:
    assert from_short(json.loads(json.dumps(to_short(tree)))) == tree


@settings(deadline=None, max_examples=300)
@given(code=st.text(alphabet='()[]," ab+1\\\t\n\x00\ud800é', max_size=40) | st.text(max_size=40))
def test_any_text_is_a_program_or_an_error_with_one_line(code: str) -> None:
    tree, message = _attempt(lambda: parse(code))
    assert len(message.splitlines()) <= 1
    assert message.encode("utf-8") or parse(f"(f {to_lisp(tree)})").children == (tree,)


def _attempt(action: Callable[[], Any]) -> tuple[Any, str]:
    """The value of an action, or the message of its error."""
    try:
        return action(), ""
    except ProgramError as error:
        return None, str(error)


VALUES = st.recursive(
    st.integers() | st.floats() | st.booleans() | st.text(max_size=5) | st.none() | st.just((1, 2)) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None, max_examples=600)
@given(tree=TREES, inputs=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
def test_no_program_escapes_the_interpreter(tree: Tree, inputs: dict[str, Any]) -> None:
    outcome = run(tree, inputs, SMALL)
    again = run(tree, inputs, SMALL)
    assert outcome.kind == again.kind
    assert outcome.message == again.message
    assert bool(outcome.message) == (outcome.kind != "value")
    assert "\n" not in outcome.message


@settings(deadline=None, max_examples=200)
@given(tree=TREES)
def test_inference_ends_with_a_type_or_one_line(tree: Tree) -> None:
    kind, message = _attempt(lambda: infer(tree, {"a": parse_type("int[]"), "b": parse_type("any")}))
    assert len(message.splitlines()) <= 1
    assert message or parse_type(str(kind)) == kind


ARGS = {"a": "int[]", "b": "int", "c": "string", "d": "string[]", "e": "bool", "f": "int[][]", "g": "dict<string,int>"}
TYPES = {name: parse_type(text) for name, text in ARGS.items()}


def _type_of(tree: Tree, in_body: bool) -> Type | None:
    """The type of a program, or of what may stand under a lambda2; None where it has none."""
    try:
        kind = infer(Tree("lambda2", (tree,)) if in_body else tree, TYPES)
    except ProgramError:
        return None
    return kind.parameters[-1] if in_body else kind


def well_typed(rng: random.Random, attempts: int) -> list[Tree]:
    """Programs that inference accepts, grown from their leaves; bodies of lambdas are grown under a lambda2."""
    atoms = [Tree(name) for name in (*ARGS, *PRIMITIVES, "arg1", "arg2")]
    pools = {body: [(atom, kind) for atom in atoms if (kind := _type_of(atom, body))] for body in (True, False)}
    heads = [row for row in PRIMITIVES.values() if row.arity]
    grown: list[Tree] = []
    for _ in range(attempts):
        row, in_body = rng.choice(heads), rng.random() < 0.4
        pool = pools[in_body or row.name.startswith("lambda")]
        pool = pool[-40:] if rng.random() < 0.4 else pool  # the youngest, so that programs grow deep
        parts = [[tree for tree, kind in pool if _may_fit(wanted, kind)] for wanted in row.parameters]
        if not all(parts):
            continue
        tree = Tree(row.name, tuple(rng.choice(choice) for choice in parts))
        if tree.size() < 60 and (kind := _type_of(tree, in_body)):
            pools[in_body].append((tree, kind))
            grown += [] if in_body else [tree]
    return grown


def _may_fit(wanted: Type, kind: Type) -> bool:
    return wanted.is_variable or kind.is_variable or wanted.name == kind.name


def _inputs(rng: random.Random) -> dict[str, Any]:
    numbers = [rng.randint(-5, 12) for _ in range(rng.randint(0, 6))]
    words = ["".join(rng.choices("abc ", k=rng.randint(0, 4))) for _ in range(rng.randint(0, 4))]
    return {
        "a": numbers,
        "b": rng.randint(-3, 15),
        "c": rng.choice(["", "b", *words]),
        "d": words,
        "e": rng.random() < 0.5,
        "f": [numbers, [], [1]],
        "g": {"k": 1, "": -2},
    }


@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 10**9))
def test_well_typed_programs_never_give_a_type_error(seed: int) -> None:
    rng = random.Random(seed)
    programs = well_typed(rng, attempts=1000)
    assert len(programs) > 50
    values = 0
    for tree in programs:
        kind = str(infer(tree, TYPES))
        if "->" in kind or "type<" in kind:
            continue  # a function is no result
        outcome = run(tree, _inputs(rng), SMALL)
        assert outcome.kind != "type error", f"{to_lisp(tree)}: {outcome.message}"
        values += outcome.kind == "value"
        assert outcome.kind != "value" or _has_type(outcome.value, kind), f"{to_lisp(tree)}: {outcome.value} no {kind}"
    assert values > 20


def _has_type(value: Any, kind: str) -> bool:
    if kind.endswith("[]"):
        return isinstance(value, list) and all(_has_type(element, kind[:-2]) for element in value)
    if kind.startswith("dict<"):
        return isinstance(value, dict)
    expected = {"int": (int, float), "string": str, "bool": bool}.get(kind, object)
    return isinstance(value, expected) and (kind != "int" or not isinstance(value, bool))


@settings(deadline=None, max_examples=100)
@given(value=VALUES)
def test_data_is_the_same_as_its_copy(value: Any) -> None:
    text = json.dumps(value) if _is_json(value) else ""
    if text and "NaN" not in text:
        assert same_value(json.loads(text), json.loads(text))
        assert not same_value(json.loads(text), [json.loads(text)])


def _is_json(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    return isinstance(value, (int, float, str)) and value != 10**400
