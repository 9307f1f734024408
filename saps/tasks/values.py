"""Values of test inputs and outputs, read from JSON by their declared type."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NoReturn

from saps.errors import UserError
from saps.lang.types import BOOL, INT, STRING, Type, parse_type

Reader = Callable[[Any], Any]
"""Takes a parsed JSON value, returns the value for the interpreter, raises UserError for one of another type."""


@lru_cache(maxsize=256)
def value_reader(written: str) -> Reader:
    """The reader of a type as a record writes it, such as ``int[]`` or ``dict<string,int>``.

    Raises:
        UserError: there is no such type, or JSON cannot hold its values (functions).
    """
    return _reader(parse_type(written), _SCALARS)


@lru_cache(maxsize=256)
def typed_reader(written: str) -> Reader:
    """As ``value_reader``, for values that a person gives now: a boolean is no integer but a mistake.

    Raises:
        UserError: as ``value_reader``.
    """
    return _reader(parse_type(written), _SCALARS | {"int": _int_alone})


def _reader(kind: Type, scalars: Mapping[str, Reader]) -> Reader:
    if kind.name in scalars:
        return scalars[kind.name]
    if kind.name == "list":
        return _list_reader(kind, _reader(kind.parameters[0], scalars))
    if kind.name == "dict" and kind.parameters[0].name in _KEYS:
        return _dictionary_reader(kind, _KEYS[kind.parameters[0].name], _reader(kind.parameters[1], scalars))
    raise UserError(f"JSON holds no value of type {kind}; use int, string, bool, any, T[] or a dict of int or string")


def _int_alone(value: Any) -> Any:
    return value if type(value) is int else _refuse(INT, value)


def _int(value: Any) -> Any:
    """Published records hold booleans where integers are declared: ``True == 1`` (see the language reference)."""
    return value if type(value) in (int, bool) else _refuse(INT, value)


def _bool(value: Any) -> Any:
    return value if type(value) is bool else _refuse(BOOL, value)


def _string(value: Any) -> Any:
    return value if type(value) is str else _refuse(STRING, value)


def _any(value: Any) -> Any:
    return value


_SCALARS: dict[str, Reader] = {"int": _int, "bool": _bool, "string": _string, "any": _any}


def _list_reader(kind: Type, read_element: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not list:
            _refuse(kind, value)
        return [read_element(element) for element in value]

    return read


def _dictionary_reader(kind: Type, read_key: Reader, read_value: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not dict:
            _refuse(kind, value)
        return {read_key(key): read_value(element) for key, element in value.items()}

    return read


def _int_key(key: str) -> Any:
    """A key of dict<int,...>: JSON has strings as keys only."""
    try:
        return int(key)
    except ValueError:
        return _refuse(INT, key)


_KEYS: dict[str, Reader] = {"int": _int_key, "string": _string}


def _refuse(kind: Type, value: Any) -> NoReturn:
    shown = ascii(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    raise UserError(f"expected a value of type {kind}, found {shown}")
