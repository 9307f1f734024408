"""Schedules of the learning rate, and the figure by which the best of a run's validations is chosen."""

import json
import math
from pathlib import Path

import pytest

from saps.batches.data_module import TaskData
from saps.training.fit import fit
from saps.training.optimization import OptimizerSettings, Schedule, stepwise_schedule, timed_schedule
from saps.training.selection import ValidationFigures, selection_of
from tests.training.made import checkpoint, metrics, tiny_run, write_data


@pytest.mark.parametrize(
    ("schedule", "shares"),
    [
        ("linear", [0.5, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]),
        ("cosine", [0.5, 1.0, 1.0, 0.5 + math.sqrt(0.125), 0.5, 0.5 - math.sqrt(0.125), 0.0]),
        ("constant", [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
    ],
)
def test_every_schedule_warms_up_and_then_takes_its_course(schedule: Schedule, shares: list[float]) -> None:
    found = [stepwise_schedule(step, warmup_steps=2, total_steps=6, schedule=schedule) for step in range(7)]
    assert found == pytest.approx(shares)


def test_a_run_of_given_time_follows_the_same_schedules() -> None:
    cosine = [timed_schedule(9, 4, used, "cosine") for used in (0.0, 0.25, 0.5, 1.0, 1.5)]
    assert cosine == pytest.approx([1.0, 0.5 + math.sqrt(0.125), 0.5, 0.0, 0.0])
    assert [timed_schedule(step, 4, 0.9, "constant") for step in (0, 1, 9)] == [0.25, 0.5, 1.0]


def test_a_run_has_the_rates_of_its_schedule(tmp_path: Path) -> None:
    files = write_data(tmp_path, 36, 12)
    settings = tiny_run(*files, max_steps=6, validate_every=6, log_every=1)
    settings = settings._replace(optimizer=OptimizerSettings(0.02, "cosine", warmup_steps=2))
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    fit(settings, TaskData(settings.data, settings.seed), tmp_path / "run", {})
    rates = [float(row["learning_rate"]) for row in metrics(tmp_path / "run") if row["learning_rate"]]
    assert rates == pytest.approx([0.02 * stepwise_schedule(step, 2, 6, "cosine") for step in range(6)])


def test_the_best_validation_is_the_one_with_the_least_loss_where_the_loss_is_chosen(tmp_path: Path) -> None:
    settings = tiny_run(*write_data(tmp_path, 36, 12), max_steps=8, validate_every=1, select="loss", patience=100)
    settings = settings._replace(optimizer=OptimizerSettings(0.2, "constant", warmup_steps=0))  # up and down
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    fit(settings, TaskData(settings.data, settings.seed), tmp_path / "run", {})
    losses = {int(row["step"]): float(row["val_loss"]) for row in metrics(tmp_path / "run") if row["val_loss"]}
    best = min(losses, key=losses.__getitem__)
    assert 1 < best < 8
    notes = json.loads((tmp_path / "run" / "model" / "config.json").read_text())["notes"]
    assert (notes["step"], notes["val_loss"]) == (best, losses[best])
    states = checkpoint(tmp_path / "run")["callbacks"]
    assert states["ExportBest"]["best"] == losses[best]
    named = {name.split("{")[0]: state for name, state in states.items()}
    assert named["BestCheckpoint"]["best_model_score"] == named["Patience"]["best_score"] == losses[best]
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["val_exact_match"] == notes["val_exact_match"]


def test_figures_that_are_equal_are_told_apart_by_the_loss() -> None:
    selection = selection_of("exact_match")
    assert selection.key(ValidationFigures(2.0, 0.1, 0.5)) > selection.key(ValidationFigures(1.0, 0.9, 0.4))
    assert selection.key(ValidationFigures(1.0, 0.1, 0.5)) > selection.key(ValidationFigures(2.0, 0.9, 0.5))
    by_loss = selection_of("loss")
    assert by_loss.key(ValidationFigures(1.0, 0.1, 0.0)) > by_loss.key(ValidationFigures(2.0, 0.9, 0.5))
