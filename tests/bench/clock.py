"""CPU seconds, since other processes may share the machine."""

import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table."""

    what: str
    figure: str
    remark: str = ""


def seconds_of(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def side_by_side(first: Callable[[], object], second: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median CPU seconds of two calls that take turns, so that a slow moment of the machine meets both."""
    first()
    second()  # the first calls allocate what later ones find ready
    pairs = [(seconds_of(first), seconds_of(second)) for _ in range(rounds)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def table(rows: list[Row]) -> str:
    """The rows as aligned columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(f"{row.what:<{widths[0]}}  {row.figure:>{widths[1]}}  {row.remark}".rstrip() for row in rows)
