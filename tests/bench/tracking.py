"""What watching a training costs, beside the step that is watched."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from types import SimpleNamespace

from torch import nn

from saps.batches.collate import Batch
from saps.models.saps import SAPS
from saps.training.averaging import WeightAverage
from saps.training.csv_tracker import COLUMNS
from saps.training.optimization import OptimizerSettings, make_optimizer
from saps.training.settings import TrackingSettings, TrainerSettings
from saps.training.tracking import make_trackers
from tests.bench.clock import Row, seconds_of

LOOKS = 200  # at the metrics
EVERY = TrainerSettings().log_every


def tracking_rows(system: SAPS, batches: Sequence[Batch]) -> list[Row]:
    """Shares of a training step."""
    step = _step_seconds(system, batches)
    shares = {"average of the weights": _average_seconds(system, batches[0])}
    for mode in ("disabled", "offline"):
        shares["metrics.csv" + " and W&B" * (mode == "offline")] = _look_seconds(mode) / EVERY
    remark = f"of a step of {1000 * step:.0f} ms"
    about = {"average of the weights": remark}
    looked = f"{remark}; {len(COLUMNS)} columns every {EVERY} steps"
    return [Row(f"  {name}", f"{100 * cost / step:.2f} %", about.get(name, looked)) for name, cost in shares.items()]


def _step_seconds(system: SAPS, batches: Sequence[Batch]) -> float:
    optimizer, _ = make_optimizer(system, OptimizerSettings(learning_rate=1e-4), len(batches))

    def step(batch: Batch) -> None:
        optimizer.zero_grad()
        system.loss(batch.texts, batch.schedule).loss.backward()
        nn.utils.clip_grad_norm_(system.parameters(), 2.0)
        optimizer.step()

    return median(seconds_of(lambda batch=batch: step(batch)) for batch in batches[:20])  # type: ignore[misc]


def _average_seconds(system: SAPS, batch: Batch) -> float:
    average = WeightAverage(system, 0.999)
    trainer = SimpleNamespace(global_step=1000, accumulate_grad_batches=1, num_training_batches=1000)
    average.on_train_start(trainer, None)  # type: ignore[arg-type]
    update = lambda: average.on_train_batch_end(trainer, None, None, batch, 0)  # type: ignore[arg-type]  # noqa: E731
    return median(seconds_of(update) for _ in range(50))


def _look_seconds(mode: str) -> float:
    """CPU seconds of this process, with W&B's threads in it; a process of its own writes to the disk."""
    figures = dict.fromkeys(COLUMNS[1:], 0.1234567)
    with tempfile.TemporaryDirectory() as folder:
        trackers = make_trackers(Path(folder), TrackingSettings(mode), {})  # type: ignore[arg-type]

        def look() -> None:
            for number in range(LOOKS):
                for tracker in trackers:
                    tracker.log_metrics(dict(figures), number)

        look()
        seconds = seconds_of(look) / LOOKS
        for tracker in trackers:
            tracker.finalize("success")
    return seconds
