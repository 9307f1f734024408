"""What a GPU would have to launch for a training step, counted on the CPU, and how fast batches are made for it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Self
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from saps.batches.collate import Batch, Collate, collate, collator
from saps.batches.endless import FreshWindows
from saps.batches.numericalise import numericalise_task
from saps.batches.sampler import SAMPLED, Order, node_order, shape_order
from saps.generator.streams import make_stream
from saps.generator.switches import Switches
from saps.generator.tasks import TRAINING
from saps.generator.vocabulary import vocabularies_of_library
from saps.models.saps import SAPS
from saps.nn.padding import rows_of, shape_of
from saps.tasks.task import Task
from saps.training.optimization import OptimizerSettings, make_optimizer
from tests.bench.clock import Row, seconds_of
from tests.bench.network import EXPERIMENT, batches_of, system_of

BATCH = 64
SHAPES, JUDGED = 16, 6  # shapes, and windows of batches that are padded to them
FEED = 100  # batches that are drawn and collated
STATE = ("--model.init_args.parent_feed", "state")
BEST = EXPERIMENT.parent / "best" / "saps.yaml"
_NOTHING = ("detach", "empty", "_unsafe_view", "record_function")


class Launches(TorchDispatchMode):
    """Counts operations that compute: views and new memory are none.

    A call of torch's LSTM is one operation, and so is its derivative, as cuDNN has it; so is dropout.
    """

    count = 0
    is_paused = False

    def __torch_dispatch__(self, op: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = op.overloadpacket.__name__
        self.count += not (self.is_paused or op.is_view or any(other in name for other in _NOTHING))
        return op(*args, **(kwargs or {}))

    def __enter__(self) -> Self:
        self._patches = ExitStack()
        self._patches.enter_context(patch("torch.lstm", self._lstm(torch.lstm)))
        self._patches.enter_context(patch("torch.nn.functional.dropout", _dropout))
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._patches.close()

    @contextmanager
    def as_one(self) -> Iterator[None]:
        """What happens within it is one operation."""
        self.is_paused = True
        yield
        self.is_paused = False
        self.count += 1

    def _lstm(self, lstm: Callable[..., Any]) -> Callable[..., Any]:
        def counted(inputs: Tensor, states: tuple[Tensor, Tensor], weights: list[Tensor], *how: Any) -> Any:
            def call(inputs: Tensor, y: Tensor, c: Tensor, *weights: Tensor) -> Any:
                return lstm(inputs, (y, c), weights, *how)

            return _AsOne.apply(self, call, inputs, *states, *weights)

        return counted


class _AsOne(torch.autograd.Function):
    """A call and its derivative, each one operation for a counter."""

    @staticmethod
    def forward(ctx: Any, counter: Launches, call: Callable[..., Any], *inputs: Tensor) -> Any:
        with counter.as_one(), torch.enable_grad():
            ctx.inputs = [tensor.detach().requires_grad_(tensor.requires_grad) for tensor in inputs]
            ctx.counter, ctx.outputs = counter, call(*ctx.inputs)
            ctx.set_materialize_grads(False)
            return tuple(output.detach() for output in ctx.outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        with ctx.counter.as_one():
            wanted = [tensor for tensor in ctx.inputs if tensor.requires_grad]
            reached = [(o, g) for o, g in zip(ctx.outputs, gradients, strict=True) if g is not None]
            found = iter(torch.autograd.grad([o for o, _ in reached], wanted, [g for _, g in reached]))
            return None, None, *(next(found) if tensor.requires_grad else None for tensor in ctx.inputs)


def _dropout(x: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    return torch.native_dropout(x, p, training)[0] if training else x


def in_one_call(system: SAPS) -> SAPS:
    """The system as an accelerator computes it; batches made from now on are for that."""
    system.encoder.one_call = system.decoder.one_call = True
    return system


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
    systems = {
        "best/saps.yaml": system_of(BEST, tasks),
        "saps_vh_att.yaml": system_of(EXPERIMENT, tasks),
        "saps_vh_att.yaml, parent feed state": system_of(EXPERIMENT, tasks, *STATE),
    }
    rows = []
    for name, system in systems.items():
        count = launches_per_step(in_one_call(system), batches_of(system, tasks, BATCH)[:11])
        rows.append(Row(f"operations a step, {name}", f"{count:.0f}", "as on an accelerator"))
    by_calls = systems["saps_vh_att.yaml"]
    return [*rows, _padding(by_calls), _feeding(by_calls)]


def _padding(system: SAPS) -> Row:
    """What it costs that batches have few shapes, judged by those after the ones for which the shapes were made."""
    stream = make_stream(1, Switches(tests=0), TRAINING)
    windows = FreshWindows(stream, vocabularies_of_library(stream.library, stream.switches, system.reading), BATCH)
    later = range(SAMPLED, SAMPLED + JUDGED)

    def rows(make: Collate, order: Order) -> int:
        windows.order = order
        batches = (make(tasks) for window in later for tasks in windows[window])
        return int(rows_of(np.array([shape_of(batch.texts, batch.schedule) for batch in batches])).sum())

    windows.order = node_order
    plain = collator(system.schedule, 0, ())
    in_shapes = collator(system.schedule, SHAPES, [tasks for window in range(SAMPLED) for tasks in windows[window]])
    found, same_order = rows(in_shapes, node_order), rows(plain, node_order)
    more = 100 * (found / rows(plain, shape_order) - 1)
    remark = f"more rows than batches of their own shapes, and {100 * (found / same_order - 1):.0f} % in the same order"
    return Row(f"padding to {SHAPES} shapes", f"{more:.1f} %", remark)


def _feeding(system: SAPS) -> Row:
    stream = make_stream(1, Switches(tests=0), TRAINING)
    stream.tasks(0)  # reads the templates

    def feed() -> None:
        for start in range(0, FEED * BATCH, BATCH):
            tasks = [stream.tasks(index)[0] for index in range(start, start + BATCH)]
            collate([numericalise_task(task, system.vocabularies) for task in tasks], system.schedule)

    rate = FEED * BATCH / seconds_of(feed)
    return Row(
        "feeding: drawn and collated", f"{rate:,.0f}", "tasks per CPU-second, published register, for an accelerator"
    )
