"""A sweep whose trainings take no time: what a training would leave behind, by a formula of its values."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from saps.sweeps.journal import next_trial, open_study
from saps.sweeps.sweep_file import Sweep, read_sweep
from saps.sweeps.training import run_trial

SWEEP = """\
base: base.yaml
space:
  rate: {min: 0.001, max: 1.0, log: true}
  size: {choices: [1, 2]}
trials: TRIALS
startup_trials: 3
"""


def make_sweep(folder: Path, trials: int = 6, extra: str = "") -> Sweep:
    """A sweep beside a base configuration in a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "base.yaml").write_text("seed: 1\n")
    path = folder / "sweep.yaml"
    path.write_text(SWEEP.replace("TRIALS", str(trials)) + extra)
    return read_sweep(path)


def value_of(words: Sequence[str], name: str) -> float:
    """The value of a setting among the words of a command."""
    return float(words[words.index(f"--{name}") + 1])


def write_validations(run: Path, *values: float) -> None:
    """The metrics of a run."""
    run.mkdir(parents=True, exist_ok=True)
    (run / "config.yaml").write_text("seed: 1\n")
    lines = [f"{step},0.5,{value}\n" for step, value in enumerate(values, 1)]
    (run / "metrics.csv").write_text("".join(["step,train_loss,val_exact_match\n", "1,0.9,\n", *lines]))


def quick(words: Sequence[str], log: Path, lock: int, is_enough: Callable[[], bool]) -> int:
    """A training of two validations, the better the nearer the rate is to 1."""
    run, rate = log.parent / "run", value_of(words, "rate")
    write_validations(run, rate / 2, rate)
    return 0


def work(folder: Path, pause: float = 0.0) -> None:
    """What one process of a sweep does."""
    sweep = make_sweep(folder) if not (folder / "sweep.yaml").exists() else read_sweep(folder / "sweep.yaml")
    study = open_study(sweep, folder)
    while claimed := next_trial(sweep, study, folder):
        with claimed.lock:
            time.sleep(pause)
            run_trial(sweep, study, claimed, quick)


def begin_and_wait(folder: Path) -> None:
    """A process that begins a trial and is then killed."""
    sweep = read_sweep(folder / "sweep.yaml")
    claimed = next_trial(sweep, open_study(sweep, folder), folder)
    assert claimed
    write_validations(claimed.folder / "run", 0.1)
    (folder / "begun").touch()
    time.sleep(60)
