"""Studies that train: the same rows as ``saps compare``, once under each of several settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from saps.comparison.jobs import Conditions, Job, ReadSettings, plan
from saps.comparison.results import read_row
from saps.comparison.running import Execute, run_job
from saps.errors import UserError
from saps.studies.findings import Finding, judged_greedily
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.files import read_tasks
from saps.training.budget import parse_budget


@dataclass(frozen=True, slots=True)
class Rows:
    """What is trained under every setting."""

    configs: tuple[Path, ...]
    """The configuration of each row."""
    seeds: tuple[int, ...]
    budget: str
    """Of each training, as ``saps compare --budget``."""
    overrides: tuple[tuple[str, str], ...]
    """Settings that hold for all of them, as (name, value)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A way in which all rows are trained, and what judges them."""

    name: str
    overrides: tuple[tuple[str, str], ...]
    """Settings of the data, as (name, value)."""
    judges: Mapping[tuple[str, float], Path]
    """(panel, place on the axis) -> the tasks that judge. Programs of the first file are kept out of training."""


def jobs_of(rows: Rows, setting: Setting, folder: Path, read: ReadSettings) -> list[Job]:
    """The trainings of a setting, in a folder of its own.

    Raises:
        UserError: a row's settings are wrong.
    """
    conditions = Conditions(
        rows.seeds,
        rows.budget,
        parse_budget(rows.budget, "--budget"),
        (*rows.overrides, *setting.overrides),
        next(iter(setting.judges.values())),
    )
    return plan(rows.configs, conditions, folder / setting.name, read)


def train(jobs: Sequence[Job], execute: Execute) -> None:
    """Trains and judges what is not done yet; what fails is told, and missing in the findings."""
    for job in jobs:
        run_job(job, execute)


def findings_of(
    rows: Rows, settings: Sequence[Setting], folder: Path, workers: int, tell: Callable[[str], None]
) -> list[Finding]:
    """What all rows that are done make of the tasks of their settings, greedily.

    Args:
        rows: what was trained.
        settings: under which settings.
        folder: of the study.
        workers: processes that run programs.
        tell: hears what is missing.

    Raises:
        UserError: nothing is done yet.
    """
    findings = []
    for setting in settings:
        tasks = {path: [*read_tasks(path)] for path in dict.fromkeys(setting.judges.values())}
        for config in rows.configs:
            row = read_row(folder / setting.name, config.stem, rows.seeds)
            for seed, problem in row.problems:
                tell(f"{setting.name}: {config.stem} seed {seed} is missing: {problem}")
            done = [one.seed for one in row.results]
            models = [Synthesizer.load(folder / setting.name / config.stem / f"seed-{seed}" / "run") for seed in done]
            for (panel, place), path in setting.judges.items() if models else ():
                each = tuple(judged_greedily(model, tasks[path], workers) for model in models)
                findings.append(Finding(panel, config.stem, place, each))
    if not findings:
        raise UserError(f"{folder}: no training has come to its end; see the log.txt beside each run")
    return findings
