"""Tables as Markdown."""

from collections.abc import Iterable


def as_table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells without line ends."""
    lines = [list(headings), *map(list, rows)]
    written = [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]
    return "\n".join([written[0], "|---" * len(lines[0]) + "|", *written[1:]])
