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


def validation_of(rows: "Rows") -> list[Path]:
    """The files that the rows are validated on, whose programs must not be learned from.

    Raises:
        UserError: a row's settings are wrong.
    """
    overrides = [word for name, value in rows.overrides for word in (f"--{name}", value)]
    return [settings_of_words(["--config", str(path), *overrides]).data.validation for path in rows.configs]


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
    from saps.studies.trained import findings_of, jobs_of, train

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # as Ctrl-C: ends the command that runs
    jobs = [job for setting in settings for job in jobs_of(rows, setting, folder, settings_of_words)]
    if not is_table:
        print(what_it_takes(jobs, parse_budget(rows.budget, "--budget"), rows.budget), flush=True)
        train(jobs, as_process)
    missing: list[str] = []
    findings = findings_of(rows, settings, folder, workers, missing.append)
    told = {**about, "budget": rows.budget, "seeds": [*rows.seeds], "configs": [str(path) for path in rows.configs]}
    text = write_study(folder, axes, findings, told)
    print("\n".join(["", *missing, text, f"written: {folder}"]))
    return 1 if missing else 0
