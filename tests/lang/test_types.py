"""Types as texts."""

import pytest

from saps.lang.errors import ProgramError
from saps.lang.types import INT, Type, function, list_of, parse_type, type_of_value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("int", INT),
        ("int[]", list_of(INT)),
        ("string[][]", list_of(list_of(Type("string")))),
        ("dict<int,string[]>", Type("dict", (INT, list_of(Type("string"))))),
        (" dict < string , int > ", Type("dict", (Type("string"), INT))),
        ("(int, bool) -> any", function((INT, Type("bool")), Type("any"))),
        ("(T) -> (U) -> T[]", function((Type("T"),), function((Type("U"),), list_of(Type("T"))))),
        ("((T) -> U)[]", list_of(function((Type("T"),), Type("U")))),
        ("(int)", INT),
    ],
)
def test_types_are_read_and_printed(text: str, kind: Type) -> None:
    assert parse_type(text) == kind
    assert parse_type(str(kind)) == kind


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("Int", 1),
        ("", 1),
        ("int[", 4),
        ("int]", 4),
        ("dict<int>", 1),
        ("dict", 1),
        ("(int, int)", 11),
        ("int int", 5),
        ("int\x00", 4),
        ("list", 1),
        ("() -> int", 2),
    ],
)
def test_what_is_no_type_is_said_with_its_place(text: str, column: int) -> None:
    with pytest.raises(ProgramError, match=f"from its column {column} on"):
        parse_type(text)


def test_a_type_too_long_for_recursion_is_refused() -> None:
    with pytest.raises(ProgramError, match="at most"):
        parse_type("dict<int," * 10_000)
    assert str(parse_type("int" + "[]" * 200)).count("[]") == 200


def test_types_of_values() -> None:
    assert [str(type_of_value(value)) for value in (1, True, "x", [[1]], [], [1, "x"], 1.5)] == [
        "int", "bool", "string", "int[][]", "None", "None", "None",
    ]  # fmt: skip
