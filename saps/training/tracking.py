"""Where metrics go: a CSV file always, Weights & Biases where it is wanted. The only file that knows W&B."""

import csv
import os
import secrets
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities import rank_zero_only

from saps.errors import UserError
from saps.training.processes import is_first_process
from saps.training.run_folder import METRICS
from saps.training.settings import TrackingSettings

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
_MODES = ("offline", "online", "disabled")
_RUN_ID = "wandb-run-id.txt"


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
    except (OSError, KeyError, TypeError, ValueError):
        return 0.0


def wandb_mode(settings: TrackingSettings) -> str:
    """Offline, online or disabled: the setting, else WANDB_MODE, else offline.

    Raises:
        UserError: WANDB_MODE says something else.
    """
    mode = settings.wandb or os.environ.get("WANDB_MODE") or "offline"
    if mode not in _MODES:
        raise UserError(f"WANDB_MODE={mode}: must be one of {', '.join(_MODES)}; set it or give tracking.wandb")
    return mode


def make_trackers(folder: Path, settings: TrackingSettings, config: dict[str, Any]) -> list[Logger]:
    """The trackers of a run: CSV, and W&B unless it is disabled."""
    trackers: list[Logger] = [CsvTracker(folder)]
    mode = wandb_mode(settings)
    if mode != "disabled":
        trackers.append(_wandb_tracker(folder, settings, config, mode))
    return trackers


def _wandb_tracker(folder: Path, settings: TrackingSettings, config: dict[str, Any], mode: str) -> Logger:
    os.environ["WANDB_MODE"] = mode
    os.environ.setdefault("WANDB_SILENT", "true")  # read at the import
    import wandb  # here, so that nothing else waits for it
    from pytorch_lightning.loggers import WandbLogger

    identity = folder / _RUN_ID
    if not identity.exists():
        identity.write_text(secrets.token_hex(4) + "\n", encoding="utf-8")
    if not is_first_process():  # that one alone speaks to W&B
        return WandbLogger(save_dir=folder)
    run = wandb.init(
        dir=folder,
        project=settings.project,
        name=settings.name or folder.name,
        id=identity.read_text(encoding="utf-8").strip(),
        resume="allow",
        config=config,
        settings=wandb.Settings(init_timeout=30, console="off"),
    )
    return WandbLogger(save_dir=folder, experiment=run)
