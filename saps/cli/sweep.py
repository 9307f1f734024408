"""Search over settings of trainings: saps sweep FILE; the same command, given again or elsewhere, joins or goes on."""

import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.trial import TrialState

from saps.batches.read_data import check_files
from saps.cli.compare import settings_of_words
from saps.cli.settings import flag
from saps.cli.submitting import Launcher, Sendable, read_sendable, submit
from saps.comparison.running import as_process
from saps.errors import UserError
from saps.restricted import Count
from saps.sweeps.journal import JOURNAL, alone, next_trial, open_study
from saps.sweeps.outcome import BEST, completed, write_outcome
from saps.sweeps.sweep_file import Sweep, check_settings, read_sweep
from saps.sweeps.training import LOG, run_trial
from saps.sweeps.wandb_file import as_yaml
from saps.tasks.atomic import atomic_writer, check_outputs

_HOPELESS = 3  # failures with no success after which the cause is not in the values that were drawn


@dataclass(frozen=True, slots=True)
class Sweeping:
    """What ``saps sweep`` takes."""

    file: Path = flag(metavar="SWEEP.yaml", positional=True)
    """The space, the base configuration, and how many trials (docs/sweeps.md)."""
    folder: Path | None = None
    """Where the journal, the runs and the table go; by default runs/sweeps/NAME."""
    table: bool = False
    """Train nothing; write the table, the best configuration and the plots of what there is."""
    wandb_file: Path | None = None
    """Train nothing; write the sweep as a file that 'wandb sweep' takes."""
    launcher: Launcher = "none"
    """Train in jobs: local or slurm."""
    jobs: Count = 1
    """How many jobs the launcher sends; all join the same journal."""


def parse_arguments(argv: Sequence[str]) -> Sendable[Sweeping]:
    """Reads the command line.

    Raises:
        UserError: a flag is unknown or has a wrong value, or two do not go together.
    """
    command = read_sendable("sweep", __doc__, Sweeping, argv)
    chosen = command.args
    if chosen.jobs > 1 and chosen.launcher == "none":
        raise UserError(f"--jobs {chosen.jobs}: is for a launcher; add --launcher local or --launcher slurm")
    return command


def run(command: Sendable[Sweeping]) -> int:
    """Trains until no trial is left; 1 where none has come to its end."""
    args = command.args
    sweep = read_sweep(args.file)
    check_outputs([("wandb_file", args.wandb_file)], [args.file, sweep.base])
    folder = args.folder or Path("runs/sweeps") / args.file.stem
    if not args.table:
        check_settings(sweep, settings_of_words)
    if args.wandb_file is not None:
        with atomic_writer(args.wandb_file) as file:
            file.write(as_yaml(sweep).encode())
        return 0
    if args.table:
        _check_begun(folder)
    else:
        check_files(settings_of_words(sweep.common).data)
    study = open_study(sweep, folder)
    if args.table:
        return _write(sweep, study, folder)
    if args.launcher != "none":
        words = ["sweep", *command.words, "--jobs", "1"]
        name = f"saps-sweep-{args.file.stem}"
        return submit([words] * args.jobs, args.launcher, command.slurm, name, folder / "jobs", args.jobs)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # as Ctrl-C: ends the training that runs
    _train(sweep, study, folder)
    return _write(sweep, study, folder)


def _check_begun(folder: Path) -> None:
    """Checks that there is a sweep to tell of: a table must begin none in a folder that is something else.

    Raises:
        UserError: there is none.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; name that of a sweep by --folder")
    if not (folder / JOURNAL).is_file():
        raise UserError(f"{folder}: holds no sweep ({JOURNAL} is missing); name that of a sweep by --folder")


def _train(sweep: Sweep, study: optuna.Study, folder: Path) -> None:
    """Trains one trial after another until all are taken or the time is over."""
    started = time.monotonic()
    while sweep.seconds is None or time.monotonic() - started < sweep.seconds:
        claimed = next_trial(sweep, study, folder)
        if claimed is None:
            return
        with claimed.lock:
            print(f"trial {claimed.trial.number}: {_values(claimed.trial)}; {claimed.folder / LOG}", flush=True)
            state = run_trial(sweep, study, claimed, as_process)
        ended = study.trials[claimed.trial.number]
        figure = "" if ended.value is None else f", {sweep.metric} {ended.value:.4f}"
        print(f"trial {ended.number}: {state.name.lower()}{figure}", flush=True)
        _check_hope(study)


def _check_hope(study: optuna.Study) -> None:
    """Ends a sweep whose first trials have all failed.

    Raises:
        UserError: they have.
    """
    ended = [trial for trial in study.get_trials(deepcopy=False) if trial.state.is_finished()]
    problems = [trial.user_attrs["problem"] for trial in ended if "problem" in trial.user_attrs]
    if len(problems) >= _HOPELESS and all(trial.state == TrialState.FAIL for trial in ended):
        raise UserError(f"the first {len(problems)} trials have failed, the last one with {problems[-1]}")


def _values(trial: optuna.Trial) -> str:
    shown = (f"{value:.4g}" if isinstance(value, float) else str(value) for value in trial.params.values())
    return ", ".join(f"{name} {value}" for name, value in zip(trial.params, shown, strict=True))


def _write(sweep: Sweep, study: optuna.Study, folder: Path) -> int:
    with alone(folder):  # several processes may come to their end together
        text = write_outcome(sweep, study, folder)
    print(f"\n{text}", end="")
    if not completed(study.get_trials(deepcopy=False)):
        return 1
    print(f"\nthe best configuration: saps train --config {folder / BEST}")
    return 0
