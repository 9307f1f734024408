"""Train and judge many systems under equal budgets, and write one table."""

import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from saps.cli.data.reading import records_to_skip, report_skipped
from saps.cli.settings import Budget, flag
from saps.cli.submitting import Launcher, Sendable, read_sendable, submit
from saps.cli.tracking import check_tracking, track_comparison
from saps.comparison.estimate import what_it_takes
from saps.comparison.jobs import Conditions, Job, SearchConditions, check_names, parse_override, plan
from saps.comparison.otherwise import Said, made_otherwise
from saps.comparison.pages import write_pages
from saps.comparison.paired import all_pairs
from saps.comparison.published import read_published
from saps.comparison.results import Row, read_row
from saps.comparison.running import as_process, check_folder, is_done, is_running, needed_by, run_job
from saps.comparison.searched import plot_rows
from saps.comparison.section import replace_section
from saps.comparison.table import as_json, as_markdown
from saps.errors import UserError
from saps.restricted import Count
from saps.tasks.atomic import check_image, check_outputs, dump_json, make_folder
from saps.tasks.files import read_tasks
from saps.tasks.missing import how_to_get
from saps.training.budget import parse_budget
from saps.training.fit import RunSettings


@dataclass(frozen=True, slots=True)
class Comparing:
    """What ``saps compare`` takes."""

    configs: tuple[Path, ...] = flag(metavar="CONFIG.yaml", positional=True, nargs="+")
    """One row for each file, named after it."""
    seeds: Count = 3
    """How many seeds each row gets: 1, 2, ..."""
    budget: str = "10m"
    """Of each training: 10m (also 90s, 2h; 10m-cpu), 2000steps, or 100000tasks."""
    test: Path | None = None
    """Tasks that judge all rows; by default each row's validation tasks."""
    skip_bad: bool = False
    """Leave bad records of all files of tasks out, and say how many."""
    set: tuple[str, ...] = flag((), metavar="NAME=VALUE")
    """A setting of 'saps train' for all rows; may be repeated."""
    search: Budget | None = flag(None, metavar="N")
    """Also judge each row by a search of N programs."""
    search_tasks: Count | None = flag(None, metavar="N")
    """Search the first N of the tasks alone."""
    folder: Path = Path("runs/compare")
    """Where runs, reports and JSON go."""
    output: Path | None = None
    """A Markdown file in which the marked section is replaced."""
    plot: Path | None = None
    """Where to draw accuracy against programs visited, such as curves.png."""
    report: Path | None = flag(None, metavar="PAGE.html")
    """Where to write a page with figures and paired tests, which leads to a page of every task for each row."""
    track: bool = False
    """Log the table to Weights & Biases as well, as a run of its own; offline unless WANDB_MODE says otherwise."""
    only: str | None = flag(None, metavar="ROW")
    """Run one job, named by its row and --seed, and write no table."""
    table: bool = False
    """Run nothing; write the table of what there is."""
    seed: Count | None = flag(None, metavar="K")
    """The seed of --only."""
    launcher: Launcher = "none"
    """Run each row and seed as a job of its own: local or slurm; then --table puts the results together."""


def parse_arguments(argv: Sequence[str]) -> Sendable[Comparing]:
    """Reads the command line.

    Raises:
        UserError: a flag is unknown or has a wrong value, or two do not go together.
    """
    command = read_sendable("compare", __doc__, Comparing, argv)
    if command.args.table and command.args.only is not None:
        raise UserError("--table and --only do not go together: one runs nothing, the other one job")
    return command


def run(command: Sendable[Comparing]) -> int:
    """Runs what is unfinished and writes the table; 1 where a job is not done, since it failed or has not begun."""
    args = command.args
    check_names(args.configs)
    check_outputs([("output", args.output), ("plot", args.plot), ("report", args.report)], [*args.configs, args.test])
    check_image("plot", args.plot)
    _check_search(args)
    check_tracking(args.track)
    if (args.only is None) != (args.seed is None):
        raise UserError("--only ROW and --seed K name one job together; give both or neither")
    if args.test is not None and not args.test.is_file():
        raise UserError(f"--test {args.test}: no such file; {how_to_get(args.test)}")
    for config in args.configs:
        if not config.is_file():
            raise UserError(f"{config}: no such file; name the configuration of each row")
    if args.table:
        if not args.folder.is_dir():
            raise UserError(f"--folder {args.folder}: no such folder; name that of a comparison")
        return write_table(args, _said(command))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # as Ctrl-C: ends the command that runs
    jobs = plan(args.configs, conditions_of(args), args.folder, settings_of_words)
    if args.only is not None:
        jobs = [_chosen(jobs, args.only, args.seed or 0)]
    _check_tasks(args, jobs)
    make_folder(args.folder)
    if args.launcher != "none":
        return _send(command, jobs)
    if args.only is not None:
        return 0 if run_job(jobs[0], as_process) else 1
    print(what_it_takes(jobs, parse_budget(args.budget, "--budget"), args.budget), flush=True)
    for job in jobs:
        run_job(job, as_process)
    return write_table(args)


