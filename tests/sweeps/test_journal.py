"""Processes that share a journal, die, are pruned, or come with another space."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from optuna.trial import TrialState

from saps.errors import UserError
from saps.sweeps import journal
from saps.sweeps.journal import next_trial, open_study
from saps.sweeps.outcome import as_markdown, best_of, write_outcome
from saps.sweeps.sweep_file import read_sweep
from saps.sweeps.training import run_trial, validations
from tests.sweeps.made import begin_and_wait, make_sweep, work, write_validations

PROCESSES = multiprocessing.get_context("fork")


def test_two_processes_share_the_trials(tmp_path: Path) -> None:
    sweep = make_sweep(tmp_path, trials=7)
    both = [PROCESSES.Process(target=work, args=(tmp_path, 0.02)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
        assert process.exitcode == 0
    trials = open_study(sweep, tmp_path).trials
    assert [trial.number for trial in trials] == list(range(7))
    assert {trial.state for trial in trials} == {TrialState.COMPLETE}
    assert len({trial.params["rate"] for trial in trials}) == 7
    assert all(trial.value == trial.params["rate"] for trial in trials)


def test_a_killed_trial_is_taken_up_where_it_was(tmp_path: Path) -> None:
    sweep = make_sweep(tmp_path, trials=2)
    process = PROCESSES.Process(target=begin_and_wait, args=(tmp_path,))
    process.start()
    while not (tmp_path / "begun").exists():
        time.sleep(0.01)
    study = open_study(sweep, tmp_path)
    other = next_trial(sweep, study, tmp_path)  # it lives: its trial is left to it
    assert other
    assert other.trial.number == 1
    assert next_trial(sweep, study, tmp_path) is None
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join(60)
    taken = next_trial(sweep, study, tmp_path)
    assert taken
    assert taken.folder == tmp_path / "trials" / "0000"
    asked: list[Sequence[str]] = []

    def resumed(words: Sequence[str], log: Path, lock: int, is_enough: Callable[[], bool]) -> int:
        asked.append(words)
        write_validations(log.parent / "run", 0.1, 0.2)
        return 0

    run_trial(sweep, study, taken, resumed)
    assert asked == [["train", "--resume", str(taken.folder / "run")]]
    first, _, third = study.trials
    assert (first.state, third.state, third.value) == (TrialState.FAIL, TrialState.COMPLETE, 0.2)
    assert first.params == third.params
    assert "broken off; continued as 2" in as_markdown(sweep, study.trials, {})
    assert next_trial(sweep, study, tmp_path) is None  # the two count as one


def test_a_trial_of_another_machine_is_left_until_it_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make_sweep(tmp_path, trials=1)
    study = open_study(sweep, tmp_path)
    claimed = next_trial(sweep, study, tmp_path)
    assert claimed
    claimed.lock.close()  # a machine whose locks are not seen here
    monkeypatch.setattr(journal.socket, "gethostname", lambda: "another")
    assert next_trial(sweep, study, tmp_path) is None
    old = time.time() - journal.SILENCE - 60
    os.utime(claimed.folder / journal.BEAT, (old, old))
    assert next_trial(sweep, study, tmp_path)


def test_a_trial_that_dies_each_time_is_left(tmp_path: Path) -> None:
    sweep = make_sweep(tmp_path, trials=1)
    study = open_study(sweep, tmp_path)
    for _ in range(journal.MOST_DEATHS):
        claimed = next_trial(sweep, study, tmp_path)
        assert claimed
        claimed.lock.close()
    assert next_trial(sweep, study, tmp_path) is None
    assert len(study.trials) == journal.MOST_DEATHS


def test_a_process_that_is_told_to_stop_gives_its_trial_back(tmp_path: Path) -> None:
    sweep = make_sweep(tmp_path, trials=1)
    study = open_study(sweep, tmp_path)
    claimed = next_trial(sweep, study, tmp_path)
    assert claimed

    def stopped(words: Sequence[str], log: Path, lock: int, is_enough: Callable[[], bool]) -> int:
        raise SystemExit(143)

    with claimed.lock, pytest.raises(SystemExit):
        run_trial(sweep, study, claimed, stopped)
    assert [trial.state for trial in study.trials] == [TrialState.FAIL, TrialState.WAITING]
    again = next_trial(sweep, study, tmp_path)
    assert again
    assert again.folder == claimed.folder


def test_a_weak_trial_is_told_to_stop(tmp_path: Path) -> None:
    sweep = make_sweep(tmp_path, trials=4)
    work(tmp_path)
    sweep = make_sweep(tmp_path, trials=5)
    study = open_study(sweep, tmp_path)
    claimed = next_trial(sweep, study, tmp_path)
    assert claimed
    looks: list[bool] = []

    def weak(words: Sequence[str], log: Path, lock: int, is_enough: Callable[[], bool]) -> int:
        for count in (1, 2):
            write_validations(log.parent / "run", *[0.0] * count)
            looks.append(is_enough())
        return 143

    assert run_trial(sweep, study, claimed, weak) == TrialState.PRUNED
    assert looks == [False, True]
    assert "| pruned |" in as_markdown(sweep, study.trials, {})


@pytest.mark.parametrize("line", [b"1,0.5,many\n", b"1,0.5,\xff\n", b"1,0.5," + b"1" * 200_000 + b"\n"])
def test_validations_that_are_no_numbers_are_told_in_one_line(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(b"step,train_loss,val_exact_match\n" + line)
    with pytest.raises(UserError, match=r"metrics\.csv: is broken \(.*\); mend or remove it, then"):
        validations(path, "val_exact_match")


def test_a_training_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    sweep = make_sweep(tmp_path, trials=1)
    study = open_study(sweep, tmp_path)
    claimed = next_trial(sweep, study, tmp_path)
    assert claimed

    def failing(words: Sequence[str], log: Path, lock: int, is_enough: Callable[[], bool]) -> int:
        log.write_text("step 1\nsaps: error: too large for this machine\n")
        return 2

    assert run_trial(sweep, study, claimed, failing) == TrialState.FAIL
    assert "failed: exit code 2: saps: error: too large" in as_markdown(sweep, study.trials, {})
    assert best_of(sweep, study.trials) is None


def test_a_journal_of_another_space_is_refused(tmp_path: Path) -> None:
    work(tmp_path)
    path = make_sweep(tmp_path).path
    with pytest.raises(UserError, match=r"another space .metric was val_exact_match"):
        open_study(make_sweep(tmp_path, extra="metric: val_loss\n"), tmp_path)
    path.write_text(path.read_text().replace("metric: val_loss", "").replace("max: 1.0", "max: 2.0"))
    with pytest.raises(UserError, match=r"another space .rate was FloatDistribution"):
        open_study(read_sweep(path), tmp_path)
    make_sweep(tmp_path)
    (tmp_path / "base.yaml").write_text("seed: 2\n")
    with pytest.raises(UserError, match="its base configuration had another content"):
        open_study(read_sweep(path), tmp_path)


def test_a_line_that_a_dying_process_has_left_unfinished_harms_nothing(tmp_path: Path) -> None:
    work(tmp_path)
    with (tmp_path / journal.JOURNAL).open("a") as file:
        file.write('{"op_code": 4, "tri')
    assert len(open_study(make_sweep(tmp_path), tmp_path).trials) == 6


def test_what_came_of_it_is_written(tmp_path: Path) -> None:
    work(tmp_path)
    sweep = make_sweep(tmp_path)
    text = write_outcome(sweep, open_study(sweep, tmp_path), tmp_path)
    assert "6 trials trained to the end, 0 pruned, 0 others. Importance: rate " in text
    figures = [float(line.split("|")[4]) for line in text.splitlines()[4:]]
    assert figures == sorted(figures, reverse=True)
    for name in ("importance.png", "progress.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
