"""The rows once more, judged with search: accuracy against programs visited, and what the best lists hold."""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from saps.comparison.published import Published
from saps.comparison.results import Row, cell
from saps.evaluation.curve import BEST, draw
from saps.evaluation.markdown import as_table

POINTS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)


def as_searched(rows: Sequence[Row], published: Published) -> list[str]:
    """The paragraphs of the report; none where no row was searched."""
    searched = [row for row in rows if any(result.curve for result in row.results)]
    if not searched:
        return []
    longest = max(len(curve["visited"]) for row in searched for curve in _curves(row))
    tasks = sorted({curve["tasks"] for row in searched for curve in _curves(row)})
    points = [point for point in POINTS if point <= longest]
    lengths = [str(length) for length in BEST if length <= longest]
    told = (
        f"With search and three examples, judged by the other tests of {' or '.join(map(str, tasks))} tasks: execution "
        f"accuracy in percent if so many programs of different behaviour may be visited; and without examples, how "
        f"often the task's own program is among the {', '.join(lengths)} most probable."
    )
    headings = ["system", *map(str, points), *(f"best {length}" for length in lengths), "seeds", "published, 100 run"]
    return [told, as_table(headings, (_cells(row, published, points, lengths) for row in searched))]


def plot_rows(rows: Sequence[Row], published: Published, path: Path) -> None:
    """Draws the curve of each row that was searched, as the mean over its seeds.

    Raises:
        UserError: matplotlib is not installed, or the image cannot be written.
    """
    lines = {
        published.name(row.name): [
            mean(shares) for shares in zip(*(curve["visited"] for curve in _curves(row)), strict=False)
        ]
        for row in rows
        if _curves(row)
    }
    draw(lines, "Search with three examples", path)


def _curves(row: Row) -> list[dict[str, Any]]:
    return [result.curve for result in row.results if result.curve]


def _cells(row: Row, published: Published, points: Sequence[int], lengths: Sequence[str]) -> list[str]:
    curves = _curves(row)
    reached = (cell([_at(curve["visited"], point - 1) for curve in curves]) for point in points)
    listed = (cell([_percent((curve["best_lists"] or {}).get(length)) for curve in curves]) for length in lengths)
    known = published.systems[row.name].searched if row.name in published.systems else ()
    return [published.name(row.name), *reached, *listed, str(len(curves)), "; ".join(map(str, known)) or "-"]


def _at(shares: Sequence[float], place: int) -> float | None:
    return _percent(shares[place] if place < len(shares) else None)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
