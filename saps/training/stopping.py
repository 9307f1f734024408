"""Ends a run between two steps when it is told to: by a signal, or because its time on the machine is over.

SIGTERM, Ctrl-C, SIGUSR1 and SIGUSR2 (with which a cluster warns that the time will soon be over) let the step end, a
checkpoint is written, and the run goes on from exactly there when it is resumed.
"""

import os
import signal
import time
from types import FrameType
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback

from saps.batches.collate import Batch
from saps.training.processes import is_first_process

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)
OUT_OF_TIME = 124  # the exit code that coreutils' timeout has
_STARTED = time.monotonic()
_AGREE_EVERY = 10  # steps; several processes must stop after the same one, and asking each other costs


class Stopped(Exception):
    """The run has ended before its last step, and can be resumed."""

    def __init__(self, step: int, reason: str, code: int) -> None:
        """Of a run that was stopped after a step, why, and the exit code that says so."""
        super().__init__(f"stopped after step {step} ({reason})")
        self.code = code


class StopRequest(Callback):
    """Listens for signals and watches the time while a run learns; ``ResumePoint`` writes the checkpoint."""

    def __init__(self, most_seconds: float | None) -> None:
        """A run that may take so many seconds from the start of its process on; None for any number."""
        self.most_seconds = most_seconds
        self.is_agreed = False
        """All processes know that the run stops after this step."""
        self._reason, self._code = "", 0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Takes the signals over from Lightning, which puts everything back in the end.

        Lightning ends a run at SIGTERM as if it were finished, and at Ctrl-C in the middle of a step.
        """
        for number in SIGNALS:
            signal.signal(number, self._on_signal)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Batch, batch_idx: int
    ) -> None:
        """The step before is complete: logged, validated where that was due, and in the checkpoint."""
        if self.is_agreed:
            raise Stopped(trainer.global_step, self._reason or "another process was told to stop", self._code or 1)

    def agree(self, trainer: pl.Trainer) -> bool:
        """Whether the run stops after the step that has just ended; all processes come to the same answer."""
        if not self._reason and self.most_seconds is not None and time.monotonic() - _STARTED >= self.most_seconds:
            self._reason, self._code = "trainer.max_wall is over", OUT_OF_TIME
        if trainer.world_size == 1:
            self.is_agreed = bool(self._reason)
        elif trainer.global_step % _AGREE_EVERY == 0:
            self.is_agreed = trainer.strategy.reduce_boolean_decision(bool(self._reason), all=False)
        return self.is_agreed

    def _on_signal(self, number: int, frame: FrameType | None) -> Any:
        if self._reason and number == signal.SIGINT:
            raise KeyboardInterrupt
        if is_first_process() and not self._reason:
            again = "; once more stops it at once" if number == signal.SIGINT else ""
            os.write(2, f"saps: {signal.Signals(number).name}: the run stops after this step{again}\n".encode())
        self._reason, self._code = signal.Signals(number).name, 128 + number
