"""Pieces of work that take turns, so that a slow moment of the machine meets all of them."""

import time
from collections.abc import Callable, Sequence

import torch

Work = Callable[[], int]
"""Does some work and tells how much it was: tasks, programs, tests."""


def take_turns(works: Sequence[Work], seconds: float, device: torch.device) -> list[float]:
    """How much each does in a second: CPU seconds of this process, or those of the clock where there is a GPU.

    Each is done once unmeasured, since first calls allocate what later ones find ready. Then it is always the turn of
    the one that has had the least time, until all have had so many seconds.
    """
    for work in works:
        work()
    spent, done = [0.0] * len(works), [0] * len(works)
    while min(spent) < seconds:
        turn = spent.index(min(spent))
        start = _now(device)
        done[turn] += works[turn]()
        spent[turn] += _now(device) - start
    return [amount / time_spent for amount, time_spent in zip(done, spent, strict=True)]


def _now(device: torch.device) -> float:
    if device.type == "cpu":
        return time.process_time()
    torch.accelerator.synchronize(device)
    return time.perf_counter()
