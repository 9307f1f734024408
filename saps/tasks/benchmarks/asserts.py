"""Tests of a benchmark, read from Python's ``assert f(inputs) == output`` as syntax; nothing is ever executed."""

import ast
import warnings
from dataclasses import dataclass
from typing import Any, TypeGuard

MAX_SOURCE = 100_000  # characters; the longest test of the two benchmarks has a tenth of that
_MAX_BITS = 10_000  # of an integer, as in the interpreter


class NotLiteralError(ValueError):
    """A test says more than a call on plain values and its plain result."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call with its result: integers, truth values, strings and lists of them (tuples are read as lists)."""

    inputs: tuple[Any, ...]
    output: Any


def read_asserts(source: str, function: str | None = None) -> tuple[list[Call], int]:
    """The calls that a piece of Python asserts, in order, and how many of its asserts say something else.

    Only ``assert f(...) == value`` counts, also with ``is``, and ``assert f(...)`` and ``assert not f(...)`` for
    truth values. Inputs and outputs must be written out: a calculation, a float, a name or a call in them is
    something else, as is a piece that is no Python or has more than ``MAX_SOURCE`` characters, which counts as one
    assert. ``assert True`` says nothing and is not counted.

    Args:
        source: statements, or a function whose body holds them.
        function: the name that must be called; any by default.
    """
    try:
        nodes = [node for node in ast.walk(parse_python(source)) if _says_something(node)]
    except NotLiteralError:
        return [], 1
    calls: list[Call] = []
    for node in sorted(nodes, key=lambda one: (one.lineno, one.col_offset)):
        try:
            calls.append(_call(node.test, function))
        except NotLiteralError:
            continue
    return calls, len(nodes) - len(calls)


def parse_python(source: str) -> ast.Module:
    """The syntax tree of a piece of Python that nobody vouches for.

    Raises:
        NotLiteralError: it is none, too long, or nested too deep.
    """
    if len(source) > MAX_SOURCE:
        raise NotLiteralError("too long")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd escapes in strings
            return ast.parse(source.strip())
    except (SyntaxError, ValueError, MemoryError, RecursionError):  # MemoryError is how the parser says "too deep"
        raise NotLiteralError("not Python") from None


def _says_something(node: ast.AST) -> TypeGuard[ast.Assert]:
    return isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant)


def _call(test: ast.expr, function: str | None) -> Call:
    match test:
        case ast.Compare(left=ast.Call() as call, ops=[ast.Eq() | ast.Is()], comparators=[right]):
            return Call(_inputs(call, function), _literal(right))
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call() as call):
            return Call(_inputs(call, function), False)
        case ast.Call() as call:
            return Call(_inputs(call, function), True)
    raise NotLiteralError("not a call with its result")


def _inputs(call: ast.Call, function: str | None) -> tuple[Any, ...]:
    if not isinstance(call.func, ast.Name) or call.keywords or function not in (None, call.func.id):
        raise NotLiteralError("another kind of call")
    return tuple(_literal(argument) for argument in call.args)


def _literal(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | str() as value):
            return _bounded(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)) if type(value) is int:
            return -_bounded(value)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_literal(element) for element in elements]
    raise NotLiteralError("not a plain value")


def _bounded(value: Any) -> Any:
    """A value that a file of tasks can hold: no integer beyond the interpreter's, no half characters."""
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise NotLiteralError("too large")
    if isinstance(value, str) and any("\ud800" <= one <= "\udfff" for one in value):
        raise NotLiteralError("half a character")
    return value
