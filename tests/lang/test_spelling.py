"""Reading and printing programs, and what is said about texts that are none."""

import json
import pickle
import time

import pytest

from saps.lang.errors import ProgramError
from saps.lang.spelling import (
    MAX_ATOM,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_NODES,
    from_short,
    parse,
    to_comma,
    to_json,
    to_lisp,
    to_short,
)
from saps.lang.trees import Tree

SUM = Tree("reduce", (Tree("a"), Tree("0"), Tree("+")))


@pytest.mark.parametrize(
    "code",
    [
        "(reduce a 0 +)",
        "(reduce, a, 0, +)",
        '["reduce","a","0","+"]',
        "  ( reduce\n a\t0 + )  ",
        ' [ "reduce" , "a" , "0" , "+" ] ',
    ],
)
def test_every_spelling_is_read(code: str) -> None:
    assert parse(code) == SUM


def test_every_spelling_is_printed() -> None:
    tree = parse('(reduce a "" (lambda2 (str_concat arg1 " ")))')
    assert to_lisp(tree) == '(reduce a "" (lambda2 (str_concat arg1 " ")))'
    assert to_comma(tree) == '(reduce, a, "", (lambda2, (str_concat, arg1, " ")))'
    assert to_json(tree) == '["reduce","a","\\"\\"",["lambda2",["str_concat","arg1","\\" \\""]]]'
    assert to_short(tree) == ["reduce", "a", '""', ["lambda2", ["str_concat", "arg1", '" "']]]


@pytest.mark.parametrize(("code", "label"), [('"z"', '"z"'), ('" "', '" "'), ('""', '""'), ("z", "z"), ('"a"', "a")])
def test_a_lone_quoted_text_is_a_literal_of_the_language_or_a_json_atom(code: str, label: str) -> None:
    assert parse(code) == Tree(label)


@pytest.mark.parametrize("label", ["a", "z", '"z"', '" "', '""', "+", "||"])
def test_atoms_survive_every_spelling(label: str) -> None:
    atom = Tree(label)
    assert [parse(spell(atom)) for spell in (to_lisp, to_comma, to_json)] == [atom] * 3
    assert json.loads(to_json(atom)) == label


@pytest.mark.parametrize(
    ("code", "column", "words"),
    [
        ("(reduce a 0 +", 14, "the '(' opened at column 1 is never closed; add ')'"),
        ("(reduce (map a f 0 +)", 22, "the '(' opened at column 1 is never closed"),
        ("(a b))", 6, "')' closes nothing; remove it"),
        ("(a b]", 5, "does not close the '(' of column 1; write ')'"),
        ('["a","b")', 9, "does not close the '[' of column 1; write ']'"),
        ('(a "b)', 4, "the quote opened here is never closed"),
        ("(a)", 3, "an argument is missing"),
        ("()", 2, "an argument is missing"),
        ('["a"]', 5, "an argument is missing"),
        ("(a b) c", 7, "the program is complete before 'c'"),
        ("a b", 3, "the program is complete before 'b'"),
        ("(a, b c)", 7, "with a comma between any two parts"),
        ("((a b) c)", 2, "a call is written (head argument)"),
        ('["a",1]', 6, "a call is written"),
        ('["a","b c"]', 6, "'b c' is no atom"),
        ('["a","\\x"]', 6, "no JSON string"),
        ("(a \x00)", 4, "is no atom"),
        ("(a \ud800)", 4, "is no atom"),
        (f"(f {'9' * (MAX_ATOM + 1)})", 4, f"at most {MAX_ATOM} are allowed"),
    ],
)
def test_errors_name_the_column_and_the_mend(code: str, column: int, words: str) -> None:
    with pytest.raises(ProgramError) as caught:
        parse(code)
    assert caught.value.column == column
    assert words in str(caught.value)
    assert f"column {column}: " in str(caught.value)


@pytest.mark.parametrize(
    "code",
    [
        "(" * 10_000 + "a" + ")" * 10_000,
        "(f " * 10_000 + "a" + ")" * 10_000,
        "[" * 10_000_000,
        "(" * (MAX_CHARACTERS - 1),
        ")" * 10_000_000,
        "9" * 1_000_000,
        '"' * 1_000_001,
        "(f " + "a " * (MAX_NODES + 1) + ")",
        "(f " + "9" * 150_000 + ")",
        "\x00" * 100_000,
        "\ud800" * 100_000,
        "",
        " \n ",
    ],
)
def test_hostile_texts_get_one_line_within_a_second(code: str) -> None:
    start = time.process_time()
    with pytest.raises(ProgramError) as caught:
        parse(code)
    assert time.process_time() - start < 1
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


def test_the_deepest_program_allowed_is_read_printed_and_sent() -> None:
    code = "(! " * (MAX_DEPTH - 1) + "a" + ")" * (MAX_DEPTH - 1)
    tree = parse(code)
    assert tree.depth() == MAX_DEPTH
    assert to_lisp(tree) == code
    assert from_short(to_short(tree)) == tree
    assert hash(pickle.loads(pickle.dumps(tree))) == hash(tree)
    with pytest.raises(ProgramError, match=f"deeper than {MAX_DEPTH} levels"):
        parse(f"(! {code})")


def _nested(depth: int) -> object:
    short: object = "a"
    for _ in range(depth):
        short = ["!", short]
    return short


@pytest.mark.parametrize(
    ("short", "words"),
    [
        (_nested(10_000), f"{MAX_DEPTH} levels"),
        (["f", *["a"] * MAX_NODES], "10,000 nodes"),
        ([], "found an empty list"),
        (["a"], "found a list of 1"),
        ([["a", "b"], "c"], "found a list of 2"),
        (["+", "a", 1], "found '1'"),
        (None, "found 'None'"),
        (["+", "a", ""], "'' is no atom"),
        (["+", "a", "b c"], "'b c' is no atom"),
        ({"+": 1}, "strings and lists"),
    ],
)
def test_short_trees_are_checked(short: object, words: str) -> None:
    with pytest.raises(ProgramError) as caught:
        from_short(short)
    assert words in str(caught.value)
