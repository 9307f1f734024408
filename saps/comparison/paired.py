"""Intervals of the figures of rows, and rows against each other task by task."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

from saps.comparison.published import Published
from saps.comparison.results import EXACT, Row, spread
from saps.evaluation import pairs
from saps.evaluation.markdown import as_table
from saps.evaluation.pairs import EachTask, Pair
from saps.evaluation.statistics import RULE, Interval

Compared = tuple[Row, Row, Sequence[Pair]]
"""Two rows, the better first, in all that is compared."""


def told(row: Row) -> list[EachTask]:
    """What each task came to, of every seed; nothing where a report does not say."""
    found = [result.each for result in row.results]
    known = [each for each in found if each is not None]
    return known if len(known) == len(found) else []


def interval_cell(row: Row, metric: str, interval: Callable[[Sequence[EachTask], str], Interval | None]) -> str:
    """The interval of a figure in percent for a table, such as `` [83.10, 87.92]``; empty where it is not known."""
    seeds = told(row)
    found = interval(seeds, metric) if seeds and metric in pairs.COMPARED else None
    return "" if found is None else f" [{100 * found.low:.2f}, {100 * found.high:.2f}]"


def all_pairs(rows: Sequence[Row]) -> list[Compared]:
    """Every two rows that were judged on the same tasks, the better in exact match first, by the seeds of both."""
    known = [row for row in rows if told(row)]
    ranked = sorted(known, key=lambda row: -spread([result.share(EXACT) or 0.0 for result in row.results]).mean)
    found: list[Compared] = []
    for first, second in combinations(ranked, 2):
        mine, theirs = ({result.seed: result.each for result in row.results} for row in (first, second))
        both = sorted(mine.keys() & theirs.keys())
        compared = pairs.compare([mine[seed] for seed in both], [theirs[seed] for seed in both])  # type: ignore[misc]
        if compared:
            found.append((first, second, compared))
    return found


def as_paired(found: Sequence[Compared], published: Published) -> list[str]:
    """Markdown: each row against the next best one and the best one, in exact match; empty where nothing is known."""
    if not found:
        return []
    best, last = found[0][0].name, ""
    lines = []
    for first, second, (pair, *_) in found:
        if first.name == best or first.name != last:
            lines.append([published.name(first.name), published.name(second.name), *pairs.cells(pair)[1:]])
        last = first.name
    headings = ("first", "second", "first, %", "second, %", *pairs.HEADINGS[3:])
    text = (
        "Rows against each other in exact match, task by task and seed by seed: the best against every other, and each "
        f"against the next best; `comparison.json` has every pair, and execution accuracy. {pairs.RULE} McNemar's test "
        f"counts the seeds of a task as tasks of their own. Intervals: {RULE}."
    )
    return [text, as_table(headings, lines)]


def as_pairs_json(found: Sequence[Compared]) -> list[dict[str, Any]]:
    """Every pair as plain values; shares between 0 and 1."""
    return [
        {
            "first": first.name,
            "second": second.name,
            "metric": pair.metric,
            "per_task": _plain(pair.by_task),
            "per_program": _plain(pair.by_program),
        }
        for first, second, compared in found
        for pair in compared
    ]


def _plain(test: Any) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, Interval) else value for name, value in asdict(test).items()}
