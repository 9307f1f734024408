"""What a comparison consists of: a job for each row and seed, as the commands that a user would type."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from saps.errors import UserError
from saps.models.registry import SYSTEMS, system_named
from saps.tasks.query import NOTHING
from saps.training.budget import TIME_UNITS, Budget
from saps.training.fit import RunSettings
from saps.training.settings import NO_SETTING, is_setting

LEAST_BETWEEN = 10
"""Steps between two validations of a budget that has so many: a small one is validated less often."""
REPORT, CURVE = "evaluation.json", "curve.json"
ReadSettings = Callable[[Sequence[str]], RunSettings]
"""The settings that the words of a ``saps train`` command stand for; raises ``UserError`` where they are wrong."""


@dataclass(frozen=True)
class Conditions:
    """What holds for every row alike."""

    seeds: tuple[int, ...]
    budget: str
    """As the user wrote it."""
    amount: Budget
    overrides: tuple[tuple[str, str], ...]
    """Settings that hold for all rows, as (name, value)."""
    test: Path | None
    """What is judged; None takes each row's own validation tasks."""
    search: "SearchConditions | None" = None
    """How each row is judged once more, with search; None leaves that out."""
    skip_bad: bool = False
    """Whether bad records of files of tasks are left out."""


@dataclass(frozen=True)
class SearchConditions:
    """How far a search with examples goes."""

    budget: int
    """Programs of different behaviour that it may visit."""
    tasks: int | None = None
    """How many of the tasks are searched, from the first; None for all."""


@dataclass(frozen=True)
class Job:
    """One row with one seed."""

    row: str
    """Name of the row: that of its configuration file."""
    seed: int
    budget: str
    folder: Path
    train: tuple[str, ...]
    """The words of the command that trains it."""
    evaluate: tuple[str, ...]
    """The words of the command that judges it; none where it answers no sentence and its validation is its figure."""
    search: tuple[str, ...]
    """The words of the command that judges it with search; none where that is not asked."""
    config: Path
    tasks: tuple[Path, ...]
    """The files of tasks that it is trained and judged on, and those that are kept out of its training."""
    test: Path
    """What is judged."""
    is_chosen_on_test: bool
    """Whether the exported model is the best one on the very tasks that judge it."""
    needs: "Job | None" = None
    """What must be trained before, where the row starts from another one's weights."""

    @property
    def reads(self) -> tuple[Path, ...]:
        """The files that the figures depend on."""
        return (self.config, *self.tasks)

    @property
    def run(self) -> Path:
        """The run folder of the training."""
        return self.folder / "run"

    @property
    def report(self) -> Path:
        """The report of the judging."""
        return self.folder / REPORT

    @property
    def curve(self) -> Path:
        """Accuracy against programs visited, of the judging with search."""
        return self.folder / CURVE

    @property
    def log(self) -> Path:
        """What the commands said."""
        return self.folder / "log.txt"


def parse_override(text: str) -> tuple[str, str]:
    """``data.train=FILE`` as (name, value).

    Raises:
        UserError: it is none.
    """
    name, equals, value = text.partition("=")
    if not equals or not name or name.startswith("-"):
        raise UserError(f"--set {text}: must be NAME=VALUE, such as data.train=tasks.jsonl.gz")
    if name == "seed":
        raise UserError(f"--set {text}: every row is trained with the seeds 1, 2, ...; --seeds says how many")
    if not is_setting(name):
        raise UserError(f"--set {text}: {name} {NO_SETTING}")
    return name, value


def plan(configs: Sequence[Path], conditions: Conditions, folder: Path, read: ReadSettings) -> list[Job]:
    """All jobs of a comparison, row by row.

    Args:
        configs: the configuration file of each row.
        conditions: what holds for every row.
        folder: under which each job has a folder of its own.
        read: reads settings from the words of a training command.

    Raises:
        UserError: two rows have the same name, or a row's settings are wrong.
    """
    check_names(configs)
    return [job for config in configs for job in _jobs_of(config, conditions, folder, read)]


def check_names(configs: Sequence[Path]) -> None:
    """Checks that every row has a name of its own.

    Raises:
        UserError: two have the same.
    """
    name, count = Counter(config.stem for config in configs).most_common(1)[0]
    if count > 1:
        raise UserError(f"{name}: {count} of the rows have this name; a row is called like its file, rename one")


