"""Runs that are given time: how it is written, counted, shared out, and gone on with."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl

from saps.batches.data_module import TaskData
from saps.errors import UserError
from saps.training import callbacks, clock
from saps.training.budget import Budget, budget_in_words, parse_budget, parse_time
from saps.training.callbacks import ResumePoint, StepSeed
from saps.training.fit import RunSettings, fit
from saps.training.optimization import timed_schedule
from tests.training.made import assert_same_end, checkpoint, metrics, tiny_run, write_data

TICK = 0.25  # seconds that a step takes in these tests


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("10m", Budget(600, "wall seconds")),
        ("90s", Budget(90, "wall seconds")),
        ("0.5h", Budget(1800, "wall seconds")),
        ("10m-cpu", Budget(600, "cpu seconds")),
        ("2000steps", Budget(2000, "steps")),
        ("100000 tasks", Budget(100_000, "tasks")),
        ("300h", Budget(1_080_000, "wall seconds")),
        ("5h-cpu", Budget(18_000, "cpu seconds")),
    ],
)
def test_a_budget_is_read_as_it_is_written(text: str, budget: Budget) -> None:
    assert parse_budget(text, "--budget") == budget


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("96000tasks", "96,000 tasks"),
        ("1steps", "1 step"),
        ("5h", "5 hours"),
        ("300h", "300 hours"),
        ("90s", "1 minute 30 seconds"),
        ("0.5s", "0.5 seconds"),
        ("1h30m-cpu", "1 hour 30 minutes of the processor"),
    ],
)
def test_a_budget_in_words(text: str, words: str) -> None:
    assert budget_in_words(parse_budget(text, "--budget")) == words


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "0s", "0steps", "ten minutes", "10m-gpu", "1.5steps", "nanm"])
def test_what_is_no_budget_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UserError, match=r"--budget .*: is no budget; write 10m, 90s or 2h") as caught:
        parse_budget(text, "--budget")
    assert "\n" not in str(caught.value)


def test_a_time_is_no_number_of_steps() -> None:
    with pytest.raises(UserError, match=r"--trainer\.max_time 5steps: is no time"):
        parse_time("5steps", "--trainer.max_time")


def test_the_rate_falls_with_the_time_to_zero() -> None:
    assert [timed_schedule(step, 4, used) for step, used in ((0, 0.0), (1, 0.1), (3, 0.2))] == [0.25, 0.5, 0.8]
    assert [timed_schedule(9, 4, used) for used in (0.5, 1.0, 1.5)] == [0.5, 0.0, 0.0]
    assert timed_schedule(0, 0, 0.0) == 1.0


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every batch takes ``TICK`` seconds, so that runs of given time are the same each time; gives what has ticked."""
    batches: list[int] = []
    seed = StepSeed.on_train_batch_start

    def seed_and_tick(callback: StepSeed, trainer: Any, module: Any, batch: Any, batch_idx: int) -> None:
        batches.append(batch_idx)
        seed(callback, trainer, module, batch, batch_idx)

    monkeypatch.setattr(StepSeed, "on_train_batch_start", seed_and_tick)
    now = {"wall seconds": TICK, "cpu seconds": TICK / 2}
    monkeypatch.setattr(clock, "_clocks", lambda: {name: len(batches) * tick for name, tick in now.items()})
    return batches


def timed_run(folder: Path, **trainer: Any) -> RunSettings:
    return tiny_run(*write_data(folder, 36, 12), log_every=1, checkpoint_every=3, **trainer)


