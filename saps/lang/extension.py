"""Primitives of one's own, without a change to the package: a row of the table and a function."""

from collections.abc import Callable

from saps.lang.compiler.sources import forget_sources
from saps.lang.errors import ProgramError
from saps.lang.machine import Implementation, forget, implements
from saps.lang.names import RESERVED
from saps.lang.primitives import PRIMITIVES, Primitive, add_row, remove_row
from saps.lang.spelling import checked_label
from saps.lang.types import parse_type


def primitive(name: str, signature: str, meaning: str) -> Callable[[Implementation], Implementation]:
    """Makes the function below a primitive: programs that are parsed, typed, run and printed from now on may use it.

    Args:
        name: what programs call it.
        signature: its type as the table writes it, such as ``(int, int) -> int``; it has parameters.
        meaning: one line for people.

    The function is called with the machine and the operands, which may be of any kind: it raises ``TypeFault`` for
    those that it has no meaning for and ``RuntimeFault`` where there is no result, counts what it makes
    (``machine.make_list``, ``make_string``, ``make``, ``number``), changes no operand, and gives the same for the same
    operands. It may call functions (``machine.call``) only if its type has a parameter of function type.

    Raises:
        ProgramError: the name is taken or cannot be one, or the type is none or has no parameters.
    """
    if name in PRIMITIVES or name in RESERVED:
        raise ProgramError(f"{name} means something in the language already; give the primitive another name")
    row = Primitive(checked_label(name), parse_type(signature), meaning)
    if not row.arity:
        raise ProgramError(f"{signature} has no parameters; a primitive of one's own is a function")

    def register(implementation: Implementation) -> Implementation:
        add_row(row)
        return implements(name)(implementation)

    return register


def remove_primitive(name: str) -> None:
    """Takes a primitive out of the language that ``primitive`` has put there; programs compiled before keep it."""
    remove_row(name)
    forget(name)
    forget_sources()
