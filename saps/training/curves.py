"""The curves of runs, read from their ``metrics.csv`` and drawn as an image."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from saps.errors import UserError
from saps.tasks.atomic import write_plot
from saps.training.run_folder import METRICS

SHOWN = ("train_loss", "val_loss", "val_exact_match")


class RunCurves(NamedTuple):
    """What a run has written down so far: each column with the places where it has a value."""

    name: str
    columns: Mapping[str, Sequence[tuple[float, float]]]  # of each metric (x, value)


def read_runs(folders: Sequence[Path], x: str) -> list[RunCurves]:
    """The curves of some runs over a column such as ``step``; each run is called by as much of its path as it takes.

    Raises:
        UserError: one has no metrics yet, or they cannot be read.
    """
    names = [folder.name for folder in folders]
    if len(set(names)) < len(names):
        names = [str(folder) for folder in folders]
    return [_read(folder, name, x) for folder, name in zip(folders, names, strict=True)]


def _read(folder: Path, name: str, x: str) -> RunCurves:
    path = folder / METRICS
    columns: dict[str, list[tuple[float, float]]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            columns = {column: [] for column in reader.fieldnames or ()}
            if columns and x not in columns:
                raise ValueError(f"it has no column {x!r}")
            for row in reader:
                for column, value in row.items():
                    if column in columns and value and row[x]:
                        columns[column].append((float(row[x]), float(value)))
    except FileNotFoundError:
        raise UserError(f"{folder}: holds no {METRICS}; name the folder of a run that has begun to train") from None
    except (OSError, ValueError, csv.Error) as error:
        told = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{path}: cannot be read ({told}); is it the {METRICS} of a run?") from None
    return RunCurves(name, columns)


def plot_runs(runs: Sequence[RunCurves], x: str, metrics: Sequence[str], path: Path) -> None:
    """Draws one panel a metric with a line for each run, as the kind of image that the ending of the name tells.

    Raises:
        UserError: no run has such a metric, or the image cannot be written.
    """
    from matplotlib.figure import Figure  # slow to import, and only plots need it

    figure = Figure(figsize=(8, 0.5 + 2.6 * len(metrics)), layout="constrained")
    panels = figure.subplots(len(metrics), sharex=True, squeeze=False)[:, 0]
    for panel, metric in zip(panels, metrics, strict=True):
        _check_metric(runs, metric)
        for number, run in enumerate(runs):
            style = ("-", "--", ":")[number // 10 % 3]  # there are ten colours
            points = run.columns.get(metric, ())
            marker = "o" if metric.startswith("val_") else ""
            panel.plot(*_axes(points), style, color=f"C{number % 10}", marker=marker, markersize=3, label=run.name)
        panel.set(ylabel=metric.replace("_", " "))
        panel.grid(alpha=0.3)
    panels[-1].set(xlabel=x)
    figure.legend(handles=panels[0].get_lines(), loc="outside upper left", ncols=2, fontsize="small")
    write_plot(figure, path, path.suffix.removeprefix("."))


def _check_metric(runs: Sequence[RunCurves], metric: str) -> None:
    if not any(run.columns.get(metric) for run in runs):
        there = sorted({name for run in runs for name, points in run.columns.items() if points})
        raise UserError(f"no run has values of {metric!r} yet; there are: {', '.join(there)}", "metric")


def _axes(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [value for _, value in points]
