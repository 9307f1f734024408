"""How a run ends: with a value, or in one of three ways without."""

from dataclasses import dataclass, field
from typing import Any, Literal

from saps.lang.errors import ProgramError
from saps.lang.values import Fault, LimitReached, TypeFault, same_value

Kind = Literal["value", "type error", "runtime error", "limit"]

ENDINGS = (Fault, ProgramError, ArithmeticError, ValueError, MemoryError, RecursionError)
"""The exceptions that end a run; any other is a mistake of the interpreter."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: ``value`` where ``kind`` is "value", else ``message`` says in a line what went wrong.

    The message of a limit begins with the name of the limit.
    """

    kind: Kind
    value: Any = None
    message: str = ""
    steps: int = field(default=0, compare=False, repr=False)
    """What the run took, with what was charged ahead of a failure; never more than its limit."""

    @property
    def is_cut_off(self) -> bool:
        """It took more steps than it might; with more it may end otherwise."""
        return self.kind == "limit" and self.message.startswith("steps:")

    def gives(self, wanted: Any) -> bool:
        """Whether the run ended with this value."""
        return self.kind == "value" and same_value(self.value, wanted)


def outcome_of(ending: BaseException, steps: int = 0) -> Outcome:
    """The outcome of a run that one of ``ENDINGS`` ended after some steps."""
    if isinstance(ending, TypeFault):
        return Outcome("type error", message=str(ending), steps=steps)
    if isinstance(ending, LimitReached):
        return Outcome("limit", message=str(ending), steps=steps)
    if isinstance(ending, Fault):
        return Outcome("runtime error", message=str(ending), steps=steps)
    if isinstance(ending, ProgramError):
        return Outcome("limit", message=f"size of the program: {ending}", steps=steps)
    if isinstance(ending, (MemoryError, RecursionError)):
        return Outcome("limit", message="memory: the machine has no more", steps=steps)
    if isinstance(ending, ZeroDivisionError):
        return Outcome("runtime error", message="division by zero", steps=steps)
    too_large = "a float" if isinstance(ending, OverflowError) else "its digits"
    return Outcome("runtime error", message=f"a number too large for {too_large}", steps=steps)
