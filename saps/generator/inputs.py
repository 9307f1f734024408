"""Inputs for the tests of a generated task: what values an argument takes, by the modes of `inputs.yaml`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from random import Random
from typing import Any

from saps.errors import UserError

LOWEST_ITEM = -20  # of a list with numbers of both signs; the published data goes as far


@dataclass(frozen=True, slots=True)
class Ranges:
    """From what the values of one argument are drawn, each evenly."""

    number: Sequence[int]
    """of an integer; 0 is left out, as in the published data"""
    length: Sequence[int]
    """how many elements a list has"""
    item: Sequence[int]
    """of the integers in a list; without 0"""
    letters: str
    """of a string"""
    letter_count: Sequence[int]
    """how many letters a string has"""
    order: str
    """``any``, or for half of the lists ``sorted`` or ``mirrored``, so that a question about it has both answers"""
    sign: str
    """``positive``, or ``both``: then all numbers of the program may also be below 0"""

    def with_both_signs(self) -> "Ranges":
        """The same with numbers as far below 0 as above it, and items of lists down to ``LOWEST_ITEM``."""
        number, item = max(self.number), max(self.item)
        return replace(self, number=without_zero(-number, number), item=without_zero(max(LOWEST_ITEM, -item), item))


class Modes:
    """The named modes; a mode sets some of the ranges and leaves the others as they are."""

    def __init__(self, modes: Mapping[str, Mapping[str, Any]], start: str = "plain") -> None:
        """``modes``: for each name what it sets; ``start`` is where every argument begins and must set all.

        Raises:
            UserError: the starting mode is missing or leaves something open.
        """
        missing = {field.name for field in fields(Ranges)} - set(modes.get(start, {}))
        if missing:
            raise UserError(f"the input mode {start!r} must set all ranges; it lacks {', '.join(sorted(missing))}")
        self._modes = modes
        self._resolved: dict[tuple[str, ...], Ranges] = {(): Ranges(**modes[start])}
        self._signed: dict[tuple[str, ...], Ranges] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._modes

    def __iter__(self) -> Iterator[str]:
        return iter(self._modes)

    def ranges(self, path: tuple[str, ...]) -> Ranges:
        """The ranges of an argument below slots with these modes, from the root down; the innermost mode wins."""
        if path not in self._resolved:
            self._resolved[path] = replace(self.ranges(path[:-1]), **self._modes[path[-1]])
        return self._resolved[path]

    def signed_ranges(self, path: tuple[str, ...]) -> Ranges:
        """The same where a mode anywhere in the program has ``sign: both``."""
        if path not in self._signed:
            self._signed[path] = self.ranges(path).with_both_signs()
        return self._signed[path]

    def has_both_signs(self, name: str) -> bool:
        """Whether a mode has ``sign: both``; "" is no mode and has not."""
        return bool(name) and self._modes[name].get("sign") == "both"


def without_zero(low: int, high: int) -> tuple[int, ...]:
    """The whole numbers from ``low`` to ``high``, both included, but for 0."""
    return tuple(value for value in range(low, high + 1) if value != 0)


def _number(ranges: Ranges, rng: Random) -> int:
    return ranges.number[int(rng.random() * len(ranges.number))]


def _numbers(ranges: Ranges, rng: Random) -> list[int]:
    size = ranges.length[int(rng.random() * len(ranges.length))]
    values = rng.choices(ranges.item, k=size)
    if ranges.order == "any" or rng.random() < 0.5:
        return values
    if ranges.order == "sorted":
        return sorted(values)
    return values[: (size + 1) // 2] + values[: size // 2][::-1]


def _string(ranges: Ranges, rng: Random) -> str:
    size = ranges.letter_count[int(rng.random() * len(ranges.letter_count))]
    return "".join(rng.choices(ranges.letters, k=size))


def _strings(ranges: Ranges, rng: Random) -> list[str]:
    return [_string(ranges, rng) for _ in range(ranges.length[int(rng.random() * len(ranges.length))])]


DRAW: Mapping[str, Callable[[Ranges, Random], Any]] = {
    "int": _number,
    "int[]": _numbers,
    "string": _string,
    "string[]": _strings,
}
"""How a value of each type that an argument can have is drawn."""
