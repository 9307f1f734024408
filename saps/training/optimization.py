"""How weights are learned: the optimiser and the course of its learning rate."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from saps.restricted import CountFromZero, NonNegative


@dataclass(frozen=True)
class OptimizerSettings:
    """Adam with a linear warm-up and a linear decay to zero at the last step, or at the end of the time."""

    learning_rate: NonNegative = 3e-3
    """The rate at its highest, after the warm-up."""
    warmup_steps: CountFromZero = 200
    """Steps over which the rate rises from zero."""
    weight_decay: NonNegative = 0.0
    """Decoupled decay of the weights (AdamW); 0 is plain Adam."""


def linear_schedule(step: int, warmup_steps: int, total_steps: int) -> float:
    """The share of the full learning rate at a step: up to 1 over the warm-up, then down to 0 at the last step."""
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    return max(0.0, (total_steps - step) / max(1, total_steps - warmup_steps))


def timed_schedule(step: int, warmup_steps: int, used: float) -> float:
    """The share of the full learning rate when a share ``used`` of the time is over, at its end 0.

    The rate falls with the time from the start on; until the warm-up's line meets it, that line holds.
    """
    rising = (step + 1) / warmup_steps if step < warmup_steps else 1.0
    return max(0.0, min(rising, 1.0 - used))


def make_optimizer(
    module: nn.Module,
    settings: OptimizerSettings,
    total_steps: int,
    time_used: Callable[[], float] | None = None,
) -> tuple[torch.optim.Optimizer, LambdaLR]:
    """The optimiser of a module's trainable parameters and its schedule, stepped once a batch.

    Args:
        module: whose parameters.
        settings: of the optimiser.
        total_steps: of the run.
        time_used: where the run is given time instead: the share of it that is over.
    """

    def rate(step: int) -> float:
        if time_used is not None:
            return timed_schedule(step, settings.warmup_steps, time_used())
        return linear_schedule(step, settings.warmup_steps, total_steps)

    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=settings.weight_decay)
    return optimizer, LambdaLR(optimizer, rate)
