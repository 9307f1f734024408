"""The findings of a study: panels of lines over an axis, as JSON, as a table and as a plot."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from saps.evaluation.decoded import decode_tasks
from saps.evaluation.judge import judge
from saps.evaluation.markdown import as_table
from saps.evaluation.pairs import EachTask, interval_of
from saps.evaluation.statistics import Interval
from saps.synthesis.decoding import Decoding
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.atomic import atomic_writer, dump_json
from saps.tasks.task import Task

EXACT, EXECUTION = "exact match", "execution accuracy"
JSON, TABLE, PLOT = "study.json", "study.md", "study.png"
_COLUMNS = 3  # panels beside each other


@dataclass(frozen=True, slots=True)
class Finding:
    """A point of a line: what one system does under one condition, over its seeds."""

    panel: str
    """Such as the kind of a perturbation."""
    line: str
    """Such as the name of a system."""
    x: float
    """Such as its strength."""
    seeds: tuple[EachTask, ...]
    """What each task came to, for each seed."""

    def share(self, metric: str) -> float | None:
        """The share of tasks that are right, the mean over seeds; None where no task has the question."""
        shares = [_share(one.right[metric]) for one in self.seeds]
        known = [share for share in shares if share is not None]
        return mean(known) if known else None

    def interval(self, metric: str) -> Interval | None:
        """The 95 % bootstrap interval of the share, over distinct programs and for the mean over these seeds."""
        return interval_of(self.seeds, metric)

    def as_json(self) -> dict[str, Any]:
        """Plain values, with every seed."""
        figures = {
            metric: {
                "share": self.share(metric),
                "interval": self.interval(metric),
                "seeds": [_share(one.right[metric]) for one in self.seeds],
            }
            for metric in (EXACT, EXECUTION)
        }
        tasks = len(self.seeds[0].programs) if self.seeds else 0
        return {"panel": self.panel, "line": self.line, "x": self.x, "tasks": tasks, **figures}


@dataclass(frozen=True, slots=True)
class Axes:
    """How the findings of a study are drawn and told."""

    title: str
    x: str
    """What the axis means."""
    metric: str = EXACT
    """What is drawn and told; the JSON has both metrics."""
    is_log: bool = False


def judged_greedily(synthesizer: Synthesizer, tasks: Sequence[Task], workers: int) -> EachTask:
    """What each task comes to under greedy decoding, judged by the tests that the system was not shown."""
    decoded = decode_tasks(synthesizer, tasks, Decoding())
    return judge(tasks, decoded.predictions(), workers, decoded.shown).each


def write_study(folder: Path, axes: Axes, findings: Sequence[Finding], about: Mapping[str, Any]) -> str:
    """Writes ``study.json``, ``study.md`` and ``study.png`` into a folder, and gives the table.

    Args:
        folder: where they go; it is made.
        axes: how they are told.
        findings: the points, in the order of the table.
        about: what the study was made of, for the JSON.

    Raises:
        UserError: a place cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dump_json(folder / JSON, {**about, "findings": [one.as_json() for one in findings]})
    text = as_markdown(axes, findings)
    with atomic_writer(folder / TABLE) as file:
        file.write(text.encode())
    _plot(axes, findings, folder / PLOT)
    return text


def as_markdown(axes: Axes, findings: Sequence[Finding]) -> str:
    """A row for each line of each panel, a column for each place on the axis."""
    places = sorted({one.x for one in findings})
    known = {(one.panel, one.line, one.x): one for one in findings}
    lines = list(dict.fromkeys((one.panel, one.line) for one in findings))
    told = f"{axes.title}: {axes.metric} in percent, by {axes.x}; in brackets the 95 % bootstrap interval."
    rows = [[*key, *(_cell(known.get((*key, place)), axes.metric) for place in places)] for key in lines]
    return f"{told}\n\n{as_table(['', '', *(f'{place:g}' for place in places)], rows)}\n"


def _cell(found: Finding | None, metric: str) -> str:
    share = None if found is None else found.share(metric)
    if found is None or share is None:
        return "-"
    interval = found.interval(metric)
    bounds = "" if interval is None else f" [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"
    return f"{100 * share:.2f}{bounds}"


def _share(marks: str) -> float | None:
    asked = marks.replace("-", "")
    return asked.count("1") / len(asked) if asked else None


def _plot(axes: Axes, findings: Sequence[Finding], path: Path) -> None:
    from matplotlib.figure import Figure  # slow to import, and only plots need it

    panels = list(dict.fromkeys(one.panel for one in findings))
    columns = min(_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(1.5 + 3.4 * columns, 0.8 + 2.6 * rows), layout="constrained")
    places = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    lines = list(dict.fromkeys(one.line for one in findings))
    for place, panel in zip(places, panels, strict=False):
        for number, line in enumerate(lines):
            points = [one for one in findings if (one.panel, one.line) == (panel, line)]
            _draw_line(place, points, axes.metric, f"C{number % 10}", ("-", "--", ":")[number // 10 % 3])
        place.set(title=panel, xlabel=axes.x, xscale="log" if axes.is_log else "linear")
        place.grid(alpha=0.3)
    for place in places[len(panels) :]:
        place.set_axis_off()
    for place in places[::columns]:
        place.set(ylabel=f"{axes.metric}, %")
    figure.legend(places[0].get_lines(), lines, loc="outside upper left", ncols=3, fontsize="small")
    image = io.BytesIO()
    figure.savefig(image, dpi=120, format="png")
    with atomic_writer(path) as file:
        file.write(image.getbuffer())


def _draw_line(place: Any, points: Sequence[Finding], metric: str, colour: str, style: str) -> None:
    known = [(one.x, 100 * share, one.interval(metric)) for one in points if (share := one.share(metric)) is not None]
    place.plot([x for x, _, _ in known], [y for _, y, _ in known], style, color=colour, marker="o", markersize=3)
    bounds = [(x, 100 * interval.low, 100 * interval.high) for x, _, interval in known if interval is not None]
    if bounds:
        place.fill_between(*zip(*bounds, strict=True), color=colour, alpha=0.12, linewidth=0)