def job_folder(folder: Path, row: str, seed: int) -> Path:
    """Where the job of a row and a seed keeps everything."""
    return folder / row / f"seed-{seed}"


def _jobs_of(config: Path, conditions: Conditions, folder: Path, read: ReadSettings) -> list[Job]:
    """The jobs of one row, each with the job of the same seed that it starts from."""
    common = ["--config", str(config), *_flags(conditions)]
    settings = read(common)
    common += _budget_flags(conditions.amount, settings)
    before = _starts_from(config, settings)
    needed: Sequence[Job | None] = (
        _jobs_of(before, conditions, folder, read) if before else [None] * len(conditions.seeds)
    )
    return [
        _job(config, seed, conditions, job_folder(folder, config.stem, seed), common, settings, needs)
        for seed, needs in zip(conditions.seeds, needed, strict=True)
    ]


def _starts_from(config: Path, settings: RunSettings) -> Path | None:
    """The configuration of the row that this one starts from: beside it, and called like the run that it names."""
    model = settings.pretrained.model
    beside = config.with_name(f"{model.name}.yaml") if model is not None else None
    return beside if beside is not None and beside.is_file() else None


def _job(
    config: Path,
    seed: int,
    conditions: Conditions,
    folder: Path,
    common: Sequence[str],
    settings: RunSettings,
    needs: Job | None,
) -> Job:
    data = settings.data
    test = conditions.test or data.validation
    run = str(folder / "run")
    start = ("--pretrained.model", str(needs.run)) if needs else ()
    is_asked = system_named(settings.system).reading is not NOTHING
    skip = ("--skip-bad",) if conditions.skip_bad else ()
    own = () if settings.system in SYSTEMS else ("--system", settings.system)
    judge = ("evaluate", "--model", run, *own, "--data", str(test), *skip, "--output") if is_asked else ()
    return Job(
        row=config.stem,
        seed=seed,
        budget=conditions.budget,
        folder=folder,
        train=("train", *common, *start, "--seed", str(seed), "--run", run),
        evaluate=(*judge, str(folder / REPORT)) if judge else (),
        search=_search_words(judge, conditions.search, folder) if judge and conditions.search else (),
        config=config,
        tasks=tuple(path for path in (data.train, data.validation, test, *data.exclude) if path is not None),
        test=test,
        is_chosen_on_test=test == data.validation,
        needs=needs,
    )


def _search_words(judge: Sequence[str], search: SearchConditions, folder: Path) -> tuple[str, ...]:
    how = ("--decode", "search", "--budget", str(search.budget), "--best-lists", "--curve", str(folder / CURVE))
    first = () if search.tasks is None else ("--first", str(search.tasks))
    return (*judge, str(folder / "search.json"), *how, *first)


def _flags(conditions: Conditions) -> list[str]:
    """What holds for all rows: the overrides, and that nothing is learned from what is judged."""
    flags = [word for name, value in conditions.overrides for word in (f"--{name}", value)]
    flags += ["--data.skip_bad", "true"] if conditions.skip_bad else []
    return [*flags, "--data.exclude+", str(conditions.test)] if conditions.test else flags


def _budget_flags(budget: Budget, settings: RunSettings) -> list[str]:
    """The settings that give a row its budget, with equally many validations for all and no early end."""
    trainer, data = settings.trainer, settings.data
    flags = ["--trainer.patience", "0"]
    if budget.unit in TIME_UNITS:
        time = f"{budget.amount:g}s" + ("-cpu" if budget.unit == "cpu seconds" else "")
        return [*flags, "--trainer.max_time", time]
    steps = budget.amount
    if budget.unit == "tasks":
        steps /= data.batch_size * trainer.accumulate * (trainer.devices or 1) * (trainer.nodes or 1)
    validations = max(1, min(trainer.validations, int(steps / LEAST_BETWEEN)))
    every = math.ceil(steps / validations)
    last = every * validations
    flags += ["--trainer.max_time", ""] if trainer.max_time else []
    if settings.pretrained.model is not None:  # the same share of the run as in the configuration
        still = round(settings.pretrained.frozen_steps * last / trainer.max_steps)
        flags += ["--pretrained.frozen_steps", str(still)]
    return [*flags, "--trainer.max_steps", str(last), "--trainer.validate_every", str(every)]
