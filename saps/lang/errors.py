"""What can be wrong with a program before it runs."""

from saps.errors import UserError

_SHOWN = 40  # characters of a piece of a program that a message repeats


class ProgramError(UserError):
    """A text that is no program; ``column`` counts from 1 where the place is known."""

    def __init__(self, message: str, column: int | None = None) -> None:
        super().__init__(message if column is None else f"column {column}: {message}")
        self.column = column


class TypeMistake(ProgramError):
    """A program whose parts do not fit together.

    Attributes:
        path: the way to the node, such as ``root > reduce[2] > lambda2[0]``.
        expected: what had to stand there, mostly a type.
        found: what stands there.
    """

    def __init__(self, path: str, expected: str, found: str) -> None:
        super().__init__(f"{path}: expected {expected}, found {found}")
        self.path, self.expected, self.found = path, expected, found


def quoted(text: str) -> str:
    """A piece of a program for a message: in quotes, on one line, printable everywhere, cut if long."""
    return ascii(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
