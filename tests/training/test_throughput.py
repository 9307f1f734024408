"""How fast a run is, as it says so itself, and the files of its profilers."""

import csv
import gzip
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from saps.batches.collate import Batch
from saps.batches.data_module import TaskData
from saps.models.folder import build_system
from saps.training.csv_tracker import PACE
from saps.training.fit import RunSettings, fit
from saps.training.flops import flops_of, matmul_rate
from saps.training.module import DataModule
from tests.training.made import SIZES, assert_same_end, metrics, tiny_run, write_data

WAIT = 0.02  # seconds that each batch of the slow data takes at least


class SlowData(TaskData):
    """Batches that one has to wait for."""

    def training_batches(self, *arguments: Any) -> "SlowBatches":
        return SlowBatches(super().training_batches(*arguments))


@dataclass
class SlowBatches:
    batches: Iterable[Batch]

    def __iter__(self) -> Iterator[Batch]:
        for batch in self.batches:
            time.sleep(WAIT)
            yield batch


def train(settings: RunSettings, folder: Path, data: type[TaskData] = TaskData) -> list[dict[str, str]]:
    (folder / "checkpoints").mkdir(parents=True)
    fit(settings, data(settings.data, settings.seed), folder, {})
    with (folder / "metrics.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["tasks_per_second"]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_data(tmp_path_factory.mktemp("data"), 36, 12)


def test_a_run_says_how_fast_it_is_and_when_it_ends(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tiny_run(*files, max_steps=12, validate_every=12, log_every=2)
    rows = train(settings, tmp_path / "run", SlowData)
    assert [int(row["step"]) for row in rows] == [2, 4, 6, 8, 10, 12]
    for row in rows:
        found = {name: float(row[name]) for name in PACE}
        assert 0 < found["tasks_per_second"] <= 8 / WAIT
        assert found["nodes_per_second"] > 2 * found["tasks_per_second"]
        assert 0 < found["waiting"] <= 1
        assert 0.05 < found["memory_gb"] < 100
        assert 0 < found["mfu"] < 1
    total = sum(float(row["waiting"]) * 16 / float(row["tasks_per_second"]) for row in rows)
    assert total >= 11 * WAIT
    left = [float(row["remaining_seconds"]) for row in rows]
    assert left[0] > left[-1] == 0
    assert left[2] >= 6 * WAIT
    assert "tasks/s  0:00:00 left" in capsys.readouterr().out


@pytest.mark.parametrize("profiler", ["simple", "torch"])
def test_profilers_write_where_the_time_goes_and_change_nothing(
    profiler: str, files: tuple[Path, Path], tmp_path: Path
) -> None:
    steps = {"max_steps": 8, "validate_every": 8, "log_every": 4}
    train(tiny_run(*files, **steps), tmp_path / "plain")
    train(tiny_run(*files, profiler=profiler, **steps), tmp_path / "watched")
    assert_same_end(tmp_path / "watched", tmp_path / "plain")
    assert metrics(tmp_path / "watched") == metrics(tmp_path / "plain")
    (written,) = (tmp_path / "watched" / "profile").iterdir()
    if profiler == "simple":
        assert "run_training_batch" in written.read_text()
    else:
        with gzip.open(written, "rt") as file:
            names = {event.get("name") for event in json.load(file)["traceEvents"]}
        assert {"aten::mm", "ProfilerStep#5"} <= names


def test_operations_of_an_lstm_are_counted_like_those_of_matrices(files: tuple[Path, Path]) -> None:
    settings = tiny_run(*files)
    data = TaskData(settings.data, 1)
    one, two = (build_system("SAPS", SIZES | {"encoder_layers": layers}, data.vocabularies) for layers in (1, 2))
    batch = next(iter(DataModule(data, one).train_dataloader()))
    rows, words = batch.texts.words.shape
    hidden = SIZES["encoder_hidden"]
    layer = 2 * 3 * 2 * rows * words * 4 * hidden * (2 * hidden + hidden)  # two directions, forward and backward
    latent = 3 * 2 * rows * 2 * hidden * SIZES["hidden"]
    found = [flops_of(system, batch) or 0 for system in (one, two)]
    assert found[1] - found[0] == pytest.approx(layer + latent, rel=0.01)
    assert all(parameter.grad is None for parameter in one.parameters())


def test_a_device_multiplies_more_than_a_million_numbers_a_second() -> None:
    assert matmul_rate(torch.device("cpu"), torch.float32) > 1e6