def _send(command: Sendable[Comparing], jobs: Sequence[Job]) -> int:
    """One job a row and seed; what a row starts from is trained by whichever job comes first, the others wait."""
    for job in jobs:
        check_folder(job)
    waiting = [job for job in jobs if not is_done(job)]
    running = [job for job in waiting if is_running(job)]
    for job in running:
        print(f"{job.row} seed {job.seed}: another process is at it; not sent again")
    commands = [
        ("compare", *command.words, "--only", job.row, "--seed", str(job.seed)) for job in waiting if job not in running
    ]
    failed = submit(commands, command.args.launcher, command.slurm, "saps-compare", command.args.folder / "jobs")
    print("when all have ended: the same command with --table instead of --launcher and --slurm writes the table")
    return failed


def _check_search(args: Comparing) -> None:
    if args.search_tasks is not None and args.search is None:
        raise UserError(f"--search-tasks {args.search_tasks}: says how many tasks --search N searches; give both")


def _check_tasks(args: Comparing, jobs: Sequence[Job]) -> None:
    """Reads all files of tasks of the rows that are not done, so that a bad record is told before anything is trained.

    Raises:
        UserError: a file is not there, or has a bad record that is not to be left out.
    """
    waiting = [job for job in jobs if not is_done(job)]
    for job in waiting:
        waiting += filter(None, [needed_by(job)])  # which the loop comes to in its turn
    paths = [path for job in waiting for path in job.tasks]
    for path in dict.fromkeys(paths if args.test is None else [args.test, *paths]):
        skipped = records_to_skip(args.skip_bad)
        for _ in read_tasks(path, skipped):
            pass
        report_skipped(skipped)


def conditions_of(args: Comparing) -> Conditions:
    """What holds for every row alike."""
    seeds = tuple(range(1, args.seeds + 1)) if args.seed is None else (args.seed,)
    overrides = tuple(parse_override(text) for text in args.set)
    search = None if args.search is None else SearchConditions(args.search, args.search_tasks)
    return Conditions(
        seeds, args.budget, parse_budget(args.budget, "--budget"), overrides, args.test, search, args.skip_bad
    )


def settings_of_words(words: Sequence[str]) -> RunSettings:
    """The settings that words of ``saps train`` stand for.

    Raises:
        UserError: they are wrong.
    """
    from saps.cli.train import parse_arguments, settings_of  # its parser is slow, and --table does without

    return settings_of(parse_arguments(words))


def _said(command: Sendable[Comparing]) -> Said:
    """What the flags of ``--table`` say of how the rows were made; a budget only where it is given."""
    args = command.args
    is_given = any(word.partition("=")[0] == "--budget" for word in command.words)
    budget = parse_budget(args.budget, "--budget") if is_given else None
    return Said(args.configs, budget, tuple(map(parse_override, args.set)), args.test)


def write_table(args: Comparing, said: Said | None = None) -> int:
    """Prints the table of what there is, and writes it as JSON, and into ``--output``.

    With ``said``, it notes the rows that were made otherwise.
    """
    rows = [read_row(args.folder, config.stem, range(1, args.seeds + 1)) for config in args.configs]
    published = read_published()
    paired = all_pairs(rows)
    text = as_markdown(rows, published, paired, made_otherwise(rows, said, published) if said else ())
    print(f"\n{text}", end="")
    found = as_json(rows, published, paired)
    dump_json(args.folder / "comparison.json", found)
    if args.track:
        track_comparison(found, args.folder)
    if args.output and any(row.results for row in rows):  # else what stands there is better than nothing
        replace_section(args.output, text)
    if args.plot:
        plot_rows(rows, published, args.plot)
    if args.report:
        write_pages(rows, args.folder, args.report, as_process)
        print(f"page: {args.report}")
    return _exit_code(rows)


def _exit_code(rows: Sequence[Row]) -> int:
    return 1 if any(row.problems for row in rows) else 0


def _chosen(jobs: Sequence[Job], row: str, seed: int) -> Job:
    """The job of ``--only``.

    Raises:
        UserError: there is none of that name.
    """
    found = next((job for job in jobs if (job.row, job.seed) == (row, seed)), None)
    if found is None:
        raise UserError(f"--only {row}: no such row; there are: {', '.join(sorted({job.row for job in jobs}))}")
    return found
