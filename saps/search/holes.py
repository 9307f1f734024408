"""Holes and their types: what a label does to the holes of a program, by unification in the small.

The types of holes are those of ``saps.lang.inference`` with one restriction: what is not known stands for data,
never for a function. So only variables of two sorts occur: D for data, O for int or string.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from saps.lang.names import LAMBDA_PARAMETERS
from saps.lang.primitives import Primitive
from saps.lang.types import BOOL, Type
from saps.lang.unification import Unifier, resolved

DEEPEST = 4  # levels of a type, such as (int[][]) -> int; with deeper ones there would be types without end


class TypingContext(NamedTuple):
    """The types of what the lambdas around a hole bind; None outside of them."""

    first: Type | None = None  # arg1
    second: Type | None = None  # arg2, of the innermost lambda2, around which there may be a lambda1
    itself: Type | None = None  # self, the innermost lambda


class Hole(NamedTuple):
    """A node that has no label yet."""

    type: Type
    context: TypingContext
    level: int = 0  # below the first hole that it is written down with; negative where it stands higher


class Filling(NamedTuple):
    """The type of the node that a label makes, and the holes below it."""

    type: Type
    children: tuple[tuple[Type, TypingContext], ...] = ()


def fill(holes: Sequence[Hole], filling: Filling) -> list[Hole] | None:
    """The holes once the first of them got a label; None where types do not fit, or grow beyond all use."""
    first, *rest = holes
    unifier = Unifier()
    if not unifier.unify(first.type, filling.type):
        return None
    bindings = unifier.bindings
    found = [Hole(kind, context, first.level + 1) for kind, context in filling.children] + rest
    if bindings:
        found = [Hole(resolved(hole.type, bindings), _context(hole.context, bindings), hole.level) for hole in found]
    return found if all(type_depth(hole.type) <= DEEPEST for hole in found) else None


@lru_cache(maxsize=100_000)
def variables(kind: Type) -> tuple[str, ...]:
    """The names of the variables of a type, in order, each once."""
    return tuple(dict.fromkeys(_variables(kind)))


@lru_cache(maxsize=100_000)
def type_depth(kind: Type) -> int:
    """Number of levels; ``int`` has 1, ``int[]`` has 2."""
    return 1 + max(map(type_depth, kind.parameters), default=0)


def hole_variables(hole: Hole) -> set[str]:
    """The variables of its type and of its context."""
    kinds = (hole.type, *(kind for kind in hole.context if kind is not None))
    return {name for kind in kinds for name in variables(kind)}


def _variables(kind: Type) -> Iterator[str]:
    if kind.is_variable:
        yield kind.name
    for part in kind.parameters:
        yield from _variables(part)


def _context(context: TypingContext, bindings: Mapping[str, Type]) -> TypingContext:
    if context.itself is None:
        return context
    return TypingContext(*(None if kind is None else resolved(kind, bindings) for kind in context))


def argument(kind: Type, free: int) -> Filling:
    """A program argument of a declared type; ``any`` in it becomes data of a type yet unknown."""
    numbers = iter(range(free, free + 1_000))

    def without_any(part: Type) -> Type:
        if part.name == "any":
            return Type(f"D{next(numbers)}")
        return Type(part.name, tuple([without_any(inner) for inner in part.parameters])) if part.parameters else part

    return Filling(without_any(kind))


def bound_name(name: str, context: TypingContext) -> Filling | None:
    """``arg1``, ``arg2`` or ``self`` as a value."""
    kind = {"arg1": context.first, "arg2": context.second, "self": context.itself}[name]
    return None if kind is None else Filling(kind)


def self_call(arity: int, hole: Hole) -> Filling | None:
    """A call of the innermost lambda."""
    itself = hole.context.itself
    if itself is None or len(itself.parameters) != arity + 1:
        return None
    *parameters, result = itself.parameters
    return Filling(result, tuple((kind, hole.context) for kind in parameters))


def lambda_call(name: str, hole: Hole) -> Filling | None:
    """A lambda, where a function of as many parameters is needed."""
    if not hole.type.is_function or len(hole.type.parameters) != len(LAMBDA_PARAMETERS[name]) + 1:
        return None
    first, *more = hole.type.parameters
    second = more[0] if len(more) > 1 else hole.context.second
    return Filling(hole.type, ((more[-1], TypingContext(first, second, hole.type)),))


def primitive_value(row: Primitive, free: int) -> Filling:
    """A constant, or a primitive as a function."""
    return Filling(_instance(row, 0, free))


def primitive_call(row: Primitive, hole: Hole, free: int) -> Filling | None:
    """A call of a primitive; ``if`` is the one that may give functions."""
    kind = hole.type
    if row.name == "if":
        return Filling(kind, ((BOOL, hole.context), (kind, hole.context), (kind, hole.context)))
    more = 0
    if row.result.is_function:  # partial0 and its like: as many parameters as the place wants
        if not kind.is_function:
            return None
        more = len(kind.parameters) - sum(not part.name.endswith("...") for part in row.result.parameters)
        if more < 0:
            return None
    *parameters, result = _instance(row, more, free).parameters
    return Filling(result, tuple((parameter, hole.context) for parameter in parameters))


def _instance(row: Primitive, more: int, free: int) -> Type:
    """A row's type with fresh variables D or O numbered from ``free`` on, ``more`` of them in place of ``W...``."""
    renamed: dict[str, tuple[Type, ...]] = {}
    used = free

    def rename(kind: Type) -> tuple[Type, ...]:
        nonlocal used
        if kind.is_variable:
            if kind.name not in renamed:
                letter = "O" if kind.name[0] == "O" else "D"
                count = more if kind.name.endswith("...") else 1
                renamed[kind.name] = tuple(Type(f"{letter}{used + number}") for number in range(count))
                used += count
            return renamed[kind.name]
        if not kind.parameters:
            return (kind,)
        return (Type(kind.name, tuple([part for old in kind.parameters for part in rename(old)])),)

    return rename(row.signature)[0]


def canonical(holes: Sequence[Hole]) -> tuple[Hole, ...]:
    """The same holes with their variables numbered in order, and the first one at level 0."""
    names: dict[str, str] = {}

    def rename(kind: Type) -> Type:
        if kind.is_variable:
            return Type(names.setdefault(kind.name, f"{kind.name[0]}{len(names)}"))
        return Type(kind.name, tuple([rename(part) for part in kind.parameters])) if kind.parameters else kind

    def of_context(kind: Type | None) -> Type | None:
        return None if kind is None else rename(kind)

    top = holes[0].level
    return tuple(
        [Hole(rename(hole.type), TypingContext(*map(of_context, hole.context)), hole.level - top) for hole in holes]
    )


def segments(holes: Sequence[Hole]) -> Iterator[Sequence[Hole]]:
    """The holes in runs that share no variables with each other, as short as possible."""
    found = [hole_variables(hole) for hole in holes]
    start = 0
    for end in range(1, len(holes)):
        before = set().union(*found[start:end])
        if not before or before.isdisjoint(set().union(*found[end:])):
            yield holes[start:end]
            start = end
    if holes:
        yield holes[start:]
