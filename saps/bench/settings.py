"""How the systems are measured; knows no torch, so that a wrong flag is told at once."""

from dataclasses import dataclass
from typing import Literal

from saps.restricted import Count, Positive

Sizes = Literal["small", "paper"]
"""The folder of ``experiments/`` that has the sizes of the systems."""


@dataclass(frozen=True, slots=True)
class RaceSettings:
    """What is measured, on what, and for how long."""

    seconds: Positive = 3.0
    """How long each system is measured in each part, at least; first calls are not counted."""
    batch_size: Count = 32
    """Tasks that are trained or decoded together."""
    batches: Count = 4
    """Batches of generated tasks, the same for all systems and in all parts."""
    sizes: Sizes = "small"
    """Sizes of the systems: those of experiments/small or of experiments/paper."""
    device: str = "cpu"
    """Where the networks run, such as cuda. Seconds are CPU seconds on a CPU, elsewhere those of the clock."""
