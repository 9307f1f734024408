"""Primitives on lists, strings and dictionaries. What they make is new and counted before it is made."""

import math
from functools import lru_cache
from itertools import pairwise
from typing import Any

from saps.lang.machine import Machine, implements
from saps.lang.operations.numbers import need_number, need_truth, need_whole
from saps.lang.sizes import WORD
from saps.lang.values import NUMBERS, SCALARS, RuntimeFault, TypeFault, TypeLiteral, describe

RANGE_LIMIT = 1000  # the widest range, part of the language
_HASHED = 2**61 - 1  # integers beyond it may have the same hash value, and are then looked for one after the other
_COLLISION = 16  # elements to pay for each key that may have the same


def need_list(name: str, value: Any) -> list[Any]:
    """The value itself; raises TypeFault unless it is a list."""
    if type(value) is not list:
        raise TypeFault(f"{name} needs a list, found {describe(value)}")
    return value


def need_string(name: str, *values: Any) -> None:
    """Raises TypeFault unless all values are strings."""
    for value in values:
        if type(value) is not str:
            raise TypeFault(f"{name} needs a string, found {describe(value)}")


def _need_order(name: str, values: list[Any]) -> None:
    kinds = set(map(type, values))
    if not (kinds <= NUMBERS or kinds == {str}):
        raise TypeFault(f"{name} needs numbers only or strings only")


@implements("deref")
def element(machine: Machine, values: Any, index: Any) -> Any:
    """The element at an index from 0."""
    if type(values) is not list:
        need_list("deref", values)
    if type(index) is not int:
        need_whole("deref", index)
    if not 0 <= index < len(values):
        raise RuntimeFault(f"deref of element {_short(index)} of a list of {len(values)}")
    return values[index]


implements("int-deref")(element)


@implements("head")
def first(machine: Machine, values: Any) -> Any:
    """The first element."""
    if type(values) is not list:
        need_list("head", values)
    if not values:
        raise RuntimeFault("head of an empty list")
    return values[0]


@implements("tail")
def rest(machine: Machine, values: Any) -> list[Any]:
    """All elements but the first."""
    elements = need_list("tail", values)
    machine.make_list(max(len(elements) - 1, 0))
    return elements[1:]


@implements("slice")
def part(machine: Machine, values: Any, start: Any, end: Any) -> list[Any]:
    """The elements from start on, before end."""
    elements = values if type(values) is list else need_list("slice", values)
    if type(start) is not int or type(end) is not int:
        need_whole("slice", start, end)
    window = slice(max(start, 0), end)
    machine.make_list(len(range(*window.indices(len(elements)))))
    return elements[window]


@implements("len")
def length(machine: Machine, values: Any) -> int:
    """The number of elements."""
    if type(values) is not list:
        need_list("len", values)
    return len(values)


@implements("append")
def append(machine: Machine, values: Any, value: Any) -> list[Any]:
    """A new list with the value at its end."""
    elements = need_list("append", values)
    machine.make_list(len(elements) + 1)
    return [*elements, value]


@implements("sort")
def ascending(machine: Machine, values: Any) -> list[Any]:
    """A new list in ascending order."""
    elements = values if type(values) is list else need_list("sort", values)
    _need_order("sort", elements)
    machine.make_list(len(elements))
    if elements and type(elements[0]) is str:
        machine.look_through(elements)
    return sorted(elements)


@implements("reverse")
def backwards(machine: Machine, values: Any) -> list[Any]:
    """A new list in reversed order."""
    elements = values if type(values) is list else need_list("reverse", values)
    machine.make_list(len(elements))
    return elements[::-1]


