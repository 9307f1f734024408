"""The findings of a study: panels of lines over an axis, as JSON, as a table and as a plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from saps.evaluation.decoded import decode_tasks
from saps.evaluation.judge import judge
from saps.evaluation.markdown import as_table
from saps.evaluation.pairs import COMPARED, EachTask, interval_of
from saps.evaluation.statistics import Interval
from saps.studies.made import JSON
from saps.synthesis.decoding import Decoding
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.atomic import atomic_writer, dump_json, make_folder, write_plot
from saps.tasks.task import Task

EXACT, EXECUTION = "exact match", "execution accuracy"
TABLE, PLOT = "study.md", "study.png"
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
        known = [share for share in self.by_seed(metric) if share is not None]
        return mean(known) if known else None

    def by_seed(self, metric: str) -> list[float | None]:
        """The share of each seed."""
        return [_share(one.right[metric]) for one in self.seeds]

    def estimate(self, metric: str) -> "Estimate":
        """The share with its interval, which is drawn anew at each call."""
        return Estimate(self.share(metric), interval_of(self.seeds, metric))


class Estimate(NamedTuple):
    """A share, and its 95 % bootstrap interval over distinct programs, for the mean over the seeds at hand."""

    share: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Axes:
    """How the findings of a study are drawn and told."""

    title: str
    x: str
    """What the axis means."""
    metric: str = EXACT
    """What is drawn and told; the JSON has both metrics."""
    is_log: bool = False
    names: Mapping[float, str] = field(default_factory=dict)
    """Of places on the axis that are called by a name."""

    def name_of(self, place: float) -> str:
        """What a place is called."""
        return self.names.get(place, f"{place:g}")


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
    make_folder(folder)
    estimates = {metric: [one.estimate(metric) for one in findings] for metric in COMPARED}
    told = [
        _as_json(one, {metric: found[place] for metric, found in estimates.items()})
        for place, one in enumerate(findings)
    ]
    dump_json(folder / JSON, {**about, "findings": told})
    drawn = list(zip(findings, estimates[axes.metric], strict=True))
    text = _as_markdown(axes, drawn)
    with atomic_writer(folder / TABLE) as file:
        file.write(text.encode())
    _plot(axes, drawn, folder / PLOT)
    return text


def _as_json(finding: Finding, estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    """Plain values, with every seed."""
    figures = {metric: {**one._asdict(), "seeds": finding.by_seed(metric)} for metric, one in estimates.items()}
    tasks = len(finding.seeds[0].programs)
    return {"panel": finding.panel, "line": finding.line, "x": finding.x, "tasks": tasks, **figures}


def _places_of(drawn: Sequence[tuple[Finding, Estimate]]) -> list[float]:
    """All places on the axis, of all panels."""
    return sorted({one.x for one, _ in drawn})


def _as_markdown(axes: Axes, drawn: Sequence[tuple[Finding, Estimate]]) -> str:
    """A row for each line of each panel, a column for each place on the axis."""
    places = _places_of(drawn)
    known = {(one.panel, one.line, one.x): estimate for one, estimate in drawn}
    lines = list(dict.fromkeys((one.panel, one.line) for one, _ in drawn))
    told = f"{axes.title}: {axes.metric} in percent, by {axes.x}; in brackets the 95 % bootstrap interval."
    rows = [[*key, *(_cell(known.get((*key, place))) for place in places)] for key in lines]
    return f"{told}\n\n{as_table(['', '', *map(axes.name_of, places)], rows)}\n"


def _cell(estimate: Estimate | None) -> str:
    if estimate is None or estimate.share is None:
        return "-"
    interval = estimate.interval
    bounds = "" if interval is None else f" [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"
    return f"{100 * estimate.share:.2f}{bounds}"


def _share(marks: str) -> float | None:
    asked = marks.replace("-", "")
    return asked.count("1") / len(asked) if asked else None


def _plot(axes: Axes, drawn: Sequence[tuple[Finding, Estimate]], path: Path) -> None:
    from matplotlib.figure import Figure  # slow to import, and only plots need it

    panels = list(dict.fromkeys(one.panel for one, _ in drawn))
    columns = min(_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(1.5 + 3.4 * columns, 0.8 + 2.6 * rows), layout="constrained")
    places = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    lines = list(dict.fromkeys(one.line for one, _ in drawn))
    named = _places_of(drawn) if axes.names else []
    for place, panel in zip(places, panels, strict=False):
        for number, line in enumerate(lines):
            points = [(one.x, estimate) for one, estimate in drawn if (one.panel, one.line) == (panel, line)]
            _draw_line(place, points, f"C{number % 10}", ("-", "--", ":")[number // 10 % 3])
        place.set(title=panel, xlabel=axes.x, xscale="log" if axes.is_log else "linear")
        if named:
            _name_places(place, axes, named)
        place.grid(alpha=0.3)
    for place in places[len(panels) :]:
        place.set_axis_off()
    for place in places[::columns]:
        place.set(ylabel=f"{axes.metric}, %")
    figure.legend(places[0].get_lines(), lines, loc="outside upper left", ncols=3, fontsize="small")
    write_plot(figure, path, dpi=120)


def _name_places(panel: Any, axes: Axes, places: Sequence[float]) -> None:
    panel.set_xticks(places, [axes.name_of(place) for place in places], fontsize="small")
    panel.minorticks_off()
    panel.margins(x=0.15)  # names are wider than numbers


def _draw_line(place: Any, points: Sequence[tuple[float, Estimate]], colour: str, style: str) -> None:
    known = [(x, 100 * one.share, one.interval) for x, one in points if one.share is not None]
    place.plot([x for x, _, _ in known], [y for _, y, _ in known], style, color=colour, marker="o", markersize=3)
    bounds = [(x, 100 * interval.low, 100 * interval.high) for x, _, interval in known if interval is not None]
    if bounds:
        place.fill_between(*zip(*bounds, strict=True), color=colour, alpha=0.12, linewidth=0)
