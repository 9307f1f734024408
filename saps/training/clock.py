"""How long a run has trained and how much it has seen; stops a run whose time is over."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback

from saps.batches.collate import Batch
from saps.training.budget import Budget
from saps.training.steps import ends_step

NEVER = sys.maxsize  # batches between two validations, where only the clock says when one is due


class TrainingClock(Callback):
    """Counts the seconds and the tasks of a run over all its processes, broken off and resumed or not.

    Only training counts (loading included): neither the start, nor validations, nor the writing of checkpoints and
    models, nor steps that a kill has lost.

    Says when a validation is due: every so many steps, or with a budget of time at equal shares of it; then the run
    ends with the first step that uses it up.
    """

    def __init__(self, budget: Budget | None, validations: int, validate_every: int) -> None:
        """Sets the clock to zero.

        Args:
            budget: of time; None for a run of so many steps.
            validations: how many there are in the budget, the last one at its end.
            validate_every: steps between two of them where there is no budget.
        """
        self.budget, self.validations, self.validate_every = budget, validations, validate_every
        self.seconds = {"wall seconds": 0.0, "cpu seconds": 0.0}
        self.tasks = 0
        self._since: dict[str, float] | None = None  # None while nothing is learned
        self._agreed = 0.0  # share of the budget that all processes know to be used

    def share(self) -> float:
        """The share of the budget that is used, in [0, 1]: what the learning rate falls with."""
        return min(1.0, self._agreed)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Starts the clock; a run that goes on after its end does not learn any further."""
        self._start()
        if self._agree(trainer) >= 1:
            trainer.should_stop = True
        loop = trainer.fit_loop.epoch_loop
        is_due = loop.restarting and loop.restarted_on_last  # Lightning leaves out the one that the checkpoint is after
        self._validate(trainer, is_due)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        """After a whole step: asks for a validation where one is due, and for the end where the time is over."""
        self._stop()
        self._start()
        self.tasks += len(batch.programs) * trainer.world_size
        if not ends_step(trainer, batch_idx):
            self._validate(trainer, False)
        elif self.budget is None:
            self._validate(trainer, trainer.global_step % self.validate_every == 0)
        else:
            before = self._agreed
            now = self._agree(trainer)
            self._validate(trainer, int(now * self.validations) > int(before * self.validations))
            if now >= 1:
                trainer.should_stop = True

    def _validate(self, trainer: pl.Trainer, is_due: bool) -> None:
        """Whether Lightning validates after the batch that was the last."""
        trainer.val_check_batch = trainer.fit_loop.total_batch_idx + 1 if is_due else NEVER

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Validations are not training, nor is what is written after them; ``ResumePoint`` says when it is over."""
        self._stop()

    def go_on(self) -> None:
        """Training goes on."""
        self._start()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """What follows is not training."""
        self._stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What happens within it is not training."""
        self._stop()
        yield
        self._start()

    def state_dict(self) -> dict[str, Any]:
        """What has been counted goes into the checkpoint."""
        return {"seconds": dict(self.seconds), "tasks": self.tasks}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on counting from a checkpoint."""
        self.seconds, self.tasks = dict(state_dict["seconds"]), state_dict["tasks"]
        self._agreed = self._used()

    def _start(self) -> None:
        self._since = _clocks()

    def _stop(self) -> None:
        if self._since is not None:
            for name, now in _clocks().items():
                self.seconds[name] += now - self._since[name]
        self._since = None

    def _used(self) -> float:
        return self.seconds[self.budget.unit] / self.budget.amount if self.budget else 0.0

    def _agree(self, trainer: pl.Trainer) -> float:
        """The first process's clock counts for all: they must stop and validate at the same step."""
        used = self._used()
        self._agreed = trainer.strategy.broadcast(used) if trainer.world_size > 1 else used
        return self._agreed


def _clocks() -> dict[str, float]:
    """The processor's time is that of all threads of this process."""
    return {"wall seconds": time.perf_counter(), "cpu seconds": time.process_time()}
