"""Running a program: a value, or one of three ways to end without."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import saps.lang.operations  # noqa: F401  (registers the primitives)
from saps.lang.errors import ProgramError
from saps.lang.machine import CONSTANTS, IMPLEMENTATIONS, Builtin, Limits, Machine
from saps.lang.spelling import checked_depth
from saps.lang.stack import stack_room
from saps.lang.trees import Tree
from saps.lang.values import LimitReached, RuntimeFault, TypeFault, count_elements, same_value

__all__ = ["Limits", "Outcome", "run", "same_value"]

Kind = Literal["value", "type error", "runtime error", "limit"]
_ATOMS: Mapping[str, Any] = {**CONSTANTS, **{name: Builtin(name) for name in IMPLEMENTATIONS}}
_FRAMES_A_CALL = 5  # Python frames between the evaluation of a call and that of a lambda's body, at most


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: ``value`` where ``kind`` is "value", else ``message`` says in a line what went wrong.

    The message of a limit begins with the name of the limit.
    """

    kind: Kind
    value: Any = None
    message: str = ""


def run(tree: Tree, inputs: Mapping[str, Any], limits: Limits = Limits()) -> Outcome:  # noqa: B008  (frozen)
    """Runs a program on inputs, bound by name; never raises, whatever the program and the inputs.

    Inputs and result are data: numbers, strings, lists and dictionaries of them. Inputs are not changed.
    """
    try:
        frames = (limits.lambdas + 2) * (checked_depth(tree) + 2) + _FRAMES_A_CALL * limits.calls
        for value in inputs.values():
            count_elements(value, limits.elements, limits.nesting)
        with stack_room(frames):
            value = Machine(_ATOMS, limits).run(tree, inputs)
        count_elements(value, limits.elements, limits.nesting)
        return Outcome("value", value)
    except TypeFault as fault:
        return Outcome("type error", message=str(fault))
    except RuntimeFault as fault:
        return Outcome("runtime error", message=str(fault))
    except LimitReached as fault:
        return Outcome("limit", message=str(fault))
    except ProgramError as error:
        return Outcome("limit", message=f"size of the program: {error}")
    except (ArithmeticError, ValueError) as error:
        return Outcome("runtime error", message=_in_words(error))
    except (MemoryError, RecursionError):
        return Outcome("limit", message="memory: the machine has no more")


def _in_words(error: ArithmeticError | ValueError) -> str:
    if isinstance(error, ZeroDivisionError):
        return "division by zero"
    return "a number too large for " + ("a float" if isinstance(error, OverflowError) else "its digits")
