"""Bad records that a reading leaves out: counted, and the first few kept for the message."""

from dataclasses import dataclass, field
from pathlib import Path

from saps.errors import UserError

KEPT = 3  # errors that are kept as examples; a file may have millions of bad lines


@dataclass(slots=True)
class SkippedRecords:
    """How many records were left out, and why the first of them."""

    count: int = 0
    examples: list[UserError] = field(default_factory=list)
    """The first few errors, each with file:line."""

    def add(self, error: UserError) -> None:
        """Counts a record that is left out."""
        self.count += 1
        if len(self.examples) < KEPT:
            self.examples.append(error)

    def __str__(self) -> str:
        """``left out 5 bad records; the first: FILE:LINE: ...``, and the next examples with semicolons between."""
        return f"left out {self.count} bad records; the first: {'; then '.join(map(str, self.examples))}"


def leave_out(error: UserError, path: Path | str, number: int, skipped: SkippedRecords | None) -> None:
    """Counts the bad record in a line of a file, or refuses it where none may be left out.

    Raises:
        UserError: ``file:line: what is wrong; what to do``.
    """
    located = UserError(f"{path}:{number}: {error}")
    if skipped is None:
        raise located from None
    skipped.add(located)
