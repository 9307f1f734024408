"""What happens beside the steps: randomness, logging, export, progress."""

import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, Checkpoint, RichProgressBar
from torch.optim import Optimizer

from saps.batches.collate import Batch
from saps.models.folder import export_model
from saps.training.clock import TrainingClock
from saps.training.module import TrainingModule
from saps.training.profiling import FOLDER, OperationTrace, WaitingTime
from saps.training.resumable import BestCheckpoint, Patience
from saps.training.run_folder import CHECKPOINTS, LAST, MODEL
from saps.training.selection import EXACT_MATCH, LOSS, Selection, selection_of
from saps.training.settings import TrainerSettings
from saps.training.steps import ends_step
from saps.training.stopping import StopRequest
from saps.training.throughput import Throughput


class StepSeed(Callback):
    """Makes dropout a function of (seed, step): a resumed run draws what the uninterrupted one would have drawn."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        """Seeds torch's generators; different processes draw differently."""
        batches = trainer.global_step * trainer.accumulate_grad_batches + batch_idx % trainer.accumulate_grad_batches
        torch.manual_seed(hash((self.seed, batches, trainer.global_rank)) & 0x7FFF_FFFF_FFFF_FFFF)


class StepMetrics(Callback):
    """Logs the learning rate and the norm of the gradient before clipping, every so many steps."""

    def __init__(self, every: int) -> None:
        self.every = every

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: Optimizer
    ) -> None:
        """Looks only at the steps that are logged, since the norm costs a pass over all parameters."""
        if (trainer.global_step + 1) % self.every:
            return
        gradients = [p.grad for p in pl_module.parameters() if p.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        pl_module.log("gradient_norm", norm)
        pl_module.log("learning_rate", optimizer.param_groups[0]["lr"])


class ExportBest(Callback):
    """Exports the model whenever a validation is better than all before it, with the weights that were better in it."""

    def __init__(self, folder: Path, sizes: Mapping[str, Any], selection: Selection) -> None:
        self.folder, self.sizes, self.selection = folder, sizes, selection
        self.best = -1.0 if selection.direction == "max" else math.inf
        self.exact_match = -1.0
        """That of the exported model; below zero where there is none."""

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Called after each validation, when its metrics are complete."""
        if trainer.sanity_checking or not isinstance(pl_module, TrainingModule):
            return
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        value = metrics[self.selection.metric]
        if not self.selection.signed(value) > self.selection.signed(self.best):
            return
        self.best, self.exact_match = value, metrics[EXACT_MATCH]
        if trainer.is_global_zero:
            notes = {"step": trainer.global_step, EXACT_MATCH: self.exact_match, LOSS: metrics[LOSS]}
            with pl_module.better_weights() as which:
                export_model(pl_module.system, self.sizes, self.folder / MODEL, notes | which)

    def state_dict(self) -> dict[str, Any]:
        """The best figure so far goes into the checkpoint."""
        return {"best": self.best, "exact_match": self.exact_match}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from a checkpoint's best figure."""
        self.best = state_dict["best"]
        self.exact_match = state_dict.get("exact_match", self.best)  # what older versions went by


class ResumePoint(Checkpoint):  # Lightning calls checkpoints after all other callbacks, in their order
    """Writes the checkpoint that a broken-off run goes on from, atomically.

    Where a validation is due, it is written after it: a resumed run does not validate the same step again. Never
    within a step of several batches: the gradients of its first batches are in no checkpoint.

    The clock stands still while anything is written: equal budgets of time must not depend on the disk.
    """

    def __init__(self, path: Path, settings: TrainerSettings, stop: StopRequest, clock: TrainingClock) -> None:
        self.path, self.settings, self.stop, self.clock = path, settings, stop, clock
        self.is_whole_step = True

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        """Called after the optimiser and the schedule have moved on."""
        self.is_whole_step = ends_step(trainer, batch_idx)
        if not self.is_whole_step:
            return
        is_due = self.stop.agree(trainer) or trainer.global_step % self.settings.checkpoint_every == 0
        is_validated = (trainer.fit_loop.total_batch_idx + 1) % (trainer.val_check_batch or 1) == 0
        if is_due and not is_validated:
            with self.clock.paused():
                self.save(trainer)

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Called after each validation; this callback is the last, so the others' states are complete."""
        if self.is_whole_step:
            self.save(trainer)
        self.clock.go_on()

    def save(self, trainer: pl.Trainer) -> None:
        """Writes beside the old one, then takes its place: Lightning alone copies where /tmp is another disk."""
        fresh = self.path.with_suffix(".part")
        try:
            trainer.save_checkpoint(fresh)
            if trainer.is_global_zero:
                os.replace(fresh, self.path)
        except OSError:  # half a checkpoint would keep a full disk full
            if trainer.is_global_zero:
                fresh.unlink(missing_ok=True)
            raise
        trainer.strategy.barrier("ResumePoint.save")  # no process may end before it is there


class StepsBar(RichProgressBar):
    """Lightning's bar; a run is as long as its steps, so an epoch is not one of so many."""

    def _get_train_description(self, current_epoch: int) -> str:
        return f"Epoch {current_epoch}"


class PlainProgress(Callback):
    """One line a validation, for logs and pipes, where a progress bar would be noise."""

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Prints how far the run is and how well it does."""
        if trainer.sanity_checking or not trainer.is_global_zero:
            return
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        print(
            f"step {trainer.global_step}{_of(trainer.max_steps)}  epoch {trainer.current_epoch}"
            f"  train loss {metrics.get('train_loss', float('nan')):.4f}  val loss {metrics['val_loss']:.4f}"
            f"  exact match {100 * metrics[EXACT_MATCH]:.1f} %{_pace(metrics)}",
            flush=True,
        )


def _of(steps: int) -> str:
    return f"/{steps}" if steps > 0 else ""  # a run that is given time knows no last step


def _pace(metrics: Mapping[str, float]) -> str:
    """What ``Throughput`` has found, where it has looked already."""
    if "remaining_seconds" not in metrics:
        return ""
    minutes, seconds = divmod(round(metrics["remaining_seconds"]), 60)
    return f"  {metrics['tasks_per_second']:.0f} tasks/s  {minutes // 60}:{minutes % 60:02}:{seconds:02} left"


def make_callbacks(
    folder: Path,
    settings: TrainerSettings,
    seed: int,
    sizes: Mapping[str, Any],
    clock: TrainingClock,
    waiting: WaitingTime,
) -> list[Callback]:
    """All callbacks of a run; the checkpoint to resume from is written last, when the others' states are final."""
    progress: Callback = StepsBar() if sys.stdout.isatty() else PlainProgress()
    selection = selection_of(settings.select)
    export = ExportBest(folder, sizes, selection)
    pace = Throughput(settings, clock, waiting)
    callbacks = [StepSeed(seed), clock, StepMetrics(settings.log_every), pace, export, progress]
    if settings.profiler == "torch":
        callbacks.append(OperationTrace(folder / FOLDER))
    metric, mode = selection
    if settings.patience:
        callbacks.append(Patience(metric, patience=settings.patience, mode=mode, verbose=False))
    best = BestCheckpoint(folder / CHECKPOINTS, "best", monitor=metric, mode=mode, enable_version_counter=False)
    stop = StopRequest(settings.most_seconds())
    return [*callbacks, stop, best, ResumePoint(folder / CHECKPOINTS / LAST, settings, stop, clock)]
