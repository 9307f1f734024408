"""A whole run: data, system and trainer put together, fitted, resumed."""

import logging
import warnings
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import Logger
from pytorch_lightning.strategies import DDPStrategy

from saps.batches.data_module import TaskData
from saps.batches.settings import DataSettings
from saps.models.folder import build_system
from saps.models.system import System
from saps.training.averaging import WeightAverage
from saps.training.callbacks import ExportBest, make_callbacks
from saps.training.checkpoint import check_fits, check_processes, read_checkpoint
from saps.training.clock import NEVER, TrainingClock
from saps.training.launching import launch_of, lost_processes_in_one_line
from saps.training.module import DataModule, TrainingModule
from saps.training.optimization import OptimizerSettings
from saps.training.pretraining import FrozenParts, pretrained_weights, start_from
from saps.training.processes import is_first_process, say
from saps.training.profiling import WaitingTime, make_profiler
from saps.training.run_folder import (
    CHECKPOINTS,
    LAST,
    MODEL,
    disk_errors_in_one_line,
    forget_metrics_after,
    last_checkpoint,
    locked,
    unfinished,
    write_summary,
)
from saps.training.selection import EXACT_MATCH, selection_of
from saps.training.settings import PretrainedSettings, TrackingSettings, TrainerSettings
from saps.training.tracking import make_tracked, make_trackers
from saps.training.word_vectors import use_word_vectors


class RunSettings(NamedTuple):
    """All that a run depends on."""

    seed: int
    data: DataSettings
    system: str  # a name of ``saps.models.registry``
    sizes: Mapping[str, Any]  # the plain values of its constructor
    trainer: TrainerSettings
    tracking: TrackingSettings
    pretrained: PretrainedSettings = PretrainedSettings()
    optimizer: OptimizerSettings = OptimizerSettings()


class Fitted(NamedTuple):
    """How a run ended."""

    steps: int
    exact_match: float  # of the exported model; below zero where there is none
    model: Path


def fit(settings: RunSettings, data: TaskData, folder: Path, config: dict[str, Any]) -> Fitted:
    """Trains in a run folder, going on from its last checkpoint where there is one.

    The weights at the end are a function of the settings alone, however often the run was broken off (CPU, 1 process);
    not so where ``max_time`` is given, since no two runs are equally fast.

    Args:
        settings: of the run.
        data: read as ``settings.data`` says.
        folder: made by ``run_folder.new_run``.
        config: the resolved settings as plain values, for the trackers.

    Raises:
        Stopped: it was told to stop; its last checkpoint is that of the last step.
        UserError: another process trains there, the checkpoint is damaged, or the disk is full.
    """
    lock = locked(folder) if is_first_process() else nullcontext()
    with lock, disk_errors_in_one_line(folder), lost_processes_in_one_line():
        return _fit(settings, data, folder, config)


def _fit(settings: RunSettings, data: TaskData, folder: Path, config: dict[str, Any]) -> Fitted:
    _quieten()
    if settings.trainer.threads:
        torch.set_num_threads(settings.trainer.threads)
    pl.seed_everything(settings.seed, verbose=False)
    path = last_checkpoint(folder)
    checkpoint = None if path is None else read_checkpoint(path)
    chosen = settings.trainer
    clock = TrainingClock(chosen.budget(), chosen.validations, chosen.validate_every)
    time_used = None if clock.budget is None else clock.share
    system, remarks = _system(settings, data, is_new=checkpoint is None)
    average = WeightAverage(system, settings.trainer.average) if settings.trainer.average else None
    selection = selection_of(settings.trainer.select)
    replay = settings.trainer.replay
    module = TrainingModule(system, settings.optimizer, selection, time_used, average, replay > 0)
    if checkpoint is not None:
        check_processes(checkpoint, launch_of(chosen).processes, folder / CHECKPOINTS / LAST)
        check_fits(checkpoint, module, folder / CHECKPOINTS / LAST)
    if is_first_process():
        forget_metrics_after(folder, 0 if checkpoint is None else checkpoint["global_step"])
        unfinished(folder)
    waiting = make_profiler(settings.trainer.profiler, folder)
    callbacks = [
        FrozenParts(settings.pretrained, settings.trainer.max_steps, time_used),
        *([] if average is None else [average]),
        *make_callbacks(folder, settings.trainer, settings.seed, settings.sizes, clock, waiting),
    ]
    loggers = make_trackers(folder, settings.tracking, config)
    callbacks[:0] = make_tracked(folder, settings.tracking, data, loggers)
    trainer = make_trainer(settings, folder, loggers, callbacks, waiting)
    _say_what(system, data, remarks)
    trainer.fit(module, DataModule(data, system, replay), ckpt_path=path, weights_only=True)
    exported = next(callback for callback in callbacks if isinstance(callback, ExportBest))
    if is_first_process():
        write_summary(folder, _summary(trainer.global_step, exported.exact_match, clock, system, data))
    return Fitted(trainer.global_step, exported.exact_match, folder / MODEL)


