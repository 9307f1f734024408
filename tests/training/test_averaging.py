"""An average of the weights: what it is, that the better weights are exported, and that it goes on where it was."""

import json
import shutil
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch
from safetensors.torch import load_file

from saps.batches.data_module import TaskData
from saps.training.averaging import WeightAverage
from saps.training.callbacks import ResumePoint
from saps.training.fit import RunSettings, fit
from saps.training.optimization import OptimizerSettings, Schedule
from tests.training.made import assert_same_end, checkpoint, metrics, tiny_run, weights, write_data

STEPS = {"max_steps": 12, "validate_every": 4, "checkpoint_every": 5, "log_every": 1}
Weights = dict[str, torch.Tensor]


def train(settings: RunSettings, folder: Path) -> None:
    (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    fit(settings, TaskData(settings.data, settings.seed), folder, {})


def average(folder: Path) -> Weights:
    found: Weights = checkpoint(folder)["callbacks"]["WeightAverage"]["weights"]
    return found


def copies(source: dict[str, torch.nn.Parameter] | Weights) -> Weights:
    return {name: weight.detach().clone() for name, weight in source.items()}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_data(tmp_path_factory.mktemp("data"), 36, 12)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_the_average_is_that_of_its_definition_and_learning_goes_on_as_without(
    accumulate: int, files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Weights] = []  # at the start and after each step
    start, save = WeightAverage.on_train_start, ResumePoint.save

    def see_start(one: WeightAverage, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        start(one, trainer, module)
        seen.append(copies(one.weights))

    def see_step(point: ResumePoint, trainer: pl.Trainer) -> None:
        save(point, trainer)
        seen.append(copies(dict(trainer.lightning_module.system.named_parameters())))

    steps = STEPS | {"max_steps": 6, "checkpoint_every": 1, "accumulate": accumulate}
    with monkeypatch.context() as patched:
        patched.setattr(WeightAverage, "on_train_start", see_start)
        patched.setattr(ResumePoint, "save", see_step)
        train(tiny_run(*files, average=0.6, **steps), tmp_path / "averaged")
    train(tiny_run(*files, **steps), tmp_path / "plain")
    torch.testing.assert_close(weights(tmp_path / "averaged"), weights(tmp_path / "plain"), rtol=0, atol=0)
    assert len(seen) == 1 + 6
    expected = seen[0]
    for step, now in enumerate(seen[1:], 1):
        decay = min(0.6, step / (9 + step))
        expected = {name: decay * value + (1 - decay) * now[name] for name, value in expected.items()}
    torch.testing.assert_close(average(tmp_path / "averaged"), expected)


@pytest.mark.parametrize(("rate", "schedule", "is_better"), [(0.02, "linear", False), (0.5, "constant", True)])
def test_the_better_weights_are_exported(
    rate: float, schedule: Schedule, is_better: bool, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """Of weights that get better steadily the last are the best, of weights that are thrown about the average is."""
    settings = tiny_run(*files, average=0.9, max_steps=12, validate_every=12, log_every=1)
    train(settings._replace(optimizer=OptimizerSettings(rate, schedule, warmup_steps=0)), tmp_path / "run")
    (row,) = [row for row in metrics(tmp_path / "run") if row["val_loss"]]
    assert (float(row["val_loss_average"]) < float(row["val_loss_raw"])) == is_better
    assert row["val_loss"] == row["val_loss_average" if is_better else "val_loss_raw"]
    exported = load_file(tmp_path / "run" / "model" / "model.safetensors")
    expected = weights(tmp_path / "run") | (average(tmp_path / "run") if is_better else {})  # some are never learned
    torch.testing.assert_close(exported, expected, rtol=0, atol=0)
    notes = json.loads((tmp_path / "run" / "model" / "config.json").read_text())["notes"]
    assert notes["weights"] == ("average with decay 0.9" if is_better else "raw")


def test_a_resumed_run_goes_on_with_its_average(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, run = tiny_run(*files, average=0.8, **STEPS), tmp_path / "run"
    settings = settings._replace(optimizer=OptimizerSettings(0.02, "cosine", warmup_steps=4))
    save = ResumePoint.save

    def save_and_copy(point: ResumePoint, trainer: pl.Trainer) -> None:
        save(point, trainer)
        shutil.copytree(run, tmp_path / f"{trainer.global_step:02}")

    with monkeypatch.context() as patched:
        patched.setattr(ResumePoint, "save", save_and_copy)
        train(settings, run)
    whole = run.rename(tmp_path / "whole")
    for step in ("05", "08"):  # between validations, and just after one
        (tmp_path / step).rename(run)
        train(settings, run)
        assert_same_end(run, whole)
        torch.testing.assert_close(average(run), average(whole), rtol=0, atol=0)
        assert metrics(run)[-1] == metrics(whole)[-1]
        shutil.rmtree(run)
