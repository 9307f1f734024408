"""Unlimited generated tasks: batches that are drawn while a system trains, the same whoever draws them.

A window is as many batches as are sorted by shape together. Its tasks are the next numbers of the generator's stream,
so window w is a function of the stream and w alone: any process can draw it, and a resumed run goes on in its middle.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from torch.utils.data import DataLoader, Dataset, Sampler

from saps.batches.collate import Batch, Collate, MakeSchedule, collator
from saps.batches.data_module import TaskData
from saps.batches.numericalise import NumericalTask, numericalise_task
from saps.batches.sampler import SAMPLED, WINDOW, Order, order_for, shape_order
from saps.batches.workers import worker_settings
from saps.generator.streams import make_stream
from saps.generator.switches import Switches
from saps.generator.tasks import TRAINING, Stream
from saps.generator.vocabulary import vocabularies_of_library
from saps.tasks.hashes import program_hash
from saps.tasks.query import TEXT, Reading
from saps.tasks.vocabulary import Vocabularies

Window = list[list[NumericalTask]]


class GeneratedData(TaskData):
    """``TaskData`` that learns from generated tasks without end."""

    def _vocabularies(self) -> Vocabularies:
        assert self.settings.generated is not None
        self.stream = self._stream(self.settings.generated)
        return vocabularies_of_library(self.stream.library, self.stream.switches, self.reading)

    def _stream(self, switches: Switches) -> Stream:
        """Tasks with no more tests than the reading is shown, and no program that is to be judged."""
        kept_out = self.excluded.union(map(program_hash, self.validation_programs))
        stream = make_stream(self.seed, replace(switches, tests=self.reading.shown), TRAINING, exclude=kept_out)
        return stream._replace(by_place=self.settings.exclude_renamed)

    @property
    def source(self) -> str:
        return "fresh tasks without end"

    def training_batches(
        self, make_schedule: MakeSchedule, batches_done: int = 0, rank: int = 0, world: int = 1, shapes: int = 0
    ) -> Iterable[Batch]:
        windows = self._windows()
        windows.order = order_for(shapes)
        first = (tasks for window in range(SAMPLED) for tasks in windows[window])
        make_batch = collator(make_schedule, shapes, first)
        return FreshBatches(windows, make_batch, batches_done, rank, world, self.settings.workers)

    def _windows(self) -> "FreshWindows":
        return FreshWindows(self.stream, self.vocabularies, self.settings.batch_size, self.reading)


class FreshWindows(Dataset[Window]):
    """Window w: ``WINDOW`` lists of ``batch_size`` tasks of similar shape, in an order that the seed fixes."""

    def __init__(self, stream: Stream, vocabularies: Vocabularies, batch_size: int, reading: Reading = TEXT) -> None:
        self.stream, self.vocabularies, self.reading = stream, vocabularies, reading
        self.batch_size = batch_size
        self.order: Order = shape_order

    @property
    def size(self) -> int:
        """Tasks of a window."""
        return WINDOW * self.batch_size

    def __getitem__(self, window: int) -> Window:
        tasks = sorted(self._tasks(window), key=self.order)
        batches = [tasks[at : at + self.batch_size] for at in range(0, self.size, self.batch_size)]
        order = np.random.default_rng((self.stream.seed, window)).permutation(WINDOW)
        return [batches[number] for number in order]

    def _tasks(self, window: int) -> list[NumericalTask]:
        return [self._task(index) for index in range(window * self.size, (window + 1) * self.size)]

    def _task(self, index: int) -> NumericalTask:
        """One text of a program; there is no end of them, so none is drawn for its other texts."""
        return numericalise_task(self.stream.tasks(index)[0], self.vocabularies, self.reading)


class WindowNumbers(Sampler[int]):
    """The windows of one process, without end: of W processes, number r has r, W + r, 2 W + r, ..."""

    def __init__(self, start: int, rank: int = 0, world: int = 1) -> None:
        """Begins after ``start`` windows of this process."""
        self.start, self.rank, self.world = start, rank, world

    def __iter__(self) -> Iterator[int]:
        window = self.start * self.world + self.rank
        while True:
            yield window
            window += self.world


class FreshBatches:
    """The batches of one process of the trainer, without end, drawn by ``workers`` processes ahead of the steps."""

    def __init__(
        self,
        windows: FreshWindows,
        make_batch: Collate,
        batches_done: int = 0,
        rank: int = 0,
        world: int = 1,
        workers: int = 0,
    ) -> None:
        """Goes on after so many batches of this process; with 0 workers a window is drawn when it is wanted."""
        self.done, self.make_batch = batches_done, make_batch
        self.loader = DataLoader(
            windows,
            sampler=WindowNumbers(batches_done // WINDOW, rank, world),
            batch_size=None,  # an item is a whole window already
            collate_fn=_as_it_is,
            **worker_settings(workers),
        )

    def __iter__(self) -> Iterator[Batch]:
        done = self.done % WINDOW
        for window in self.loader:
            for tasks in window[done:]:
                yield self.make_batch(tasks)
            done = 0


def _as_it_is(window: Window) -> Window:
    """Arrays stay arrays on their way between processes: thousands of small tensors would each take a file handle."""
    return window
