"""Types of programs, and mistakes with their place and both types."""

from typing import Any

import pytest

from saps.lang.errors import ProgramError, TypeMistake
from saps.lang.inference import check, explain, infer, infer_arguments
from saps.lang.names import free_names, parse_declaration
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.lang.types import Type, parse_type

DECLARED = ("a:int[]", "b:int", "c:string", "d:string[]", "e:bool", "f:any", "g:dict<int,int>", "h:int[][]")
ARGS: dict[str, Type] = dict(parse_declaration(text) for text in DECLARED)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("1", "int"),
        ("inf", "int"),
        ('"z"', "string"),
        ("int", "type<int>"),
        ("a", "int[]"),
        ("(reduce a 0 +)", "int"),
        ("(reduce d 0 (lambda2 (+ arg1 (strlen arg2))))", "int"),
        ("(map d strlen)", "int[]"),
        ("(map h len)", "int[]"),
        ("(map a (lambda1 (== arg1 b)))", "bool[]"),
        ("(filter d (partial0 c ==))", "string[]"),
        ("(head (map d (lambda1 (str_concat arg1 c))))", "string"),
        ("(invoke1 (lambda1 (if (<= arg1 1) 1 (* (self (- arg1 1)) arg1))) b)", "int"),
        ("(lambda1 (lambda2 (+ arg1 arg2)))", "(T) -> (int, int) -> int"),
        ("(lambda2 (map a (lambda1 (+ arg1 arg2))))", "(T, int) -> int[]"),
        ("(partial1 b -)", "(int) -> int"),
        ("(partial2 b slice)", "(T[], int) -> T[]"),
        ("(combine ! is_prime)", "(int) -> bool"),
        ("(combine square +)", "(int, int) -> int"),
        ("(combine (partial0 1 +) (partial0 1 +))", "(int) -> int"),
        ("(lambda1 (partial1 b arg1))", "((T, int) -> U) -> (T) -> U"),
        ("(if e + -)", "(int, int) -> int"),
        ("==", "(D, D) -> bool"),
        ("sort", "(O[]) -> O[]"),
        ("(lambda2 (== arg1 (head arg2)))", "(D, D[]) -> bool"),
        ("(array-new int)", "int[]"),
        ("(append (array-new int) b)", "int[]"),
        ("(dict-keys (dict-insert (dict-new int int) b b))", "int[]"),
        ("(+ f 1)", "int"),
        ("(main a b c d e f g h)", "T"),
        ("(if e 1 (main a b c d e f g h))", "int"),
    ],
)
def test_the_principal_type(code: str, kind: str) -> None:
    assert str(infer(parse(code), ARGS)) == kind


@pytest.mark.parametrize(
    ("code", "path", "expected", "found"),
    [
        ("(reduce a 0 (lambda2 (+ arg1 c)))", "root > reduce[2] > lambda2[0] > +[1]", "int", "string"),
        ("(+ a 1)", "root > +[0]", "int", "int[]"),
        ("(map b square)", "root > map[0]", "T[]", "int"),
        ("(map d square)", "root > map[1]", "(string) -> T", "(int) -> int"),
        ("(reduce a 0 square)", "root > reduce[2]", "(int, int) -> int", "(int) -> int"),
        ("(partial0 1 square)", "root > partial0[1]", "(int, T) -> U", "(int) -> int"),
        ("(partial0 c +)", "root > partial0[1]", "(string, T) -> U", "(int, int) -> int"),
        ("(sort (map a is_prime))", "root > sort[0] > map[1]", "(int) -> O", "(int) -> bool"),
        ("(== + -)", "root > ==[0]", "D", "(int, int) -> int"),
        ("(== int int)", "root > ==[0]", "D", "type<int>"),
        ("(+ 1)", "root", "2 operands of +", "1"),
        ("(self b)", "root", "a value", "self without a lambda around it"),
        ("(map a lambda1)", "root > map[1]", "a value", "lambda1 without its body"),
        ("(lambda1 (invoke1 arg1 arg1))", "root > lambda1[0] > invoke1[1]", "T", "(T) -> U"),
        ("(b b)", "root", "a primitive that takes operands", "a call of b"),
        ("(1 b)", "root", "a primitive that takes operands", "a call of 1"),
    ],
)
def test_a_mistake_names_the_place_and_both_types(code: str, path: str, expected: str, found: str) -> None:
    with pytest.raises(TypeMistake) as caught:
        infer(parse(code), ARGS)
    assert caught.value.path == path
    shapes = (_canonical(caught.value.expected), _canonical(caught.value.found))
    assert shapes == (_canonical(expected), _canonical(found))
    assert str(caught.value) == f"{path}: expected {caught.value.expected}, found {caught.value.found}"


def _canonical(text: str) -> Any:
    """A type up to the names of its variables; other texts as they are."""
    try:
        kind = parse_type(text)
    except ProgramError:
        return text
    return infer(Tree("x"), {"x": kind})


