"""Unification (Robinson, 1965): making two types the same by letting type variables stand for types.

The letter of a variable says what it may stand for: O for int or string, D for anything but functions, any other letter
for every type.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from saps.lang.errors import ProgramError
from saps.lang.types import Type

_MAX_WORK = 200_000  # pairs of types looked at: programs of the data need hundreds, built to hurt is exponential
_MAX_TYPE_DEPTH = 100  # levels of a type


class Unifier:
    """What the variables of some types stand for so far, in ``bindings``."""

    __slots__ = ("_fresh", "_work", "bindings")

    def __init__(self) -> None:
        self.bindings: dict[str, Type] = {}
        self._fresh = self._work = 0

    def fresh(self, letter: str) -> Type:
        """A variable that stands nowhere else."""
        self._fresh += 1
        return Type(f"{letter}'{self._fresh}")  # no type that is written down has such a name

    def pruned(self, kind: Type) -> Type:
        """What a type stands for, as far as its outermost part."""
        while kind.name in self.bindings:
            kind = self.bindings[kind.name]
        return kind

    def resolved(self, kind: Type, depth: int = 0) -> Type:
        """A type with everything known filled in.

        Raises:
            ProgramError: it is nested too deep, or too much work has been done.
        """
        self._count_work()
        kind = self.pruned(kind)
        if depth > _MAX_TYPE_DEPTH:
            raise ProgramError(f"the program's types are nested deeper than {_MAX_TYPE_DEPTH} levels; simplify it")
        if not kind.parameters:
            return kind
        return Type(kind.name, tuple([self.resolved(part, depth + 1) for part in kind.parameters]))

    def unify(self, a: Type, b: Type) -> bool:
        """Makes two types the same, or leaves everything as it was and returns False; ``any`` is the same as all.

        Raises:
            ProgramError: too much work has been done.
        """
        before = len(self.bindings)
        pairs = [(a, b)]
        while pairs:
            self._count_work()
            a, b = (self.pruned(kind) for kind in pairs.pop())
            if a == b or "any" in (a.name, b.name):
                continue
            if b.is_variable and (not a.is_variable or strictness(a) > strictness(b)):
                a, b = b, a  # of two variables the less strict one is bound
            if a.is_variable:
                fits = self._bind(a, b)
            else:
                fits = a.name == b.name and len(a.parameters) == len(b.parameters)
                pairs.extend(zip(a.parameters, b.parameters, strict=False))
            if not fits:
                while len(self.bindings) > before:
                    self.bindings.popitem()
                return False
        return True

    def _bind(self, variable: Type, kind: Type) -> bool:
        """Lets a variable stand for a type; False if it would hold itself or is of the wrong sort."""
        strict = strictness(variable)
        parts = [kind]
        while parts:
            self._count_work()
            part = self.pruned(parts.pop())
            if part == variable:
                return False
            if part.is_variable and strictness(part) < strict:
                # Only data in it: a part of data is data. What has an order has no parts, so here O means D.
                self.bindings[part.name] = self.fresh(variable.name[0])
            elif strict and part.name in ("->", "type"):
                return False
            parts.extend(part.parameters)
        if strict == 2 and not kind.is_variable and kind.name not in ("int", "string"):
            return False
        self.bindings[variable.name] = kind
        return True

    def _count_work(self) -> None:
        self._work += 1
        if self._work > _MAX_WORK:
            raise ProgramError("the program's types grow beyond all use; simplify it")


def strictness(variable: Type) -> int:
    """0 for a variable of any type, 1 for data, 2 for what has an order."""
    return {"D": 1, "O": 2}.get(variable.name[0], 0)


def resolved(kind: Type, bindings: Mapping[str, Type]) -> Type:
    """A type with what is bound filled in, for types and bindings that are small."""
    while kind.name in bindings:
        kind = bindings[kind.name]
    if not kind.parameters:
        return kind
    return Type(kind.name, tuple([resolved(part, bindings) for part in kind.parameters]))


def instance(kind: Type, fresh: Callable[[str], Type], rest: int = 0) -> Type:
    """A type with fresh variables, made by the letter of the old one, and ``rest`` of them in place of ``W...``."""
    renamed: dict[str, tuple[Type, ...]] = {}

    def rename(part: Type) -> tuple[Type, ...]:
        if part.is_variable:
            if part.name not in renamed:
                count = max(rest, 0) if part.name.endswith("...") else 1
                renamed[part.name] = tuple(fresh(part.name[0]) for _ in range(count))
            return renamed[part.name]
        if not part.parameters:
            return (part,)
        return (Type(part.name, tuple([new for old in part.parameters for new in rename(old)])),)

    return rename(kind)[0]


@lru_cache(maxsize=100_000)
def variables(kind: Type) -> tuple[str, ...]:
    """The names of the variables of a type, in order, each once."""
    return tuple(dict.fromkeys(_variables(kind)))


def _variables(kind: Type) -> Iterator[str]:
    if kind.is_variable:
        yield kind.name
    for part in kind.parameters:
        yield from _variables(part)


def renamed(kind: Type) -> Type:
    """A type with its variables named T, U, ... in order; those that only stand for some types keep their letter."""
    names: dict[str, str] = {}
    free = iter("TUVWXYZABCEFGHIJKLMNPQRS")

    def rename(part: Type) -> Type:
        if part.is_variable:
            if part.name not in names:
                same = sum(name[0] == part.name[0] for name in names.values())
                letter = (
                    part.name[0] + (str(same) if same else "") if strictness(part) else next(free, f"T{len(names)}")
                )
                names[part.name] = letter
            return Type(names[part.name])
        return Type(part.name, tuple([rename(child) for child in part.parameters]))

    return rename(kind)
