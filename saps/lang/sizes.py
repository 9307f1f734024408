"""How large a value is: elements at every level, characters of strings, words of large integers."""

from collections.abc import Collection
from itertools import chain
from typing import Any

from saps.lang.values import NUMBERS, SCALARS, LimitReached, TypeFault, describe

WORD = 2**64
"""Integers beyond it are looked at for their size."""
_SMALL = 2**63  # integers below it have fewer than 64 bits
_LISTS = frozenset({list})
_FEW = 8  # elements of a level that are looked at one by one, as sets of their types would take longer


def count_elements(value: Any, most: int, deepest: int) -> int:
    """Number of elements in all of a value, at every level, with characters of strings and words of large integers.

    Each level counts as one more, and what a value holds many times over counts each time. Sizes are added up before
    anything is copied, so that a value of any size is refused at once. Levels are walked one after the other, wide ones
    by Python's own loops.

    Raises:
        TypeFault: it holds something that is not data.
        LimitReached: it has more than ``most`` elements or is nested deeper than ``deepest``; the walk ends there.
    """
    count, depth, level = 0, 0, [value]
    if (kind := type(value)) in SCALARS:  # asked for at every comparison of two numbers, so without a call
        count, level = 1, []
        if kind is str:
            count += len(value)
        elif kind is int:
            count += value.bit_length() // 64
    while level:
        depth += 1
        count += 1
        if depth > deepest:
            raise LimitReached(f"nested lists: deeper than {deepest:,}")
        if len(level) == 1 and type(level[0]) is list:
            elements: list[Any] = level[0]
            count += len(elements)
            if count > most:
                break
        else:
            groups = level if _LISTS.issuperset(map(type, level)) else _groups(level)
            count += sum(map(len, groups))
            if count > most:
                break
            elements = list(chain.from_iterable(groups))
        if not elements:
            break
        if len(elements) <= _FEW:
            level = []
            for element in elements:
                kind = type(element)
                if kind is str:
                    count += len(element)
                elif kind is int:
                    count += element.bit_length() // 64
                elif kind not in SCALARS:
                    level.append(element)
            continue
        kinds = set(map(type, elements))
        count += _inside(elements, kinds)
        if kinds <= SCALARS:
            break
        level = [element for element in elements if type(element) not in SCALARS] if kinds & SCALARS else elements
    if count > most:
        raise LimitReached(f"elements of a value: more than {most:,}")
    return count


def _groups(level: list[Any]) -> list[Collection[Any]]:
    """What lists and dictionaries hold, not copied: a dictionary holds its keys and its values."""
    groups: list[Collection[Any]] = []
    for value in level:
        if type(value) is list:
            groups.append(value)
        elif type(value) is dict:
            groups += (value.keys(), value.values())
        else:
            raise TypeFault(f"{describe(value)} where data is needed")
    return groups


def _inside(values: Collection[Any], kinds: set[type]) -> int:
    """Characters of the strings and words of the large integers among values of these kinds."""
    count = 0
    if str in kinds:
        count = sum(map(len, values)) if len(kinds) == 1 else sum([len(text) for text in values if type(text) is str])
    if int in kinds and not (kinds <= NUMBERS and min(values) > -_SMALL and max(values) < _SMALL):
        count += sum([number.bit_length() // 64 for number in values if type(number) is int])
    return count
