"""Holes and their types: what a label does to the holes of a program, by unification in the small.

The types of holes are those of ``saps.lang.inference`` with one restriction: what is not known stands for data,
never for a function. So only variables of two sorts occur: D for data, O for int or string.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import NamedTuple

from saps.lang.names import LAMBDA_PARAMETERS
from saps.lang.primitives import Primitive
from saps.lang.types import BOOL, Type, function, type_depth
from saps.lang.unification import Unifier, instance, resolved, variables
from saps.search.step import Label

DEEPEST = 4  # levels of a type, such as (int[][]) -> int; with deeper ones there would be types without end


class TypingContext(NamedTuple):
    """The types of what the lambdas around a hole bind; None outside of them."""

    first: Type | None = None  # arg1
    second: Type | None = None  # arg2, of the innermost lambda2, around which there may be a lambda1
    itself: Type | None = None  # self, the innermost lambda

    def map(self, new: Callable[[Type], Type]) -> "TypingContext":
        """The same with each type replaced."""
        return self if self.itself is None else TypingContext(*(kind and new(kind) for kind in self))


class Hole(NamedTuple):
    """A node that has no label yet."""

    type: Type
    context: TypingContext = TypingContext()
    level: int = 0  # below the first hole that it is written down with; negative where it stands higher


class Filling(NamedTuple):
    """The type of the node that a label makes, and the holes below it."""

    type: Type
    children: tuple[tuple[Type, TypingContext], ...] = ()


def fill(holes: Sequence[Hole], by: Filling | None) -> list[Hole] | None:
    """The holes once the first of them got a label; None where types do not fit, or grow beyond all use."""
    first, *rest = holes
    unifier = Unifier()
    if by is None or not unifier.unify(first.type, by.type):
        return None
    bindings = unifier.bindings
    found = [Hole(kind, context, first.level + 1) for kind, context in by.children] + rest
    if bindings:
        known = partial(resolved, bindings=bindings)
        found = [Hole(known(hole.type), hole.context.map(known), hole.level) for hole in found]
    return found if all(type_depth(hole.type) <= DEEPEST for hole in found) else None


def hole_variables(hole: Hole) -> set[str]:
    """The variables of its type and of its context."""
    return {name for kind in (hole.type, *hole.context) if kind is not None for name in variables(kind)}


def filling(label: Label, row: Primitive | None, hole: Hole, free: int) -> Filling | None:
    """What a label makes at a hole; None where it cannot stand there.

    Args:
        label: a primitive or what a lambda binds, with its arity.
        row: of the table of primitives; None where the name is none.
        hole: where it should stand.
        free: variables are numbered from here on.
    """
    (name, arity), context = label, hole.context
    if name in ("arg1", "arg2", "self"):
        kind = {"arg1": context.first, "arg2": context.second, "self": context.itself}[name]
        if kind is None or arity == 0:
            return None if kind is None else Filling(kind)
        return _call(kind, hole) if name == "self" and len(kind.parameters) == arity + 1 else None
    if row is None or arity not in (0, row.arity):
        return None
    if name in LAMBDA_PARAMETERS:
        return _lambda(name, hole) if arity else None
    return _primitive_call(row, hole, free) if arity else Filling(_instance(row, 0, free))


def argument(kind: Type, free: int) -> Filling:
    """A program argument of a declared type; ``any`` in it becomes data of a type yet unknown."""
    numbers = count(free)
    return Filling(kind.map_leaves(lambda leaf: Type(f"D{next(numbers)}") if leaf.name == "any" else leaf))


def _call(head: Type, hole: Hole) -> Filling:
    *parameters, result = head.parameters
    return Filling(result, tuple((kind, hole.context) for kind in parameters))


def _lambda(name: str, hole: Hole) -> Filling | None:
    """A lambda, where a function of as many parameters is needed."""
    if not hole.type.is_function or len(hole.type.parameters) != len(LAMBDA_PARAMETERS[name]) + 1:
        return None
    first, *more = hole.type.parameters
    second = more[0] if len(more) > 1 else hole.context.second
    return Filling(hole.type, ((more[-1], TypingContext(first, second, hole.type)),))


def _primitive_call(row: Primitive, hole: Hole, free: int) -> Filling | None:
    """A call of a primitive; ``if`` is the one that may give functions."""
    kind = hole.type
    if row.name == "if":
        return _call(function((BOOL, kind, kind), kind), hole)
    more = 0
    if row.result.is_function:  # partial0 and its like: as many parameters as the place wants
        more = len(kind.parameters) - sum(not part.name.endswith("...") for part in row.result.parameters)
        if not kind.is_function or more < 0:
            return None
    return _call(_instance(row, more, free), hole)


def _instance(row: Primitive, more: int, free: int) -> Type:
    """A row's type with fresh variables D or O numbered from ``free`` on, ``more`` of them in place of ``W...``."""
    numbers = count(free)
    return instance(row.signature, lambda letter: Type(f"{'O' if letter == 'O' else 'D'}{next(numbers)}"), more)


def canonical(holes: Sequence[Hole]) -> tuple[Hole, ...]:
    """The same holes with their variables numbered in order, and the first one at level 0."""
    names: dict[str, str] = {}

    def number(leaf: Type) -> Type:
        return Type(names.setdefault(leaf.name, f"{leaf.name[0]}{len(names)}")) if leaf.is_variable else leaf

    def numbered(hole: Hole) -> Hole:
        kind = hole.type.map_leaves(number)
        return Hole(kind, hole.context.map(lambda kind: kind.map_leaves(number)), hole.level - holes[0].level)

    return tuple([numbered(hole) for hole in holes])


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
