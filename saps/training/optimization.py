"""How weights are learned: the optimiser and the course of its learning rate."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from saps.restricted import CountFromZero, NonNegative

Schedule = Literal["linear", "cosine", "constant"]
_SHAPES: dict[Schedule, Callable[[float], float]] = {  # the share of the rate by the share of the run that is left
    "linear": lambda left: left,
    "cosine": lambda left: 0.5 - 0.5 * math.cos(math.pi * left),
    "constant": lambda left: 1.0,
}


@dataclass(frozen=True)
class OptimizerSettings:
    """Adam with a linear warm-up and then a schedule up to the last step, or to the end of the time."""

    learning_rate: NonNegative = 3e-3
    """The rate at its highest, after the warm-up."""
    schedule: Schedule = "linear"
    """Course of the rate after the warm-up: down to zero at the end in a line or in half a cosine, or constant."""
    warmup_steps: CountFromZero = 200
    """Steps over which the rate rises from zero."""
    weight_decay: NonNegative = 0.0
    """Decoupled decay of the weights (AdamW); 0 is plain Adam."""


def stepwise_schedule(step: int, warmup_steps: int, total_steps: int, schedule: Schedule = "linear") -> float:
    """The share of the full learning rate at a step: up to 1 over the warm-up, then as the schedule says."""
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    return _SHAPES[schedule](max(0.0, (total_steps - step) / max(1, total_steps - warmup_steps)))


def timed_schedule(step: int, warmup_steps: int, used: float, schedule: Schedule = "linear") -> float:
    """The share of the full learning rate when a share ``used`` of the time is over.

    The schedule begins with the time; until the warm-up's line meets it, that line holds.
    """
    rising = (step + 1) / warmup_steps if step < warmup_steps else 1.0
    return min(rising, _SHAPES[schedule](max(0.0, 1.0 - used)))


def make_optimizer(
    module: nn.Module,
    settings: OptimizerSettings,
    total_steps: int,
    time_used: Callable[[], float] | None = None,
    fused: bool = True,
) -> tuple[torch.optim.Optimizer, LambdaLR]:
    """The optimiser of a module's trainable parameters and its schedule, stepped once a batch.

    Args:
        module: whose parameters.
        settings: of the optimiser.
        total_steps: of the run.
        time_used: where the run is given time instead: the share of it that is over.
        fused: all weights in one call, which Lightning does not clip under scaled (16-bit) gradients.
    """

    def rate(step: int) -> float:
        if time_used is not None:
            return timed_schedule(step, settings.warmup_steps, time_used(), settings.schedule)
        return stepwise_schedule(step, settings.warmup_steps, total_steps, settings.schedule)

    optimizer = torch.optim.AdamW(
        list(learned(module).values()), lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=fused
    )
    return optimizer, LambdaLR(optimizer, rate)


def learned(module: nn.Module) -> dict[str, nn.Parameter]:
    """The trainable parameters by name, in the order in which the optimiser numbers them."""
    return {name: parameter for name, parameter in module.named_parameters() if parameter.requires_grad}
