"""The space of a sweep: for each setting the values that it may take, as a user wrote them and as Optuna draws them."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from saps.errors import UserError

_RANGE_KEYS = {"min", "max", "log", "step"}
_WRITE = "write {min: 0.001, max: 0.1, log: true}, or {choices: [64, 128]}"


@dataclass(frozen=True)
class Choices:
    """A setting that takes one of a few values; lists and mappings among them are kept as JSON."""

    values: tuple[str | int | float | bool | None, ...]

    def distribution(self) -> BaseDistribution:
        """As Optuna draws it."""
        return CategoricalDistribution(self.values)

    def probes(self) -> tuple[Any, ...]:
        """Values with which to try whether the setting takes them: all."""
        return self.values


@dataclass(frozen=True)
class Range:
    """A setting that takes any number between two, both included."""

    low: int | float
    high: int | float
    log: bool = False
    """Whether each factor is as probable as any other: 0.001 to 0.01 as 0.01 to 0.1."""
    step: int | float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether whole numbers alone are drawn: both bounds are written as such."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def distribution(self) -> BaseDistribution:
        """As Optuna draws it."""
        if self.is_whole:
            return IntDistribution(int(self.low), int(self.high), log=self.log, step=int(self.step or 1))
        return FloatDistribution(float(self.low), float(self.high), log=self.log, step=self.step)

    def probes(self) -> tuple[Any, ...]:
        """Values with which to try whether the setting takes them: the bounds."""
        return (self.low, self.high)

    def steps(self) -> list[int | float]:
        """All values of a range with a step, from the lower bound up; in decimals, as they were written."""
        low, high, step = (Decimal(str(number)) for number in (self.low, self.high, self.step))
        number = int if self.is_whole else float
        return [number(low + at * step) for at in range(int((high - low) / step) + 1)]


Space = Mapping[str, Choices | Range]


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """The space as Optuna draws from it."""
    return {name: values.distribution() for name, values in space.items()}


def word_of(value: Any) -> str:
    """A value as a flag of ``saps train`` takes it."""
    return value if isinstance(value, str) else json.dumps(value)


def parse_values(written: Any) -> Choices | Range:
    """The values of one setting, as they stand in a sweep file.

    Raises:
        UserError: they are neither choices nor a range.
    """
    if not isinstance(written, dict) or not written:
        raise UserError(f"{written!r} is neither choices nor a range; {_WRITE}")
    if set(written) == {"choices"}:
        return _choices(written["choices"])
    if unknown := sorted(set(map(str, written)) - _RANGE_KEYS):
        raise UserError(f"{', '.join(unknown)}: no part of a range; {_WRITE}")
    if missing := {"min", "max"} - set(written):
        raise UserError(f"a range without {' and '.join(sorted(missing))}; {_WRITE}")
    return _range(written)


def _choices(written: Any) -> Choices:
    if not isinstance(written, list) or not written:
        raise UserError("choices: gives none; write a list such as [64, 128]")
    values = tuple(json.dumps(value) if isinstance(value, list | dict) else value for value in written)
    words = [word_of(value) for value in values]
    if repeated := sorted({word for word in words if words.count(word) > 1}):
        raise UserError(f"choices: {', '.join(repeated)} more than once; give each once")
    return Choices(values)


def _range(written: Mapping[str, Any]) -> Range:
    low, high = _number(written["min"], "min"), _number(written["max"], "max")
    log, step = written.get("log", False), written.get("step")
    if not isinstance(log, bool):
        raise UserError(f"log: {log} is neither true nor false")
    if low >= high:
        raise UserError(f"min {low} and max {high} are no range; min must be the smaller one")
    if log and low <= 0:
        raise UserError(f"min {low}: a logarithmic range begins above 0")
    if step is None:
        return Range(low, high, log)
    step = _number(step, "step")
    if log or not 0 < step <= high - low:
        why = "a logarithmic range has none" if log else f"must be above 0 and at most {high - low}"
        raise UserError(f"step {step}: {why}")
    found = Range(low, high, log, step)
    if found.is_whole and not isinstance(step, int):
        raise UserError(f"step {step}: the bounds are whole numbers; write one, or write the bounds as {float(low)}")
    return found


def _number(written: Any, what: str) -> int | float:
    """A number; YAML takes ``1e-4`` for a word."""
    try:
        value = written if isinstance(written, int | float) else float(written)
    except (TypeError, ValueError):
        value = math.nan
    if isinstance(written, bool) or not math.isfinite(value):
        raise UserError(f"{what}: {written!r} is no number")
    return value
