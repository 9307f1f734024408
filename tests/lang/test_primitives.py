"""The table of primitives is the one home of what a primitive is."""

import re
import shlex

import pytest

from saps.cli import main
from saps.lang.interpreter import Limits, run
from saps.lang.machine import CONSTANTS, IMPLEMENTATIONS
from saps.lang.plain import SPECIAL_FORMS
from saps.lang.primitives import PRIMITIVES, markdown_table, read_table
from saps.lang.spelling import MAX_DEPTH, MAX_NODES
from saps.lang.trees import Tree
from saps.lang.values import TypeLiteral
from saps.resources import resource


def test_every_row_has_a_meaning_and_every_meaning_a_row() -> None:
    functions = {name for name, row in PRIMITIVES.items() if row.arity}
    assert functions == set(IMPLEMENTATIONS) | set(SPECIAL_FORMS) - {"main"}  # main is the program, no primitive


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_are_of_their_type(name: str) -> None:
    kinds = {"int": (int, float), "string": (str,), "bool": (bool,), "type<int>": (TypeLiteral,)}
    assert type(CONSTANTS[name]) in kinds[str(PRIMITIVES[name].signature)]


@pytest.mark.parametrize("name", [name for name, row in PRIMITIVES.items() if row.arity and name != "self"])
def test_a_wrong_number_of_operands_is_a_type_error(name: str) -> None:
    operands = (Tree("1"),) * (PRIMITIVES[name].arity + 1)
    outcome = run(Tree(name, operands), {})
    assert outcome.kind == "type error"
    assert f"{name} takes {PRIMITIVES[name].arity} operands, found {len(operands)}" in outcome.message


def test_rows_are_read() -> None:
    table = read_table("# a comment\ngcd\t(int, int) -> int\tgreatest common divisor\none\tint\tthe number 1\n")
    assert table["gcd"].arity == 2
    assert str(table["gcd"].result) == "int"
    assert table["one"].arity == 0
    assert str(table["one"].result) == "int"


@pytest.mark.parametrize("row", ["gcd (int, int) -> int", "a\tint", "one\tint\tone\none\tint\tone"])
def test_a_broken_row_is_said_with_its_line(row: str) -> None:
    with pytest.raises(ValueError, match=r"primitives\.tsv:\d+: a row is"):
        read_table(row)


def page(name: str) -> str:
    """A page of a checkout."""
    path = resource("grammar").parent / "docs" / name
    if not path.exists():
        pytest.skip("the docs lie in a checkout only")
    return path.read_text(encoding="utf-8")


def test_the_reference_holds_the_table() -> None:
    assert markdown_table() in page("language-reference.md"), "put in what `python -m saps.lang.primitives` prints"


def test_the_reference_holds_the_limits() -> None:
    text, limits = page("language-reference.md"), Limits()
    for name in Limits.__slots__:
        assert f"| {getattr(limits, name):,} |" in text, name
    assert f"{MAX_DEPTH} levels deep and have {MAX_NODES:,} nodes" in text


def test_the_commands_of_the_tour_do_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^    \$ saps (.*)\n    (.*)$", page("language.md"), re.MULTILINE)
    assert len(commands) >= 7
    for words, line in commands:
        main(shlex.split(words))
        assert "".join(capsys.readouterr()) == line + "\n"
