"""How long a run may train: so much time, so many steps, or so many tasks."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from saps.errors import UserError

Unit = Literal["wall seconds", "cpu seconds", "steps", "tasks"]
TIME_UNITS: tuple[Unit, ...] = ("wall seconds", "cpu seconds")

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = r"(\d+(?:\.\d+)?)([smhd])"
_TIME = re.compile(rf"((?:{_PART})+)(-cpu)?")
_COUNT = re.compile(r"(\d+)\s*(steps|tasks)")
_ON_THE_WALL = "write 10m, 90s or 2h of the clock on the wall"
_MEND = "write 10m, 90s or 2h of the clock on the wall, 10m-cpu of the processor's time"


@dataclass(frozen=True)
class Budget:
    """An amount of training: seconds on one of two clocks, steps of the optimiser, or tasks seen."""

    amount: float
    unit: Unit


def parse_wall_time(text: str, flag: str) -> float:
    """Seconds on the wall's clock, written such as ``11h50m``.

    Args:
        text: as a user wrote it.
        flag: where, for the error.

    Raises:
        UserError: it is no time, nothing at all, or the processor's.
    """
    try:
        budget = parse_time(text, flag)
    except UserError:
        raise UserError(f"{flag} {text}: is no time; {_ON_THE_WALL}") from None
    if budget.unit != "wall seconds":
        raise UserError(f"{flag} {text}: is counted on the wall's clock; leave -cpu out")
    return budget.amount


def parse_time(text: str, flag: str) -> Budget:
    """A budget of time such as ``10m``, ``90s``, ``1h30m``, ``0.5h`` or ``10m-cpu``.

    Args:
        text: as a user wrote it.
        flag: where, for the error.

    Raises:
        UserError: it is none, or nothing at all.
    """
    found = _TIME.fullmatch(text.strip())
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in re.findall(_PART, found[1])) if found else 0.0
    if found is None or seconds <= 0 or not math.isfinite(seconds):
        raise UserError(f"{flag} {text}: is no time; {_MEND}")
    return Budget(seconds, "cpu seconds" if found[4] else "wall seconds")


def parse_budget(text: str, flag: str) -> Budget:
    """A budget of time as ``parse_time`` reads it, or ``2000steps``, or ``100000tasks``.

    Raises:
        UserError: it is none, or nothing at all.
    """
    found = _COUNT.fullmatch(text.strip())
    if found and int(found[1]):
        return Budget(int(found[1]), "steps" if found[2] == "steps" else "tasks")
    try:
        return parse_time(text, flag)
    except UserError:
        raise UserError(f"{flag} {text}: is no budget; {_MEND}, 2000steps, or 100000tasks") from None


def budget_in_words(budget: Budget) -> str:
    """A budget as people say it: ``96,000 tasks``, ``5 hours``, ``1 hour 30 minutes of the processor``."""
    if budget.unit not in TIME_UNITS:
        return _counted(budget.amount, budget.unit.removesuffix("s"))
    minutes, seconds = divmod(budget.amount, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "hour"), (minutes, "minute"), (seconds, "second"))
    time = " ".join(_counted(amount, unit) for amount, unit in parts if amount)
    return f"{time} of the processor" if budget.unit == "cpu seconds" else time


def _counted(amount: float, unit: str) -> str:
    number = f"{int(amount):,}" if amount == int(amount) else f"{amount:g}"
    return f"{number} {unit}" if amount == 1 else f"{number} {unit}s"
