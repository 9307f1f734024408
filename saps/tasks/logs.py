"""What a command has said last."""

from pathlib import Path


def last_line(text: str) -> str:
    """The last line that is not empty."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")


def last_line_of(log: Path) -> str:
    """The last line of a file, which need not be there."""
    return last_line(log.read_text(encoding="utf-8", errors="replace") if log.exists() else "")
