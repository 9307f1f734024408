"""Values of running programs: what they are, when two are the same, and what can go wrong with them.

Numbers are Python's ``int``, ``float`` and ``bool``; strings ``str``; lists ``list``; dictionaries ``dict``. Everything
else is a function or a type literal, which only lives inside a run.
"""

from typing import Any

NUMBERS = frozenset({int, float, bool})
SCALARS = NUMBERS | {str}
_EXACT = SCALARS - {float}


class Fault(Exception):
    """Ends a run; never leaves the interpreter."""


class TypeFault(Fault):
    """An operand of a kind that the operation has no meaning for."""


class RuntimeFault(Fault):
    """Operands of the right kinds without a result, such as a division by zero."""


class LimitReached(Fault):
    """The run would need more than a limit allows."""


class TypeLiteral:
    """A type as a value: the operand of ``array-new``."""

    def __init__(self, name: str) -> None:
        self.name = name


def same_value(a: Any, b: Any) -> bool:
    """Whether two values are equal, without tolerance: lists element by element, ``1 == True``, ``1 == 1.0``.

    Walks with a list for a stack, so deep values do no harm; what is not data is equal to nothing.
    """
    if type(a) in SCALARS and type(b) in SCALARS:
        return bool(a == b)
    if type(a) is list and type(b) is list and _EXACT.issuperset(map(type, a)) and _EXACT.issuperset(map(type, b)):
        return a == b  # as most values are; a float may be unequal to itself, which Python's lists do not notice
    pairs = [(a, b)]
    while pairs:
        a, b = pairs.pop()
        if type(a) in SCALARS:
            if type(b) not in SCALARS or a != b:
                return False
        elif type(a) is list and type(b) is list and len(a) == len(b):
            pairs.extend(zip(a, b, strict=True))
        elif type(a) is dict and type(b) is dict and a.keys() == b.keys():
            pairs.extend((value, b[key]) for key, value in a.items())
        else:
            return False
    return True


_KINDS = {
    int: "a number",
    float: "a number",
    bool: "a truth value",
    str: "a string",
    list: "a list",
    dict: "a dictionary",
}


def describe(value: Any) -> str:
    """The kind of a value in words, for messages."""
    if isinstance(value, TypeLiteral):
        return "a type"
    return _KINDS.get(type(value), "a function" if hasattr(value, "arity") else f"a {type(value).__name__}")
