"""Where metrics go: a CSV file always, Weights & Biases and TensorBoard where they are wanted."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback
from pytorch_lightning.loggers import Logger, WandbLogger

from saps.batches.data_module import TaskData
from saps.batches.numericalise import program_to_write
from saps.batches.settings import DataSettings
from saps.errors import UserError
from saps.tasks.checksums import sha256_of
from saps.training.csv_tracker import CsvTracker
from saps.training.examples import ValidationExamples
from saps.training.processes import is_first_process
from saps.training.run_folder import MODEL
from saps.training.settings import TrackingSettings
from saps.training.wandb_run import check_wandb, log_model, log_validation, open_training, wandb_mode


class WandbTracker(WandbLogger):
    """Lightning's logger for a run of W&B, which ends with the training rather than with the process."""

    def finalize(self, status: str) -> None:
        super().finalize(status)
        if is_first_process():
            self.experiment.finish(exit_code=0 if status == "success" else 1)


class ModelArtifact(Callback):
    """Makes the exported model an artifact of the run in W&B once the training has come to its end."""

    def __init__(self, folder: Path, data: DataSettings) -> None:
        self.folder, self.data = folder, data

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        run = _wandb_run(trainer.loggers)
        if run is not None and (self.folder / MODEL).is_dir():
            files = [self.data.train, self.data.validation, *self.data.exclude]
            hashes = {str(path): sha256_of(path) for path in files if path is not None and path.is_file()}
            log_model(run, self.folder, self.folder / MODEL, hashes)


def make_tracked(folder: Path, settings: TrackingSettings, data: TaskData, loggers: Sequence[Logger]) -> list[Callback]:
    """What is told to W&B besides metrics; nothing where it is disabled."""
    if not any(isinstance(logger, WandbTracker) for logger in loggers):
        return []

    def log(validation: Path, step: int) -> None:
        log_validation(_wandb_run(loggers), validation, step)

    artifact = ModelArtifact(folder, data.settings)
    if not settings.examples:
        return [artifact]
    templates = {program_to_write(task, data.reading): task.template for task in data.validation_tasks if task.template}
    return [ValidationExamples(folder, settings.examples, templates, log), artifact]


def _wandb_run(loggers: Sequence[Logger]) -> Any:
    """The run of W&B in the process that speaks to it; None elsewhere."""
    found = next((logger for logger in loggers if isinstance(logger, WandbTracker)), None)
    return found.experiment if found is not None and is_first_process() else None


def make_trackers(folder: Path, settings: TrackingSettings, config: dict[str, Any]) -> list[Logger]:
    """The trackers of a run: CSV, W&B unless it is disabled, and TensorBoard if it is wanted."""
    trackers: list[Logger] = [CsvTracker(folder)]
    mode = wandb_mode(settings.wandb)
    if mode != "disabled":
        run = open_training(folder, settings, config, mode) if is_first_process() else None  # that one alone speaks
        trackers.append(WandbTracker(save_dir=folder, experiment=run))
    if settings.tensorboard:
        from pytorch_lightning.loggers import TensorBoardLogger

        trackers.append(TensorBoardLogger(folder, name="tensorboard", version=""))
    return trackers


def check_tracking(settings: TrackingSettings) -> None:
    """Checks that what is to be told of the run can be told.

    Raises:
        UserError: WANDB_MODE is none, W&B takes no such project or tag, or TensorBoard is not installed.
    """
    check_wandb(settings.wandb, settings.project, settings.tags)
    if settings.tensorboard:
        try:
            import torch.utils.tensorboard  # noqa: F401 - only whether it is there
        except ImportError:
            raise UserError("tracking.tensorboard: tensorboard is not installed: pip install tensorboard") from None
