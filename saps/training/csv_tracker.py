"""The metrics of a run as a CSV file, which every run has."""

import csv
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities import rank_zero_only

from saps.training.run_folder import METRICS

PACE = ("tasks_per_second", "nodes_per_second", "waiting", "memory_gb", "mfu", "remaining_seconds")
COLUMNS = (
    "step",
    "epoch",
    "seconds",
    "train_loss",
    "learning_rate",
    "gradient_norm",
    "val_loss",
    "val_label_accuracy",
    "val_exact_match",
    "val_loss_raw",  # these where weights are averaged: what was found with either weights
    "val_loss_average",
    "val_exact_match_raw",
    "val_exact_match_average",
    *PACE,
)


class CsvTracker(Logger):
    """Appends every look at the metrics to ``metrics.csv`` at once, so that a killed run keeps them.

    Lightning's own CSV logger rewrites its file and forgets the rows of an earlier process, which a resumed run needs.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = folder / METRICS
        self.started = time.monotonic() - _seconds_before(self.path)

    @property
    def name(self) -> str:
        """What Lightning calls the logger."""
        return "csv"

    @property
    def version(self) -> str:
        """A run has one."""
        return ""

    def log_hyperparams(self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        """Settings stand in the run's config.yaml, not here."""

    @rank_zero_only
    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Writes one line; a metric without a column of its own is left to the other trackers."""
        done = None if step is None else step + 1  # Lightning counts from 0; the file says how many steps are done
        row = {"step": done, "seconds": round(time.monotonic() - self.started, 1)} | metrics
        if not set(row) & set(COLUMNS[3:]):
            return
        header = _header(self.path)
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header or COLUMNS, extrasaction="ignore", lineterminator="\n")
            if not header:
                writer.writeheader()
            writer.writerow(row)


def _header(path: Path) -> list[str]:
    """The columns that a file has already, perhaps by an earlier version; none where there is no file."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return next(csv.reader(file), [])
    except FileNotFoundError:
        return []


def _seconds_before(path: Path) -> float:
    """The seconds of the last line that earlier processes of the run have left; 0 where there is none."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return max((float(row["seconds"]) for row in csv.DictReader(file)), default=0.0)
    except (OSError, KeyError, TypeError, ValueError, csv.Error):
        return 0.0
