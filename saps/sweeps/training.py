"""One trial: a `saps train` process in a folder of its own, watched by its validations."""

import csv
import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import optuna
from optuna.trial import Trial, TrialState

from saps.errors import UserError
from saps.sweeps.journal import BEAT, DEATHS, PROBLEM, Claimed, alone, give_back
from saps.sweeps.sweep_file import Sweep, flags
from saps.tasks.logs import last_line_of
from saps.training.run_folder import CONFIG, METRICS, SUMMARY

RUN, LOG = "run", "log.txt"


class Train(Protocol):
    """Runs the words of a ``saps`` command, what it says going to the end of a log, and gives its exit code."""

    def __call__(self, words: Sequence[str], log: Path, lock: int, is_enough: Callable[[], bool]) -> int:
        """``lock`` is the open file that says that the trial is being trained; ``is_enough`` is asked now and then."""


class Watch:
    """Reports the validations of a run to its trial, and says when the run is to end since it is weak."""

    def __init__(self, trial: Trial, metric: str, folder: Path) -> None:
        self.trial, self.metric, self.folder = trial, metric, folder
        self.values: list[float] = []
        self.is_pruned = False

    def __call__(self) -> bool:
        """Looks at ``metrics.csv``; each look is a sign of life."""
        (self.folder / BEAT).touch()
        found = validations(self.folder / RUN / METRICS, self.metric)
        fresh = found[len(self.values) :]
        for number, value in enumerate(fresh, len(self.values) + 1):
            if math.isfinite(value):
                self.trial.report(value, number)
        self.values += fresh
        self.is_pruned = self.is_pruned or (bool(fresh) and bool(self.trial.should_prune()))
        return self.is_pruned

    def best(self, direction: str) -> float | None:
        """The best validation; None where there was none that is a number."""
        known = [value for value in self.values if math.isfinite(value)]
        choose = max if direction == "maximize" else min
        return choose(known) if known else None


def validations(path: Path, metric: str) -> list[float]:
    """A metric of all validations that a run has written so far.

    Raises:
        UserError: the file holds something else than numbers.
    """
    try:
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]  # the last line may be half written
        return [float(row[metric]) for row in csv.DictReader(io.StringIO(whole)) if row.get(metric)]
    except FileNotFoundError:
        return []
    except (ValueError, csv.Error) as error:
        raise UserError(f"{path}: is broken ({error}); mend or remove it, then give the same command again") from None


def training_words(sweep: Sweep, claimed: Claimed) -> list[str]:
    """The command that trains a trial, or resumes what an earlier process has begun."""
    run = claimed.folder / RUN
    if (run / CONFIG).exists():
        return ["train", "--resume", str(run)]
    return ["train", *sweep.common, *flags(claimed.trial.params), "--run", str(run)]


def run_trial(sweep: Sweep, study: optuna.Study, claimed: Claimed, train: Train) -> TrialState:
    """Trains a trial to its end and tells the journal how it went.

    A process that is told to stop gives the trial back, with its checkpoint, and ends by the exception that told it.
    """
    trial, folder = claimed.trial, claimed.folder
    watch = Watch(trial, sweep.metric, folder)
    is_trained = (folder / RUN / SUMMARY).exists()  # its process has died before it could say so
    try:
        code = 0 if is_trained else train(training_words(sweep, claimed), folder / LOG, claimed.lock.fileno(), watch)
    except (SystemExit, KeyboardInterrupt):
        with alone(folder.parent.parent):
            frozen = next(one for one in study.get_trials(deepcopy=False) if one.number == trial.number)
            give_back(study, frozen, trial.user_attrs.get(DEATHS, 0))
        raise
    finally:
        (folder / BEAT).touch()
    was_pruned = watch.is_pruned
    watch()
    value = watch.best(sweep.direction)
    if code == 0 and value is not None:
        study.tell(trial, value)
        return TrialState.COMPLETE
    if was_pruned:
        study.tell(trial, state=TrialState.PRUNED)
        return TrialState.PRUNED
    problem = f"exit code {code}: {last_line_of(folder / LOG)}" if code else f"no validation with a {sweep.metric}"
    trial.set_user_attr(PROBLEM, problem)
    study.tell(trial, state=TrialState.FAIL)
    return TrialState.FAIL
