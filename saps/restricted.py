"""Numbers within bounds, as types of settings: what reads a command line or a YAML file checks them.

For a type checker they are plain numbers; jsonargparse refuses a value outside the bounds in one line.
"""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Count: TypeAlias = int
    CountFromZero: TypeAlias = int
    Share: TypeAlias = float
    NonNegative: TypeAlias = float
    Positive: TypeAlias = float
    RandomSeed: TypeAlias = int
else:
    from jsonargparse import typing

    Count = typing.PositiveInt
    CountFromZero = typing.NonNegativeInt
    Share = typing.ClosedUnitInterval
    NonNegative = typing.NonNegativeFloat
    Positive = typing.PositiveFloat
    RandomSeed = typing.restricted_number_type("int from 0 to 4294967295", int, [(">=", 0), ("<=", 2**32 - 1)])
