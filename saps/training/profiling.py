"""Where the time of a run goes: waiting for data always, every hook or every operation on demand."""

import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from pytorch_lightning.profilers import PassThroughProfiler, SimpleProfiler

from saps.batches.collate import Batch

FOLDER = "profile"  # in the run folder

_FETCH = "[_TrainingEpochLoop].train_dataloader_next"  # what Lightning calls the time until a batch is there
_BEFORE, _TRACED = 4, 6  # batches: the first ones allocate what later ones find ready


class WaitingTime(PassThroughProfiler):
    """Adds up the seconds in which a run waits for its next batch; Lightning tells a profiler of them, and it alone."""

    seconds = 0.0
    _since = 0.0

    def start(self, action_name: str) -> None:
        if action_name == _FETCH:
            self._since = time.perf_counter()

    def stop(self, action_name: str) -> None:
        if action_name == _FETCH:
            self.seconds += time.perf_counter() - self._since


class HookTimes(SimpleProfiler, WaitingTime):
    """Writes as well how long each hook of the run took, as a table."""

    def start(self, action_name: str) -> None:
        SimpleProfiler.start(self, action_name)
        WaitingTime.start(self, action_name)

    def stop(self, action_name: str) -> None:
        WaitingTime.stop(self, action_name)
        SimpleProfiler.stop(self, action_name)


class OperationTrace(Callback):
    """Writes a trace of all operations of a few batches, which https://ui.perfetto.dev and chrome://tracing open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Waits a few batches."""
        self.folder.mkdir(exist_ok=True)
        path = self.folder / f"trace-{trainer.global_rank}.json.gz"
        self._profile = torch.profiler.profile(
            schedule=torch.profiler.schedule(skip_first=_BEFORE, wait=0, warmup=1, active=_TRACED, repeat=1),
            on_trace_ready=lambda profile: profile.export_chrome_trace(str(path)),
        )
        self._profile.start()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        """Counts the batches."""
        self._profile.step()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes what there is, of a run that is shorter."""
        self._profile.stop()


def make_profiler(name: str | None, run: Path) -> WaitingTime:
    """What Lightning is to tell its times."""
    if name == "simple":
        return HookTimes(dirpath=run / FOLDER, filename="hooks")
    return WaitingTime()
