"""Calls of primitives as Python expressions: a short way for whole numbers, the primitive itself for all else.

Operands are evaluated in order and once, whether or not the short way is taken.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from saps.lang.machine import LONG
from saps.lang.sizes import WORD


class Expression(NamedTuple):
    """Python source of a value, and what is known of it."""

    source: str
    simple: bool = False
    """A name or a literal: it may be written twice and evaluated at any time."""
    truth: bool = False
    """Its value is a truth value."""
    literal: bool = False
    """A whole number as it stands."""


class Names:
    """The names that the expressions of one function use besides those of its variables."""

    def __init__(self) -> None:
        self.primitives: list[str] = []
        self._temporaries = 0

    def primitive(self, label: str) -> str:
        """A name for what a primitive does: ``p`` and its place among ``primitives``."""
        if label not in self.primitives:
            self.primitives.append(label)
        return f"p{self.primitives.index(label)}"

    def temporary(self) -> str:
        """A new name for a value on the way."""
        self._temporaries += 1
        return f"t{self._temporaries}"

    def bound(self, operand: Expression) -> tuple[str, str]:
        """An expression that evaluates an operand, and one that repeats its value."""
        if operand.simple:
            return operand.source, operand.source
        name = self.temporary()
        return f"({name} := {operand.source})", name


Writer = Callable[[Names, Sequence[Expression]], Expression]
"""Writes the call of one primitive."""

_WORD = str(WORD)
_TRUTHS = frozenset({"==", "!=", "<", ">", "<=", ">=", "!", "&&", "||", "is_prime", "is_sorted", "contains"})


def call(names: Names, label: str, operands: Sequence[Expression]) -> Expression:
    """The call of a primitive with the right number of operands; ``m`` is the machine."""
    if label in _SHORT:
        return _SHORT[label](names, operands)
    return _long(names, label, *[operand.source for operand in operands])


def choice(condition: Expression, then: Expression, otherwise: Expression) -> Expression:
    """A conditional; ``truth`` checks what is not known to be a truth value."""
    test = condition.source if condition.truth else f"truth({condition.source})"
    return Expression(f"({then.source} if {test} else {otherwise.source})", truth=then.truth and otherwise.truth)


def _long(names: Names, label: str, *operands: str) -> Expression:
    return Expression(f"{names.primitive(label)}(m, {', '.join(operands)})", truth=label in _TRUTHS)


def _whole(operands: Sequence[Expression], evaluated: Sequence[str]) -> str:
    """A test that evaluates one or two operands and tells whether they are whole numbers of Python."""
    kinds = [f"type({text})" for operand, text in zip(operands, evaluated, strict=True) if not operand.literal]
    return " is ".join([*kinds, "int"]) if kinds else "True"


def _numbers(label: str, pattern: str) -> Writer:
    """Of operations on two whole numbers ``a`` and ``b``; a result that may be large is looked at for its size."""

    def write(names: Names, operands: Sequence[Expression]) -> Expression:
        (first, a), (second, b) = map(names.bound, operands)
        test, value = _whole(operands, (first, second)), pattern.format(a=a, b=b)
        divisor = operands[1].literal and b != "0"
        if label in "/%" and not divisor:
            test += f" and 0 != {b} and -{_WORD} < {b} < {_WORD}"
        if label not in _TRUTHS and not (label == "%" and divisor):
            result = names.temporary()
            test += f" and -{_WORD} < ({result} := {value}) < {_WORD}"
            value = result
        return Expression(f"({value} if {test} else {_long(names, label, a, b).source})", truth=label in _TRUTHS)

    return write


def _texts(label: str, pattern: str) -> Writer:
    def write(names: Names, operands: Sequence[Expression]) -> Expression:
        (first, a), (second, b) = map(names.bound, operands)
        long = _long(names, label, a, b)
        test = f"type({first}) is type({second}) is str and len({a}) <= {LONG}"
        return Expression(f"({pattern.format(a=a, b=b)} if {test} else {long.source})")

    return write


def _logic(label: str, sign: str) -> Writer:
    def write(names: Names, operands: Sequence[Expression]) -> Expression:
        if all(operand.truth for operand in operands):
            return Expression(f"({f' {sign} '.join([operand.source for operand in operands])})", truth=True)
        (first, a), (second, b) = map(names.bound, operands)
        long = _long(names, label, a, b)
        return Expression(f"({a} {sign} {b} if type({first}) is type({second}) is bool else {long.source})", truth=True)

    return write


def _not(names: Names, operands: Sequence[Expression]) -> Expression:
    if operands[0].truth:
        return Expression(f"(not {operands[0].source})", truth=True)
    return _long(names, "!", operands[0].source)


def _square(names: Names, operands: Sequence[Expression]) -> Expression:
    first, a = names.bound(operands[0])
    result, long = names.temporary(), _long(names, "square", a)
    test = f"{_whole(operands, (first,))} and ({result} := {a} * {a}) < {_WORD}"
    return Expression(f"({result} if {test} else {long.source})")


def _element(names: Names, operands: Sequence[Expression]) -> Expression:
    if operands[0].literal or operands[0].truth:  # no list, as Python would remark
        return _long(names, "deref", *[operand.source for operand in operands])
    (first, a), (second, b) = map(names.bound, operands)
    if operands[1].simple:
        kinds = f"type({first}) is list" + ("" if operands[1].literal else f" and type({b}) is int")
    else:  # both are evaluated before either is looked at
        kinds = f"(type({first}), type({second})) == LIST_AND_INT"
    long = _long(names, "deref", a, b)
    return Expression(f"({a}[{b}] if {kinds} and 0 <= {b} < len({a}) else {long.source})")


def _of_list(label: str, pattern: str) -> Writer:
    def write(names: Names, operands: Sequence[Expression]) -> Expression:
        if operands[0].literal or operands[0].truth:
            return _long(names, label, operands[0].source)
        first, a = names.bound(operands[0])
        some = f" and {a}" if label == "head" else ""
        long = _long(names, label, a)
        return Expression(f"({pattern.format(a=a)} if type({first}) is list{some} else {long.source})")

    return write


_SHORT: dict[str, Writer] = {
    "+": _numbers("+", "{a} + {b}"),
    "-": _numbers("-", "{a} - {b}"),
    "*": _numbers("*", "{a} * {b}"),
    "/": _numbers("/", "{a} // {b}"),
    "%": _numbers("%", "{a} % {b}"),
    "min": _numbers("min", "({a} if {a} <= {b} else {b})"),
    "max": _numbers("max", "({a} if {a} >= {b} else {b})"),
    "<": _numbers("<", "{a} < {b}"),
    ">": _numbers(">", "{a} > {b}"),
    "<=": _numbers("<=", "{a} <= {b}"),
    ">=": _numbers(">=", "{a} >= {b}"),
    "==": _numbers("==", "{a} == {b}"),
    "!=": _numbers("!=", "{a} != {b}"),
    "str_min": _texts("str_min", "({a} if {a} <= {b} else {b})"),
    "str_max": _texts("str_max", "({a} if {a} >= {b} else {b})"),
    "&&": _logic("&&", "&"),
    "||": _logic("||", "|"),
    "!": _not,
    "square": _square,
    "deref": _element,
    "int-deref": _element,
    "len": _of_list("len", "len({a})"),
    "head": _of_list("head", "{a}[0]"),
}