def train(settings: RunSettings, folder: Path) -> dict[str, Any]:
    (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    fit(settings, TaskData(settings.data, settings.seed), folder, {})
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    return summary


@pytest.mark.parametrize(("max_time", "steps"), [("3s", 12), ("3s-cpu", 24)])
def test_a_run_ends_when_its_time_is_over(max_time: str, steps: int, tmp_path: Path, ticking: list[int]) -> None:
    """The processor's clock goes half as fast."""
    run = tmp_path / "run"
    summary = train(timed_run(tmp_path, max_time=max_time, validations=3), run)
    assert checkpoint(run)["global_step"] == summary["steps"] == steps
    judged = [int(row["step"]) for row in metrics(run) if row["val_exact_match"]]
    assert judged == [steps // 3, 2 * steps // 3, steps]
    assert (run / "model" / "model.safetensors").exists()
    assert summary["training_seconds"] == steps * TICK
    assert summary["training_cpu_seconds"] == steps * TICK / 2


def test_the_learning_rate_falls_with_the_time(tmp_path: Path, ticking: list[int]) -> None:
    train(timed_run(tmp_path, max_time="3s"), tmp_path / "run")
    rates = [float(row["learning_rate"]) / 0.02 for row in metrics(tmp_path / "run") if row["learning_rate"]]
    assert rates[:4] == pytest.approx([0.25, 0.5, 0.75, 1 - 2 / 12])  # the warm-up has 4 steps; the share is a step old
    assert rates[4:] == pytest.approx([1 - step / 12 for step in range(3, 11)])


def test_every_task_that_was_seen_is_counted(tmp_path: Path) -> None:
    summary = train(timed_run(tmp_path, max_steps=7, validate_every=7), tmp_path / "run")
    assert summary["tasks_seen"] == 36 + 8 + 8  # epochs of 4 batches of 8 and one of 4, in any order
    assert summary["training_tasks"] == 36
    measured = summary["tasks_seen"] / summary["tasks_per_second"]
    assert measured == pytest.approx(summary["training_seconds"], abs=0.006)  # which is rounded to a hundredth


def test_a_run_goes_on_with_the_time_that_is_left(
    tmp_path: Path, ticking: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, run = timed_run(tmp_path, max_time="3s", validations=2), tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr(ResumePoint, "on_validation_end", _break_off)
        with pytest.raises(KeyError, match="broken off"):
            train(settings, run)
    assert checkpoint(run)["global_step"] == 3
    summary = train(settings, run)
    assert summary["steps"] == 12
    assert [int(row["step"]) for row in metrics(run) if row["train_loss"]] == list(range(1, 13))


@pytest.mark.parametrize("validations", [2, 3, 4])
def test_every_resume_point_of_a_run_of_given_time_leads_to_the_same_end(
    validations: int, tmp_path: Path, ticking: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty steps in epochs of five, validated at their ends, within them, or both."""
    settings, run, copies = timed_run(tmp_path, max_time="5s", validations=validations), tmp_path / "run", []
    save = ResumePoint.save

    def save_and_copy(point: ResumePoint, trainer: Any) -> None:
        save(point, trainer)
        copies.append(shutil.copytree(run, tmp_path / f"{trainer.global_step:02}"))

    with monkeypatch.context() as patched:
        patched.setattr(ResumePoint, "save", save_and_copy)
        train(settings, run)
    whole = run.rename(tmp_path / "whole")
    assert len(copies) >= 8
    for copy in copies:
        copy.rename(run)
        train(settings, run)
        assert_same_end(run, whole)
        resumed_at = int(copy.name)  # whose own line a kill at this moment loses
        assert [row for row in metrics(run) if int(row["step"]) != resumed_at] == [
            row for row in metrics(whole) if int(row["step"]) != resumed_at
        ]
        shutil.rmtree(run)


@pytest.mark.parametrize("written", ["save_checkpoint", "export_model"])
def test_what_is_written_is_not_paid_from_the_time(
    written: str, tmp_path: Path, ticking: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each checkpoint, or each exported model, takes as long as 40 steps; some of either are written within the run."""
    place = pl.Trainer if written == "save_checkpoint" else callbacks
    write = getattr(place, written)

    def write_slowly(*args: Any, **kwargs: Any) -> None:
        ticking.extend([0] * 40)
        write(*args, **kwargs)

    monkeypatch.setattr(place, written, write_slowly)
    summary = train(timed_run(tmp_path, max_time="3s", validations=3), tmp_path / "run")
    assert len(ticking) >= 12 + 40
    assert summary["steps"] == 12
    assert summary["training_seconds"] == 12 * TICK


def test_a_run_whose_time_is_over_learns_no_more(tmp_path: Path, ticking: list[int]) -> None:
    settings, run = timed_run(tmp_path, max_time="2s"), tmp_path / "run"
    first = train(settings, run)
    (run / "summary.json").unlink()  # as if it had been killed just before it
    assert train(settings, run)["steps"] == first["steps"] == checkpoint(run)["global_step"]


def _break_off(*_: object) -> None:
    raise KeyError("broken off")