def _system(settings: RunSettings, data: TaskData, is_new: bool) -> tuple[System, list[str]]:
    """The system with its weights at the start, some of which may be another model's, and remarks on them."""
    system = build_system(settings.system, settings.sizes, data.vocabularies)
    remarks = use_word_vectors(system, settings.pretrained)
    if is_new:  # otherwise the checkpoint holds them
        shapes = {name: tuple(value.shape) for name, value in system.state_dict().items()}
        weights = pretrained_weights(settings.pretrained, shapes, data.vocabularies.labels)
        remarks += start_from(system, weights, settings.pretrained)
    return system, remarks


def _summary(steps: int, exact_match: float, clock: TrainingClock, system: System, data: TaskData) -> dict[str, Any]:
    """What a finished run took, for those who compare runs."""
    seconds = clock.seconds["wall seconds"]
    return {
        "steps": steps,
        EXACT_MATCH: exact_match,
        "trainable_parameters": system.parameter_count(),
        "training_tasks": len(data.train_tasks),
        "validation_tasks": len(data.validation_tasks),
        "tasks_seen": clock.tasks,
        "training_seconds": round(seconds, 2),
        "training_cpu_seconds": round(clock.seconds["cpu seconds"], 2),
        "tasks_per_second": round(clock.tasks / seconds, 2) if seconds else 0.0,
    }


def make_trainer(
    settings: RunSettings, folder: Path, loggers: list[Logger], callbacks: list[pl.Callback], waiting: WaitingTime
) -> pl.Trainer:
    """Lightning's trainer for a run."""
    chosen, launch = settings.trainer, launch_of(settings.trainer)
    return pl.Trainer(
        default_root_dir=folder,
        logger=loggers,
        callbacks=callbacks,
        profiler=waiting,
        max_steps=-1 if chosen.max_time else chosen.max_steps,
        max_epochs=-1,
        val_check_interval=NEVER,  # the clock says when
        check_val_every_n_epoch=None,
        log_every_n_steps=chosen.log_every,
        gradient_clip_val=chosen.gradient_clip or None,
        accumulate_grad_batches=chosen.accumulate,
        precision=chosen.precision,
        accelerator=chosen.accelerator,
        devices=launch.devices,
        num_nodes=launch.nodes,
        plugins=[launch.environment],
        strategy=DDPStrategy(broadcast_buffers=False) if launch.processes > 1 else "auto",  # no buffer ever changes
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        enable_model_summary=False,
        enable_progress_bar=any(isinstance(callback, pl.callbacks.ProgressBar) for callback in callbacks),
    )


def _quieten() -> None:
    """Leaves out Lightning's advice that does not apply here: one loader, no cluster, workers by choice."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    warnings.filterwarnings("ignore", ".*dataloader is not resumable.*")  # its order is a function of (seed, step)
    warnings.filterwarnings("ignore", ".*recommended to use `self.log.*")  # what is logged is a sum over all processes
    warnings.filterwarnings("ignore", ".*`srun` command is available.*")  # whoever wants it says so
    warnings.filterwarnings("ignore", ".*broadcast_buffers.*")  # its successor is not in every torch that saps takes
    warnings.filterwarnings("ignore", ".*LeafSpec.*")  # Lightning reads a torch class by its older name
    warnings.filterwarnings("ignore", ".*Checkpoint directory .* exists and is not empty.*")


def _say_what(system: System, data: TaskData, remarks: list[str]) -> None:
    say(
        f"{type(system).__name__}: {system.parameter_count():,} trainable parameters; "
        f"{data.source} to learn from, {len(data.validation_tasks):,} to validate on; "
        f"{len(data.vocabularies.words)} words, {len(data.vocabularies.labels)} labels"
    )
    for remark in remarks:
        say(remark)


def best_line(fitted: Fitted) -> str:
    """How a run ended, in one line."""
    if fitted.exact_match < 0:
        return f"{fitted.steps} steps, no validation yet: lower trainer.validate_every to get a model"
    return f"{fitted.steps} steps; best {EXACT_MATCH} {fitted.exact_match:.4f}; model in {fitted.model}"
