"""Inputs such as a task might have, from the types of its arguments alone."""

from collections.abc import Mapping
from typing import Any

from saps.lang.types import Type

KINDS = 3  # typical inputs of a task
_NUMBERS = (3, 7, 2)
_LENGTHS = (5, 2, 8)
_WORDS = ("lorem ipsum", "a", "banana bread")


def typical_inputs(arguments: Mapping[str, Type]) -> list[dict[str, Any]]:
    """Some inputs by name, always the same: small positive numbers, lists of some elements, words of letters."""
    return [
        {name: _value(kind, number + place) for place, (name, kind) in enumerate(arguments.items())}
        for number in range(KINDS)
    ]


def _value(kind: Type, number: int) -> Any:
    if kind.name == "list":
        return [_value(kind.parameters[0], number + place) for place in range(_LENGTHS[number % KINDS])]
    if kind.name == "dict":
        key, value = kind.parameters
        return {_value(key, number): _value(value, number)}
    if kind.name == "string":
        return _WORDS[number % KINDS]
    if kind.name == "bool":
        return number % 2 == 0
    return _NUMBERS[number % KINDS] + number // KINDS  # any, too, is mostly a number
