"""Plots of a report as inline SVG, without a library: shares with their intervals, and curves of a training."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from saps.evaluation.statistics import Interval

_WIDTH, _HEIGHT = 460, 210  # of a plot of curves, in its own units
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 12, 34  # margins
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Curves:
    """Lines over the steps of a training, on one plot."""

    title: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    """Name -> points (step, value)."""
    in_percent: bool = False


def share_bar(share: float, interval: Interval | None) -> str:
    """A bar as long as a share, with its interval as a line across its end."""
    parts = [
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">',
        '<rect class="ground" width="100" height="10"/>',
        f'<rect class="share" width="{100 * share:.2f}" height="10"/>',
    ]
    if interval is not None:
        low, high = 100 * interval.low, 100 * interval.high
        parts.append(f'<path class="interval" d="M{low:.2f} 5H{high:.2f}M{low:.2f} 2V8M{high:.2f} 2V8"/>')
    return "".join([*parts, "</svg>"])


def difference_bar(difference: float, interval: Interval) -> str:
    """A difference of shares as a point on a line from -1 to 1 times the widest thing on it, zero in the middle."""
    most = max(abs(interval.low), abs(interval.high), abs(difference), 0.01) * 1.1

    def place(value: float) -> str:
        return f"{50 + 50 * value / most:.2f}"

    return (
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="ground" width="100" height="10"/><path class="zero" d="M50 0V10"/>'
        f'<path class="interval" d="M{place(interval.low)} 5H{place(interval.high)}'
        f'M{place(interval.low)} 2V8M{place(interval.high)} 2V8"/>'
        f'<path class="point" d="M{place(difference)} 1V9"/></svg>'
    )


def plot(curves: Curves) -> str:
    """Lines with axes; what is no finite number is left out."""
    lines = {
        name: [(step, value) for step, value in points if math.isfinite(value)] for name, points in curves.lines.items()
    }
    points = [point for line in lines.values() for point in line]
    if not points:
        return ""
    last = max(step for step, _ in points) or 1.0
    top = 1.0 if curves.in_percent else nice_end(max(value for _, value in points))
    across, down = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def at(step: float, value: float) -> str:
        return f"{_LEFT + across * step / last:.1f} {_TOP + down * (1 - max(0.0, value) / top):.1f}"

    spoken = escape(_spoken(curves, lines))
    parts = [f'<svg class="curves" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{spoken}">']
    for tick in range(_TICKS + 1):
        value = top * tick / _TICKS
        x, y = at(0, value).split()
        parts.append(f'<path class="grid" d="M{x} {y}h{across}"/>')
        label = f"{100 * value:.0f} %" if curves.in_percent else f"{value:.3g}"
        parts.append(f'<text x="{_LEFT - 6}" y="{y}" class="end">{label}</text>')
    parts.append(f'<text x="{_LEFT}" y="{_HEIGHT - 12}">0</text>')
    parts.append(f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 12}" class="end">{last:,.0f} steps</text>')
    for number, line in enumerate(lines.values()):
        if line:
            parts.append(f'<path class="line line-{number}" d="M{"L".join(at(*point) for point in line)}"/>')
    return "".join([*parts, "</svg>"])


def _spoken(curves: Curves, lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """What a plot shows, for those who do not see it."""
    ends = [f"{name} ends at {line[-1][1]:.3g}" for name, line in lines.items() if line]
    return f"{curves.title}: {', '.join(ends)}"


def nice_end(value: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below a value."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def curves_of_run(model: Path) -> list[Curves]:
    """The curves of the run to which a model belongs, by the ``metrics.csv`` of its folder; none if there is none."""
    metrics = next(
        (folder / "metrics.csv" for folder in (model, model.parent) if (folder / "metrics.csv").is_file()), None
    )
    if metrics is None:
        return []
    with metrics.open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]

    def line(name: str) -> list[tuple[float, float]]:
        return [(float(row["step"]), float(row[name])) for row in rows if row.get(name)]

    try:
        found = [
            Curves("loss", {"training": line("train_loss"), "validation": line("val_loss")}),
            Curves("exact match on validation", {"exact match": line("val_exact_match")}, in_percent=True),
        ]
    except (ValueError, KeyError):  # not the table that a training writes
        return []
    return [curves for curves in found if any(curves.lines.values())]
