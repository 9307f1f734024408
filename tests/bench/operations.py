"""What a GPU would have to launch for a training step, counted on the CPU, and how fast batches are made for it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from saps.batches.collate import Batch, collate
from saps.batches.numericalise import numericalise_task
from saps.generator.streams import make_stream
from saps.generator.switches import Switches
from saps.generator.tasks import TRAINING
from saps.models.saps import SAPS
from saps.tasks.task import Task
from saps.training.optimization import OptimizerSettings, make_optimizer
from tests.bench.clock import Row, seconds_of
from tests.bench.network import EXPERIMENT, batches_of, system_of

BATCH = 64
FEED = 100  # batches that are drawn and collated
BEST = EXPERIMENT.parent / "best" / "saps.yaml"
_NOTHING = ("detach", "empty", "empty_like", "empty_strided", "_unsafe_view", "record_function")


class Launches(TorchDispatchMode):
    """Counts operations that compute: views and new memory are none, nor are those of torch's own LSTM."""

    count = 0

    def __torch_dispatch__(self, op: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = op.overloadpacket.__name__
        self.count += not (op.is_view or "rnn_layer" in name or any(name.endswith(other) for other in _NOTHING))
        return op(*args, **(kwargs or {}))


def launches_per_step(system: SAPS, batches: Sequence[Batch]) -> float:
    """Operations of a whole training step, the mean of some batches after the first."""
    optimizer, _ = make_optimizer(system, OptimizerSettings(), len(batches))
    system.train()
    with Launches() as counted:
        for number, batch in enumerate(batches):
            if number == 1:  # the first one makes the state of the optimiser
                counted.count = 0
            system.loss(batch.texts, batch.schedule).loss.backward()
            nn.utils.clip_grad_norm_(system.parameters(), 2.0)
            optimizer.step()
            optimizer.zero_grad()
    return counted.count / (len(batches) - 1)


def operations_rows(tasks: Sequence[Task]) -> list[Row]:
    """Operations a step by the parent feed, and the rate at which fresh tasks become batches."""
    rows = [
        Row(
            f"operations a step, {path.parent.name}/{path.name}",
            f"{_launches(path, tasks):.0f}",
            "without the encoder's LSTM",
        )
        for path in (BEST, EXPERIMENT)
    ]
    return [*rows, _feeding(system_of(EXPERIMENT, tasks))]


def _launches(path: Path, tasks: Sequence[Task]) -> float:
    system = system_of(path, tasks)
    return launches_per_step(system, batches_of(system, tasks, BATCH)[:11])


def _feeding(system: SAPS) -> Row:
    stream = make_stream(1, Switches(tests=0), TRAINING)
    stream.tasks(0)  # reads the templates

    def feed() -> None:
        for start in range(0, FEED * BATCH, BATCH):
            tasks = [stream.tasks(index)[0] for index in range(start, start + BATCH)]
            collate([numericalise_task(task, system.vocabularies) for task in tasks], system.schedule)

    rate = FEED * BATCH / seconds_of(feed)
    return Row("feeding: drawn and collated", f"{rate:,.0f}", "tasks per CPU-second, published register")