@implements("range")
def whole_numbers(machine: Machine, start: Any, end: Any) -> list[int]:
    """Whole numbers from start, truncated, up to end, which is left out."""
    if type(start) is not int or type(end) is not int:
        need_number("range", start, end)
    if not end - start <= RANGE_LIMIT:
        raise RuntimeFault(f"range over more than {RANGE_LIMIT} numbers")
    if math.inf in (abs(start), abs(end)):
        raise RuntimeFault("range from or to infinity")
    numbers = range(int(start), math.ceil(end))
    machine.make_list(len(numbers))
    if numbers and not -WORD < numbers[0] < WORD:
        bits = numbers[0].bit_length()
        machine.check_bits(bits)
        machine.make(len(numbers) * (bits // 64))
    return list(numbers)


@implements("is_sorted")
def is_ascending(machine: Machine, values: Any) -> bool:
    """Whether no number is less than the one before it."""
    need_list("is_sorted", values)
    need_number("is_sorted", *values)
    machine.make(len(values))
    return all(before <= after for before, after in pairwise(values))


@implements("digits")
def decimal_digits(machine: Machine, value: Any) -> list[int]:
    """The decimal digits of the absolute value, most significant first."""
    if type(value) is not int:
        need_whole("digits", value)
    bits = value.bit_length()
    if bits >= 64:
        machine.check_bits(bits)
    machine.make_list(bits * 3 // 10 + 1)  # a bit is 0.30 digits
    return list(_digits(abs(int(value))) if bits <= 20 else map(int, str(abs(value))))


@lru_cache(maxsize=4096)
def _digits(number: int) -> tuple[int, ...]:
    """Programs ask for the digits of small numbers again and again."""
    return tuple(map(int, str(number)))


@implements("contains")
def contains(machine: Machine, values: Any, value: Any) -> bool:
    """Whether a list holds a value."""
    need_list("contains", values)
    return any(machine.same(candidate, value) for candidate in values)


@implements("str_min")
def earlier(machine: Machine, a: Any, b: Any) -> str:
    """The earlier of two strings."""
    need_string("str_min", a, b)
    machine.compare(a, b)
    return str(min(a, b))


@implements("str_max")
def later(machine: Machine, a: Any, b: Any) -> str:
    """The later of two strings."""
    need_string("str_max", a, b)
    machine.compare(a, b)
    return str(max(a, b))


@implements("strlen")
def string_length(machine: Machine, text: Any) -> int:
    """The number of characters."""
    need_string("strlen", text)
    return len(text)


@implements("str_index")
def character(machine: Machine, index: Any, text: Any) -> str:
    """The character at an index; a negative one counts from the end."""
    need_whole("str_index", index)
    need_string("str_index", text)
    if not -len(text) <= index < len(text):
        raise RuntimeFault(f"str_index of character {_short(index)} of a string of {len(text)}")
    return str(text[index])


@implements("str_concat")
def join(machine: Machine, a: Any, b: Any) -> str:
    """Both strings joined."""
    if type(a) is not str or type(b) is not str:
        need_string("str_concat", a, b)
    machine.make_string(len(a) + len(b))
    return str(a + b)


@implements("str_split")
def pieces(machine: Machine, text: Any, delimiter: Any) -> list[str]:
    """The pieces between delimiters, without empty ones."""
    need_string("str_split", text, delimiter)
    if not delimiter:
        raise RuntimeFault("str_split by an empty delimiter")
    machine.make_string(len(text))
    parts = [piece for piece in text.split(delimiter) if piece]
    machine.make_list(len(parts))
    return parts


@implements("array-new")
def empty_list(machine: Machine, kind: Any) -> list[Any]:
    """An empty list."""
    _need_type("array-new", kind)
    return []


@implements("dict-new")
def empty_dictionary(machine: Machine, keys: Any, values: Any) -> dict[Any, Any]:
    """An empty dictionary."""
    _need_type("dict-new", keys)
    _need_type("dict-new", values)
    return {}


@implements("dict-insert")
def insert(machine: Machine, dictionary: Any, key: Any, value: Any) -> dict[Any, Any]:
    """A new dictionary with one more key, or another value of a key."""
    if type(dictionary) is not dict or type(key) not in SCALARS:
        raise TypeFault(f"dict-insert needs a dictionary and a key, found {describe(dictionary)} and {describe(key)}")
    machine.make_list(len(dictionary) + 1)
    if type(key) is str:
        machine.look_through([key])
    elif type(key) is int and not -_HASHED < key < _HASHED:
        machine.make(_COLLISION * len(dictionary))
    made = dictionary.copy()  # as it stands, other than {**dictionary}, which inserts key by key
    made[key] = value
    return made


@implements("dict-keys")
def sorted_keys(machine: Machine, dictionary: Any) -> list[Any]:
    """The keys in ascending order."""
    if type(dictionary) is not dict:
        raise TypeFault(f"dict-keys needs a dictionary, found {describe(dictionary)}")
    keys: list[Any] = ascending(machine, list(dictionary))
    return keys


@implements("map")
def apply_to_each(machine: Machine, values: Any, function: Any) -> list[Any]:
    """The function's values for each element."""
    elements = values if type(values) is list else need_list("map", values)
    machine.make_list(len(elements))
    return [machine.call(function, (value,)) for value in elements]


@implements("filter")
def keep(machine: Machine, values: Any, condition: Any) -> list[Any]:
    """The elements for which the condition holds."""
    elements = values if type(values) is list else need_list("filter", values)
    machine.make_list(len(elements))
    kept = []
    for value in elements:
        holds = machine.call(condition, (value,))
        if holds is True:
            kept.append(value)
        elif holds is not False:
            need_truth("filter", holds)
    return kept


@implements("reduce")
def fold(machine: Machine, values: Any, start: Any, function: Any) -> Any:
    """The left fold: function(result so far, element)."""
    if type(values) is not list:
        need_list("reduce", values)
    result = start
    for value in values:
        result = machine.call(function, (result, value))
    return result


def _need_type(name: str, value: Any) -> None:
    if not isinstance(value, TypeLiteral):
        raise TypeFault(f"{name} needs a type, found {describe(value)}")


def _short(number: int) -> str:
    """A number for a message: large ones only by their size, as Python may refuse to print them."""
    return str(number) if number.bit_length() < 64 else f"of {number.bit_length()} bits"
