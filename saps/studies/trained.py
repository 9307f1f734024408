"""Studies that train: the same rows as ``saps compare``, once under each of several settings."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from saps.comparison.jobs import Conditions, Job, ReadSettings, job_folder, plan
from saps.comparison.records import IDENTITY, read_record
from saps.comparison.results import SeedResult, read_row
from saps.comparison.running import JOB, Execute, run_job
from saps.errors import UserError
from saps.evaluation.pairs import EachTask
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


def check_jobs(jobs: Sequence[Job]) -> None:
    """Checks that what stands in the folders of jobs was trained as they would be, so that what is told of it is true.

    Raises:
        UserError: one was trained by another command, or its record is broken.
    """
    for job in jobs:
        if (job.folder / JOB).exists():
            written = read_record(job.folder / JOB, IDENTITY)["train"]
            if written != [*job.train]:
                was, now = (f"'saps {shlex.join(map(str, words))}'" for words in (written, job.train))
                raise UserError(f"{job.folder}: was made by {was}, and not by {now}; give --table the same flags")


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
        tell: called with each training that is missing, in words.

    Raises:
        UserError: nothing is done yet.
    """
    findings = []
    for setting in settings:
        first, *others = dict.fromkeys(setting.judges.values())
        tasks = {path: [*read_tasks(path)] for path in others}
        for config in rows.configs:
            row = read_row(folder / setting.name, config.stem, rows.seeds)
            for seed, problem in row.problems:
                tell(f"{setting.name}: {config.stem} seed {seed} is missing: {problem}")
            if not row.results:
                continue
            judged = {first: tuple(_judged_before(result) for result in row.results)}
            runs = [job_folder(folder / setting.name, config.stem, one.seed) / "run" for one in row.results]
            models = [Synthesizer.load(run) for run in runs] if others else []
            for path in others:
                judged[path] = tuple(judged_greedily(model, tasks[path], workers) for model in models)
            findings += [Finding(panel, config.stem, x, judged[path]) for (panel, x), path in setting.judges.items()]
    if not findings:
        raise UserError(f"{folder}: no training has come to its end; see the log.txt beside each run")
    return findings


def _judged_before(result: SeedResult) -> EachTask:
    """What ``saps compare`` has judged already: by the first of the files.

    Raises:
        UserError: the system answers no sentence.
    """
    if result.each is None:
        raise UserError(f"{result.command['row']}: answers no sentence, so a study has nothing to judge; leave it out")
    return result.each
