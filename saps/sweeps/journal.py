"""The journal of a sweep: which trials there are, and whose turn is next.

Any number of processes and machines append to one file, Optuna's journal. A trial belongs to the process that holds the
lock in its folder; the training that it starts holds it too, so that a trial whose lock is free belongs to nobody. Such
a one is marked as failed, and its training is taken up by a new trial with the same values and the same folder.
"""

import fcntl
import json
import os
import socket
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock
from optuna.trial import FrozenTrial, Trial, TrialState

from saps.errors import UserError
from saps.sweeps.space import distributions
from saps.sweeps.sweep_file import Sweep
from saps.tasks.atomic import make_folder

JOURNAL, LOCK, BEAT = "journal.log", "lock", "alive"
CONTINUES, FOLDER, DEATHS, PROBLEM = "continues", "folder", "deaths", "problem"  # what a trial is noted with
SILENCE = 300  # seconds without a sign of life after which another machine's trial is taken for dead
MOST_DEATHS = 3  # after so many a trial is not taken up again
_IDENTITY = "sweep"


class Claimed(NamedTuple):
    """A trial that belongs to this process as long as the file is open."""

    trial: Trial
    folder: Path
    lock: IO[str]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keeps the other processes of a sweep waiting, for a moment."""
    make_folder(folder)
    with (folder / LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def open_study(sweep: Sweep, folder: Path) -> optuna.Study:
    """Joins the journal in a folder, which is begun where there is none.

    Raises:
        UserError: it is that of another sweep, or none.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", ExperimentalWarning)
    path = folder / JOURNAL
    with alone(folder):
        _drop_broken_line(path)
        try:
            study = optuna.create_study(
                storage=JournalStorage(JournalFileBackend(str(path))),
                study_name="sweep",
                direction=sweep.direction,
                pruner=make_pruner(sweep),
                load_if_exists=True,
            )
        except (ValueError, KeyError) as error:
            raise UserError(f"{path}: is no journal ({error}); name another --folder") from None
        identity = json.loads(json.dumps(sweep.identity()))
        known = study.user_attrs.get(_IDENTITY)
        if known is None and not study.trials:
            study.set_user_attr(_IDENTITY, identity)
        elif known != identity:
            raise UserError(f"{path}: belongs to another space ({_difference(known, identity)}); name another --folder")
    return study


def _drop_broken_line(path: Path) -> None:
    """A line that a dying process, or a full disk, has left without its end would make the journal unreadable."""
    if not path.exists() or not path.stat().st_size:
        return
    lock = JournalFileSymlinkLock(str(path))
    lock.acquire()  # nobody writes meanwhile
    try:
        with path.open("rb+") as file:
            text = file.read()
            if not text.endswith(b"\n"):
                file.truncate(text.rfind(b"\n") + 1)
    finally:
        lock.release()


def _difference(known: Any, now: Mapping[str, Any]) -> str:
    """What a journal has otherwise, in a few words."""
    if not isinstance(known, dict):
        return "it was not made by saps sweep"
    for section in ("space", "settings"):
        for name in sorted({*known[section], *now[section]}):
            old, new = known[section].get(name, "not set"), now[section].get(name, "not set")
            if old != new:
                return f"{name} was {old}, and is {new}"
    return (
        f"metric was {known['metric']}"
        if known["metric"] != now["metric"]
        else "its base configuration had another content"
    )


def make_pruner(sweep: Sweep) -> BasePruner:
    """What ends weak trials; it counts validations."""
    if sweep.pruner == "median":
        return MedianPruner(n_startup_trials=sweep.startup_trials, n_warmup_steps=2)
    if sweep.pruner == "halving":
        return SuccessiveHalvingPruner(min_resource=1, reduction_factor=3)
    return NopPruner()


def make_sampler(sweep: Sweep, trials: int) -> BaseSampler:
    """What draws the next trial; with its number in the seed, since two processes must not draw the same."""
    seed = (sweep.seed * 1_000_003 + trials) % 2**32
    if sweep.sampler == "random":
        return RandomSampler(seed)
    return TPESampler(n_startup_trials=sweep.startup_trials, seed=seed, constant_liar=True)


def next_trial(sweep: Sweep, study: optuna.Study, folder: Path) -> Claimed | None:
    """A trial that belongs to this process from now on: one that nobody has any more, or a new one; None if all are."""
    with alone(folder):
        take_back(study, folder)
        trials = study.get_trials(deepcopy=False)
        is_waiting = any(trial.state == TrialState.WAITING for trial in trials)
        if not is_waiting and sweep.trials is not None and len(counted(trials)) >= sweep.trials:
            return None
        study.sampler = make_sampler(sweep, len(trials))
        trial = study.ask(distributions(sweep.space))
        place = folder / folder_of(trial)
        place.mkdir(parents=True, exist_ok=True)
        lock = (place / LOCK).open("a+")
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(socket.gethostname())
        lock.flush()
        (place / BEAT).touch()
        return Claimed(trial, place, lock)


def counted(trials: list[FrozenTrial]) -> list[FrozenTrial]:
    """The trials without those that are continued as others."""
    continued = {trial.user_attrs[CONTINUES] for trial in trials if CONTINUES in trial.user_attrs}
    return [trial for trial in trials if trial.number not in continued]


def folder_of(trial: Trial | FrozenTrial) -> str:
    """The folder of a trial, from that of the sweep; a trial that continues another one has the other's."""
    return str(trial.user_attrs.get(FOLDER, f"trials/{trial.number:04}"))


def give_back(study: optuna.Study, trial: FrozenTrial, deaths: int) -> None:
    """Marks a trial as failed, and lets whoever comes next continue it, unless it has died too often."""
    study.tell(trial.number, state=TrialState.FAIL)
    if deaths < MOST_DEATHS:
        notes = {CONTINUES: trial.number, FOLDER: folder_of(trial), DEATHS: deaths}
        study.enqueue_trial(trial.params, user_attrs=notes)


def take_back(study: optuna.Study, folder: Path) -> None:
    """Gives back the trials of processes that are dead; the caller is ``alone``."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if _is_dead(trial, folder / folder_of(trial), folder):
            give_back(study, trial, trial.user_attrs.get(DEATHS, 0) + 1)


def _is_dead(trial: FrozenTrial, place: Path, folder: Path) -> bool:
    """Whether nobody trains a trial: its lock is free, and if another machine had it, there is no sign of life."""
    try:
        with (place / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = lock.read() == socket.gethostname()
    except BlockingIOError:
        return False
    except FileNotFoundError:  # its process has died within a moment of drawing it; nobody else draws meanwhile
        return True
    return is_ours or _age(place / BEAT, folder) > SILENCE


def _age(path: Path, folder: Path) -> float:
    """Seconds since a file was touched, by the clock of the disk: those of two machines differ."""
    probe = folder / f".clock-{socket.gethostname()}-{os.getpid()}"
    try:
        probe.touch()
        return probe.stat().st_mtime - path.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)
