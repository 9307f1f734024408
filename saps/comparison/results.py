"""What came of the jobs: read from their folders, and put together row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from saps.comparison.jobs import CURVE, REPORT, job_folder
from saps.comparison.records import IDENTITY, read_record
from saps.comparison.running import FAILURE, JOB, is_current
from saps.evaluation.pairs import EachTask, read_each_task
from saps.training.run_folder import SUMMARY, VERSIONS
from saps.training.selection import EXACT_MATCH

EXACT = "exact match"  # what systems are ordered by


@dataclass(frozen=True)
class SeedResult:
    """A job that is done."""

    seed: int
    command: dict[str, Any]
    """What the job is, as ``job.json`` holds it."""
    summary: dict[str, Any]
    """What its training took."""
    report: dict[str, Any] | None
    """How it was judged, as ``saps evaluate`` writes it; None of a system that answers no sentence."""
    versions: dict[str, Any]
    """What it was made with."""
    curve: dict[str, Any] | None = None
    """Accuracy against programs visited, where it was judged with search too."""

    @property
    def tasks_per_second(self) -> float:
        """Tasks seen a second of training, on the clock that its budget counts: the wall's, or the processor's."""
        clock = "training_cpu_seconds" if self.command["budget"].strip().endswith("-cpu") else "training_seconds"
        return float(self.summary["tasks_seen"] / self.summary[clock]) if self.summary[clock] else 0.0

    def share(self, metric: str) -> float | None:
        """A figure over tasks, in percent.

        A system that answers no sentence has only the exact match of its validation.
        """
        if self.report is None:
            return 100 * float(self.summary[EXACT_MATCH]) if metric == EXACT else None
        return 100 * float(self.report["overall"][metric]["share"])

    def per_program(self, metric: str) -> float | None:
        """A figure over distinct programs, in percent."""
        return None if self.report is None else 100 * float(self.report["per_program"][metric]["mean"])

    @property
    def each(self) -> EachTask | None:
        """What each task came to; None where no report says so."""
        return None if self.report is None else read_each_task(self.report)


@dataclass(frozen=True)
class Spread:
    """A figure over seeds."""

    mean: float
    deviation: float | None
    """Sample standard deviation; None of a single seed."""

    def __str__(self) -> str:
        return f"{self.mean:.2f}" + ("" if self.deviation is None else f" ± {self.deviation:.2f}")


def cell(values: Sequence[float | None]) -> str:
    """Mean and deviation for a table; a dash where a value is missing."""
    known = [value for value in values if value is not None]
    return str(spread(known)) if values and len(known) == len(values) else "-"


def spread(values: Sequence[float]) -> Spread:
    """Mean and sample standard deviation of at least one value."""
    return Spread(mean(values), stdev(values) if len(values) > 1 else None)


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    name: str
    results: tuple[SeedResult, ...]
    """The seeds that are done, in their order."""
    problems: tuple[tuple[int, str], ...]
    """The seeds that failed or are missing, and why."""


def read_row(folder: Path, name: str, seeds: Sequence[int]) -> Row:
    """What there is of a row.

    Args:
        folder: of the comparison.
        name: of the row.
        seeds: that are asked for.

    Raises:
        UserError: a file of a job is broken.
    """
    found = {seed: _read_job(job_folder(folder, name, seed), seed) for seed in seeds}
    return Row(
        name,
        tuple(result for result in found.values() if isinstance(result, SeedResult)),
        tuple((seed, problem) for seed, problem in found.items() if isinstance(problem, str)),
    )


def _read_job(folder: Path, seed: int) -> SeedResult | str:
    """The result of a job, or why there is none."""
    if (folder / FAILURE).exists():
        return str(read_record(folder / FAILURE, ["problem"])["problem"])
    if not (folder / JOB).exists():
        return "not begun"
    command = read_record(folder / JOB, IDENTITY)
    summary, versions, report, curve = (folder / name for name in (f"run/{SUMMARY}", f"run/{VERSIONS}", REPORT, CURVE))
    if not summary.exists():
        return "not finished"
    if command["evaluate"] and not report.exists():
        return "not judged"
    judged = read_record(report) if command["evaluate"] else None
    if judged is not None and not is_current(report, folder / "run"):
        return "not judged since its weights are what they are"
    searched = read_record(curve) if is_current(curve, folder / "run") else None
    return SeedResult(seed, command, read_record(summary), judged, read_record(versions), searched)
