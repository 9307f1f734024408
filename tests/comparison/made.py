"""Jobs whose commands leave files behind in no time, as training and judging would."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saps.batches.settings import DataSettings
from saps.comparison.jobs import Conditions, Job, SearchConditions, plan
from saps.models.folder import weights_hash
from saps.training.budget import parse_budget
from saps.training.fit import RunSettings
from saps.training.settings import PretrainedSettings, TrackingSettings, TrainerSettings

TEST = Path("test.jsonl")


def read_settings(words: Sequence[str]) -> RunSettings:
    """The settings of a row that says little of its own: ``started`` starts from ``autoencoder``."""
    data = DataSettings(train=Path("train.jsonl"), validation=Path("validation.jsonl"), batch_size=8)
    trainer = TrainerSettings(max_steps=1000, validations=4, accumulate=2)
    row = Path(words[words.index("--config") + 1]).stem
    system = "TreeAutoencoder" if row == "autoencoder" else "SAPS"
    started = PretrainedSettings(Path("runs/autoencoder"), frozen_steps=100) if row == "started" else None
    return RunSettings(1, data, system, {}, trainer, TrackingSettings(), started or PretrainedSettings())


def make_jobs(
    folder: Path,
    *rows: str,
    seeds: int = 1,
    budget: str = "10m",
    test: Path | None = TEST,
    search: SearchConditions | None = None,
) -> list[Job]:
    """The jobs of rows that are called so."""
    overrides = (("data.train", "mine.jsonl"),)
    amount = parse_budget(budget, "--budget")
    conditions = Conditions(tuple(range(1, seeds + 1)), budget, amount, overrides, test, search)
    return plan([Path(f"{row}.yaml") for row in rows], conditions, folder, read_settings)


class Commands:
    """Runs no command, but leaves what it would leave; an ``Execute`` that remembers what it was asked.

    Args:
        exact: the exact match of each row and seed.
        failing: the rows whose training fails.
        killed: after so many commands the power goes, in the middle of the next one.
    """

    def __init__(
        self, exact: dict[tuple[str, int], float] | None = None, failing: Sequence[str] = (), killed: int = 1000
    ) -> None:
        self.exact, self.failing, self.killed = exact or {}, failing, killed
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, words: Sequence[str], log: Path, lock: int) -> int:
        """Writes the files of the command."""
        self.asked.append(tuple(words))
        run = log.parent / "run"
        row = log.parent.parent.name
        if words[0] == "train":
            run.mkdir(exist_ok=True)
            (run / "config.yaml").write_text("")
            if len(self.asked) > self.killed:
                raise KeyboardInterrupt
            if row in self.failing:
                log.write_text("step 1\nsaps: error: too large for this machine\n\n")
                return 2
            (run / "model").mkdir(exist_ok=True)
            (run / "model" / "model.safetensors").write_bytes(b"weights")
            _write(run / "summary.json", summary())
            _write(run / "versions.json", {"commit": "0123456789abcdef with changes", "platform": "Linux"})
        else:
            seed = int(log.parent.name.removeprefix("seed-"))
            exact = self.exact.get((row, seed), 0.5)
            if "--curve" in words:
                _write(log.parent / "curve.json", curve(exact) | {"weights": weights_hash(run)})
            else:
                _write(log.parent / "evaluation.json", report(exact) | {"weights": weights_hash(run)})
        return 0


def summary() -> dict[str, Any]:
    """What a training took."""
    return {
        "steps": 100,
        "val_exact_match": 0.25,
        "trainable_parameters": 5_617_067,
        "training_tasks": 700,
        "tasks_seen": 24_000,
        "training_seconds": 600.0,
        "training_cpu_seconds": 480.0,
    }


def report(exact: float) -> dict[str, Any]:
    """How a training was judged."""
    metrics = ("exact match", "execution accuracy", "execution accuracy, clean tasks", "not parsed")
    return {
        "data": "test.jsonl",
        "tasks": 50,
        "rules": {"tests": "all tests of each task"},
        "overall": {name: {"share": exact, "count": round(50 * exact), "of": 50} for name in metrics},
        "per_program": {name: {"mean": exact / 2, "programs": 20} for name in metrics},
    }


def curve(first: float) -> dict[str, Any]:
    """Accuracy against programs visited: ``first`` at first, all from the tenth program on."""
    lists = {"1": first, "10": 1.0}
    return {"tasks": 20, "visited": [first] * 9 + [1.0] * 3, "run": [first] * 12, "best_lists": lists}


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value))
