"""A tiny run on generated tasks, and how to see whether two runs ended alike."""

import csv
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from saps.batches.settings import DataSettings
from saps.generator import generate
from saps.tasks.files import write_tasks
from saps.tasks.hashes import program_hash
from saps.training.csv_tracker import PACE
from saps.training.fit import RunSettings
from saps.training.optimization import OptimizerSettings
from saps.training.settings import TrackingSettings, TrainerSettings

SIZES: dict[str, Any] = {
    "word_embedding": 8,
    "encoder_hidden": 6,
    "encoder_layers": 1,
    "label_embedding": 6,
    "hidden": 10,
    "attention_units": 6,
    "dropout": 0.2,
    "word_dropout": 0.1,
    "max_nodes": 20,
}
OPTIMIZER = OptimizerSettings(learning_rate=0.02, warmup_steps=4)


def write_data(folder: Path, train: int, validation: int) -> tuple[Path, Path]:
    """Files of generated tasks that share no program."""
    judged = list(generate(validation, seed=8))
    write_tasks(folder / "validation.jsonl", judged)
    hashes = {program_hash(task.program) for task in judged}
    write_tasks(folder / "train.jsonl", generate(train, seed=9, exclude=hashes))
    return folder / "train.jsonl", folder / "validation.jsonl"


def tiny_run(train: Path, validation: Path, **trainer: Any) -> RunSettings:
    """Settings under which every epoch has a small last batch and every kind of randomness is on."""
    data = DataSettings(validation, train, batch_size=8, substitution=0.5)
    tracking = TrackingSettings(wandb="disabled")
    return RunSettings(3, data, "SAPS", SIZES, TrainerSettings(**trainer), tracking, optimizer=OPTIMIZER)


def metrics(folder: Path) -> list[dict[str, str]]:
    """The rows of metrics.csv without the time and what depends on it, which is never the same."""
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [{key: value for key, value in row.items() if key not in ("seconds", *PACE)} for row in rows]


def checkpoint(folder: Path) -> dict[str, Any]:
    """The last checkpoint of a run."""
    found: dict[str, Any] = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    return found


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """The weights of the system in the last checkpoint of a run."""
    return {name.removeprefix("system."): value for name, value in checkpoint(folder)["state_dict"].items()}


def assert_same_end(found: Path, expected: Path) -> None:
    """Weights, optimiser and exported model bit for bit."""
    ours, theirs = checkpoint(found), checkpoint(expected)
    assert ours["global_step"] == theirs["global_step"]
    for part in ("state_dict", "optimizer_states", "lr_schedulers"):
        torch.testing.assert_close(ours[part], theirs[part], rtol=0, atol=0)
    exported = [load_file(folder / "model" / "model.safetensors") for folder in (found, expected)]
    torch.testing.assert_close(*exported, rtol=0, atol=0)
