"""How fast a run is and when it will have ended, in the bar and among its metrics."""

import resource
import sys
import time
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback

from saps.batches.collate import Batch
from saps.training.clock import TrainingClock
from saps.training.flops import flops_of, matmul_rate
from saps.training.module import TrainingModule
from saps.training.profiling import WaitingTime
from saps.training.settings import TrainerSettings
from saps.training.steps import ends_step


class Throughput(Callback):
    """Logs rates since the last look at the metrics; validations do not count, as for the clock.

    ``tasks_per_second``, ``nodes_per_second``: of all processes; nodes of trees, or tokens where these are written.
    ``waiting``: share of the time in which this process waited for its next batch.
    ``memory_gb``: the most that was taken: of the GPU's memory by torch, else of the machine's by this process.
    ``mfu``: operations a second as a share of those that the device reaches when it multiplies large matrices. On the
    first batch that is looked at, the operations of a node are counted and the rate of the device is measured.
    ``remaining_seconds``: until the last step, or the end of the time, at the pace since this process has started.
    """

    def __init__(self, settings: TrainerSettings, clock: TrainingClock, waiting: WaitingTime) -> None:
        self.settings, self.clock, self.waiting = settings, clock, waiting
        self._device: tuple[float, float] | None = None  # operations a node, operations a second of the device

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begins to count."""
        self._started, self._done_before = time.monotonic(), self._done(trainer)
        self._last = self._counts(pl_module)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        """Called after the clock has counted the batch."""
        if trainer.global_step % self.settings.log_every or not ends_step(trainer, batch_idx):
            return
        assert isinstance(pl_module, TrainingModule)
        if self._device is None:
            with self.clock.paused():
                self._device = self._measure(pl_module, batch)
        now = self._counts(pl_module)
        seconds, tasks, nodes, waited = (after - before for after, before in zip(now, self._last, strict=True))
        self._last = now
        if seconds <= 0:
            return
        pl_module.log("tasks_per_second", tasks / seconds, prog_bar=True)
        pl_module.log("nodes_per_second", nodes * trainer.world_size / seconds)
        pl_module.log("waiting", min(1.0, waited / seconds))
        pl_module.log("memory_gb", memory(pl_module.device) / 1e9)
        a_node, device = self._device
        if a_node:
            pl_module.log("mfu", a_node * nodes / seconds / device, prog_bar=True)
        done = self._done(trainer)
        if done > self._done_before:
            pace = (time.monotonic() - self._started) / (done - self._done_before)
            pl_module.log("remaining_seconds", pace * max(0.0, 1 - done), prog_bar=True)

    def _counts(self, pl_module: pl.LightningModule) -> tuple[float, int, int, float]:
        assert isinstance(pl_module, TrainingModule)
        return self.clock.seconds["wall seconds"], self.clock.tasks, pl_module.labels, self.waiting.seconds

    def _done(self, trainer: pl.Trainer) -> float:
        """The share of the run that is over."""
        return trainer.global_step / trainer.max_steps if self.clock.budget is None else self.clock.share()

    def _measure(self, module: TrainingModule, batch: Batch) -> tuple[float, float]:
        before = module.labels_of_batch
        flops = flops_of(module.system, batch)
        rate = matmul_rate(module.device, torch.bfloat16 if "bf16" in self.settings.precision else torch.float32)
        if module.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(module.device)
        return (flops or 0) / before, rate


def memory(device: torch.device) -> int:
    """Bytes taken so far at the most."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
