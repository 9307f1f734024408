"""What the studies that train have in common: their flags, and the way from trainings to figures."""

import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saps.cli.compare import settings_of_words
from saps.comparison.estimate import what_it_takes
from saps.comparison.jobs import check_names, parse_override
from saps.comparison.running import as_process
from saps.errors import UserError
from saps.models.registry import system_named
from saps.tasks.atomic import make_folder
from saps.tasks.query import NOTHING
from saps.training.budget import parse_budget

if TYPE_CHECKING:
    from saps.studies.findings import Axes
    from saps.studies.trained import Rows, Setting


def rows_of(configs: tuple[Path, ...], seeds: int, budget: str, overrides: Sequence[str]) -> "Rows":
    """What is trained under every setting.

    Raises:
        UserError: two rows have one name, or a budget or setting is none.
    """
    from saps.studies.trained import Rows  # torch is slow to import

    check_names(configs)
    parse_budget(budget, "--budget")
    return Rows(configs, tuple(range(1, seeds + 1)), budget, tuple(map(parse_override, overrides)))


def check_rows(rows: "Rows", tests: int | None = None) -> list[Path]:
    """Checks that the rows answer sentences, and that tasks with so many tests, if it is said how many, serve them all.

    Returns:
        The files whose programs must not be learned from: what the rows are validated on, and what they exclude.

    Raises:
        UserError: one answers none, or reads more examples, or its settings are wrong.
    """
    overrides = [word for name, value in rows.overrides for word in (f"--{name}", value)]
    kept_out: list[Path] = []
    for path in rows.configs:
        settings = settings_of_words(["--config", str(path), *overrides])
        reading = system_named(settings.system).reading
        if reading is NOTHING:
            raise UserError(f"{path}: answers no sentence, so a study has nothing to judge; leave it out")
        if tests is not None and reading.shown > tests:
            raise UserError(f"{path}: reads {reading.shown} examples, and the tasks have {tests}; leave it out")
        kept_out += [settings.data.validation, *settings.data.exclude]
    return kept_out


def train_and_tell(
    rows: "Rows",
    settings: "Sequence[Setting]",
    folder: Path,
    workers: int,
    is_table: bool,
    axes: "Axes",
    about: Mapping[str, Any],
) -> int:
    """Trains what is not done, judges, prints the table and writes all; 1 where a training is missing."""
    from saps.studies.findings import write_study
    from saps.studies.trained import check_jobs, findings_of, jobs_of, train

    make_folder(folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # as Ctrl-C: ends the command that runs
    jobs = [job for setting in settings for job in jobs_of(rows, setting, folder, settings_of_words)]
    if is_table:
        check_jobs(jobs)
    else:
        print(what_it_takes(jobs, parse_budget(rows.budget, "--budget"), rows.budget), flush=True)
        train(jobs, as_process)
    missing: list[str] = []
    findings = findings_of(rows, settings, folder, workers, missing.append)
    told = {**about, "budget": rows.budget, "seeds": [*rows.seeds], "configs": [str(path) for path in rows.configs]}
    told["settings"] = dict(rows.overrides)
    text = write_study(folder, axes, findings, told)
    print("\n".join(["", *missing, text, f"written: {folder}"]))
    return 1 if missing else 0
