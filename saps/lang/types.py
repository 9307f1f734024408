"""Types: ``int``, ``string[]``, ``dict<int, int>``, ``(int, T) -> bool``, and how they are written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from saps.lang.errors import ProgramError, quoted

BASIC = ("int", "string", "bool", "any")
_LENGTH = 500  # characters of a type; far more than any program needs, few enough for recursion
_TOKEN = re.compile(r"\s*(->|\[\]|[<>(),]|[A-Z]\d*(?:\.\.\.)?(?![A-Za-z])|[a-z]+)")


@dataclass(frozen=True, slots=True)
class Type:
    """A type or a type variable.

    ``name`` is one of ``BASIC``, ``list``, ``dict``, ``type`` (of a type literal), ``->`` (a function: its parameters,
    then its result), a variable (a capital letter, perhaps with a number) or a rest of parameters (``W...``).
    The letter of a variable says what it stands for: O for int or string, D for anything but functions.
    """

    name: str
    parameters: tuple["Type", ...] = ()

    @property
    def is_variable(self) -> bool:
        """Whether it is a type variable."""
        return self.name[0].isupper()

    @property
    def is_function(self) -> bool:
        """Whether it is the type of a function."""
        return self.name == "->"

    def map_leaves(self, new: Callable[["Type"], "Type"]) -> "Type":
        """The type with each basic type and variable in it, from left to right, replaced."""
        if not self.parameters:
            return new(self)
        return Type(self.name, tuple([part.map_leaves(new) for part in self.parameters]))

    def __str__(self) -> str:
        if self.name == "list":
            element = self.parameters[0]
            return f"({element})[]" if element.is_function else f"{element}[]"
        if self.is_function:
            return f"({', '.join(map(str, self.parameters[:-1]))}) -> {self.parameters[-1]}"
        return f"{self.name}<{', '.join(map(str, self.parameters))}>" if self.parameters else self.name


INT, STRING, BOOL, ANY = (Type(name) for name in BASIC)


def list_of(element: Type) -> Type:
    """The type of lists of an element type."""
    return Type("list", (element,))


def function(parameters: tuple[Type, ...], result: Type) -> Type:
    """The type of functions from parameters to a result."""
    return Type("->", (*parameters, result))


@lru_cache(maxsize=100_000)
def type_depth(kind: Type) -> int:
    """Number of levels; ``int`` has 1, ``int[]`` has 2."""
    return 1 + max(map(type_depth, kind.parameters), default=0)


def type_of_value(value: Any) -> Type | None:
    """The type of a JSON value; None where it does not tell: an empty list, a list of several types, a float."""
    if type(value) is list:
        kinds = {type_of_value(element) for element in value}
        kind = kinds.pop() if len(kinds) == 1 else None
        return kind and list_of(kind)
    return {bool: BOOL, int: INT, str: STRING}.get(type(value))


@lru_cache(maxsize=1024)
def parse_type(text: str) -> Type:
    """The type that a text such as ``int[]``, ``dict<string,int>`` or ``(T[], int) -> T`` names.

    Raises:
        ProgramError: the text is no type; the message says what was found where.
    """
    if len(text) > _LENGTH:
        raise ProgramError(f"a type of {len(text):,} characters; at most {_LENGTH} are allowed")
    return _TypeParser(text).parse()


class _TypeParser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, int]] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                raise self._error(position)
            self._tokens.append((match[1], match.start(1)))
            position = match.end()
        self._tokens.append(("", len(text)))
        self._next = 0

    def parse(self) -> Type:
        """The type that the whole text spells."""
        result = self._type()
        if self._peek():
            raise self._error(self._tokens[self._next][1])
        return result

    def _type(self) -> Type:
        start = self._tokens[self._next][1]
        token = self._take()
        if token == "(":
            result = self._parenthesised()
        elif token in ("dict", "type") and self._peek() == "<":
            parameters = self._list("<", ">")
            if len(parameters) != (2 if token == "dict" else 1):
                raise self._error(start)
            result = Type(token, parameters)
        elif token in BASIC or token[:1].isupper():
            result = Type(token)
        else:
            raise self._error(start)
        while self._peek() == "[]":
            self._take()
            result = list_of(result)
        return result

    def _parenthesised(self) -> Type:
        """A function, or one type in parentheses, after the opening one."""
        self._next -= 1
        parameters = self._list("(", ")")
        if self._peek() == "->":
            self._take()
            return function(parameters, self._type())
        if len(parameters) != 1:
            raise self._error(self._tokens[self._next][1])
        return parameters[0]

    def _list(self, opening: str, closing: str) -> tuple[Type, ...]:
        self._expect(opening)
        items = [self._type()]
        while self._peek() == ",":
            self._take()
            items.append(self._type())
        self._expect(closing)
        return tuple(items)

    def _peek(self) -> str:
        return self._tokens[self._next][0]

    def _take(self) -> str:
        token = self._peek()
        self._next += bool(token)
        return token

    def _expect(self, token: str) -> None:
        if self._peek() != token:
            raise self._error(self._tokens[self._next][1])
        self._take()

    def _error(self, position: int) -> ProgramError:
        known = "int, string, bool, any, T[] and dict<K,V>"
        return ProgramError(f"{quoted(self._text)} is no type, from its column {position + 1} on; types are {known}")