def test_an_unknown_name_is_said_with_the_known_ones() -> None:
    with pytest.raises(TypeMistake, match=r"one of the arguments \(a\), found the unknown name x"):
        infer(parse("(reduce x 0 +)"), {"a": parse_type("int[]")})


def test_check_compares_with_the_declared_result() -> None:
    check(parse("(map a square)"), ARGS, parse_type("int[]"))
    check(parse("(head f)"), ARGS, parse_type("string"))
    with pytest.raises(TypeMistake, match=r"root > reduce\[1\]: expected string, found int$"):
        check(parse("(reduce a 0 +)"), ARGS, parse_type("string"))


def test_types_of_undeclared_arguments_are_inferred() -> None:
    arguments, result = infer_arguments(parse("(reduce (map x (partial0 y str_concat)) z str_max)"), {})
    assert {name: str(kind) for name, kind in arguments.items()} == {"x": "string[]", "y": "string", "z": "string"}
    assert str(result) == "string"


def test_free_names_are_the_arguments_read() -> None:
    tree = parse("(reduce b arg1 (lambda2 (if (== arg2 a) (self arg1 b) (lambda1 (+ arg1 arg2)))))")
    assert free_names(tree) == ("b", "arg1", "a")
    assert free_names(parse("(main self 1)")) == ()


@pytest.mark.parametrize("text", ["a", ":int", "max:int", "arg1:int", "self:int", "a b:int", "a:number"])
def test_bad_declarations_are_refused(text: str) -> None:
    with pytest.raises(ProgramError):
        parse_declaration(text)


def test_types_built_to_explode_end_with_an_error() -> None:
    body = "arg1"
    for _ in range(60):
        body = f"(lambda1 (invoke1 {body} (invoke1 {body} arg1)))" if len(body) < 20_000 else f"(lambda1 {body})"
    doubling = "(dict-insert (dict-new int int) 1 1)"
    for _ in range(12):
        doubling = f"(== {doubling} {doubling})"
    for code in (body, doubling):
        try:
            infer(parse(code), {})
        except ProgramError as error:
            assert str(error)  # noqa: PT017  (either way is right; it must end)
    deep = Tree("a")
    for _ in range(100_000):
        deep = Tree("!", (deep,))
    with pytest.raises(ProgramError, match="levels"):
        infer(deep, ARGS)


def test_every_node_is_explained_in_order() -> None:
    nodes = explain(parse("(filter x (combine (partial0 b <) (lambda1 (head arg1))))"), ARGS)
    assert [(node.path, node.label, str(node.type)) for node in nodes] == [
        ((), "filter", "int[][]"),
        ((0,), "x", "int[][]"),
        ((1,), "combine", "(int[]) -> bool"),
        ((1, 0), "partial0", "(int) -> bool"),
        ((1, 0, 0), "b", "int"),
        ((1, 0, 1), "<", "(int, int) -> bool"),
        ((1, 1), "lambda1", "(int[]) -> int"),
        ((1, 1, 0), "head", "int"),
        ((1, 1, 0, 0), "arg1", "int[]"),
    ]


def test_a_variable_has_one_name_at_all_nodes() -> None:
    nodes = explain(parse("(map x head)"), {})
    assert [str(node.type) for node in nodes] == ["T[]", "T[][]", "(T[]) -> T"]


def test_what_is_ill_typed_is_not_explained() -> None:
    with pytest.raises(TypeMistake, match=r"root > \+\[0\]: expected int, found int\[\]"):
        explain(parse("(+ a 1)"), ARGS)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("(+ a 3)", "root > +[1]: expected one of the numbers 0, 1, 2, 10, 40, 1000000000, inf (nearest: 2 and 10)"),
        ("(+ a -1)", "(nearest: 0), or an argument, found the number -1"),
        ("(+ a 1.2.3)", "found the number 1.2.3"),
        ('(str_concat s "x")', '''expected one of the strings "", " ", "z", or an argument, found the string "x"'''),
        ("(reduce a 0 plus)", "root > reduce[2]: expected a primitive or one of the arguments (a), perhaps +"),
        ("(map a squar)", "perhaps square or sqrt, found the unknown name squar"),
        ("(squar a)", "expected a primitive that takes operands, perhaps square or sqrt, found a call of squar"),
    ],
)
def test_what_can_be_no_argument_is_said_with_what_there_is(code: str, words: str) -> None:
    for what in (infer_arguments, explain):
        with pytest.raises(TypeMistake) as caught:
            what(parse(code), {})
        assert words in str(caught.value)


def test_a_declared_argument_may_have_any_name() -> None:
    assert str(infer_arguments(parse("(+ a 3)"), {"3": parse_type("int")})[1]) == "int"
    assert str(infer_arguments(parse("(+ plus 1)"), {})[0]["plus"]) == "int"
