"""An exponential moving average of the weights, kept beside those that are learned (Polyak and Juditsky, 1992).

Lightning's ``EMAWeightAveraging`` puts the learned weights back before a better model is exported, and torch's
``AveragedModel`` asks the device for a number at each step; this one does neither.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from torch import Tensor

from saps.batches.collate import Batch
from saps.models.system import System
from saps.training.steps import ends_step


class WeightAverage(Callback):
    """After step t the average is decay * average + (1 - decay) * weights, with decay = min(``decay``, t / (9 + t)).

    The smaller decay of the first steps lets the average forget the weights that the run has started from. Only
    trainable parameters are averaged. Processes that train together have the same weights, so each keeps the average.
    """

    def __init__(self, system: System, decay: float) -> None:
        self.system, self.decay = system, decay
        self.weights: dict[str, Tensor] = {}

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begins with the weights as they are, or goes on with a checkpoint's average."""
        self.weights = {
            name: self.weights.get(name, weight).detach().to(weight.device, copy=True)
            for name, weight in self.system.named_parameters()
            if weight.requires_grad
        }

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Batch, batch_idx: int
    ) -> None:
        """Called after the optimiser has moved on, and before validation and checkpoint."""
        if ends_step(trainer, batch_idx):
            step = trainer.global_step
            decay = min(self.decay, step / (9 + step))
            torch._foreach_lerp_([*self.weights.values()], self._learned(), 1 - decay)

    @contextmanager
    @torch.no_grad()
    def swapped_in(self) -> Iterator[None]:
        """Within it the system has the averaged weights, in the memory of those that are learned."""
        learned = self._learned()
        kept = [weight.clone() for weight in learned]
        torch._foreach_copy_(learned, [*self.weights.values()])
        try:
            yield
        finally:
            torch._foreach_copy_(learned, kept)

    def _learned(self) -> list[Tensor]:
        return [self.system.get_parameter(name).detach() for name in self.weights]

    def state_dict(self) -> dict[str, Any]:
        """The average goes into the checkpoint; the step of its decay stands there already."""
        return {"weights": self.weights}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on with a checkpoint's average."""
        self.weights = state_dict["weights"]
