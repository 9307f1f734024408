"""Tasks of a file and generated ones in the same batches, by share.

A window takes the next tasks of both: of the generator's stream, and of the file, which is gone through again and
again, each time in another order. So window w is a function of the seed and w alone, as it is for generated tasks.
"""

import numpy as np

from saps.batches.data_module import TrainingTasks
from saps.batches.endless import FreshWindows, GeneratedData
from saps.batches.numericalise import NumericalTask
from saps.batches.settings import DataSettings
from saps.generator.tasks import Stream
from saps.tasks.query import TEXT, Reading
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabularies, Vocabulary, vocabularies_of


class MixedData(GeneratedData):
    """``TaskData`` that learns from a file, and from generated tasks without end."""

    def _vocabularies(self) -> Vocabularies:
        of_file = vocabularies_of(self.train_tasks, self.settings.minimum_count, self.reading)
        return Vocabularies(*map(union, super()._vocabularies(), of_file))

    @property
    def source(self) -> str:
        share = 100 * self.settings.generated_share
        return f"{len(self.train_tasks):,} tasks mixed with {share:g} % of fresh ones without end"

    def _windows(self) -> FreshWindows:
        tasks = TrainingTasks(self.train_tasks, self.vocabularies, self._substitution(), self.reading)
        return MixedWindows(self.stream, self.vocabularies, self.settings, tasks, self.reading)


class MixedWindows(FreshWindows):
    """Window w of a mixture, of which ``generated_share``, rounded to whole tasks, is generated."""

    def __init__(
        self,
        stream: Stream,
        vocabularies: Vocabularies,
        settings: DataSettings,
        of_file: TrainingTasks,
        reading: Reading = TEXT,
    ) -> None:
        super().__init__(stream, vocabularies, settings.batch_size, reading)
        self.of_file = of_file
        self.fresh = min(max(1, round(settings.generated_share * self.size)), self.size - 1)

    def _tasks(self, window: int) -> list[NumericalTask]:
        fresh = range(window * self.fresh, (window + 1) * self.fresh)
        return [self.of_file[place] for place in self.places(window)] + [self._task(index) for index in fresh]

    def places(self, window: int) -> list[tuple[int, int]]:
        """Which tasks of the file, and in which pass over them."""
        tasks, count = len(self.of_file), self.size - self.fresh
        start, end = window * count, (window + 1) * count
        found: list[tuple[int, int]] = []
        for epoch in range(start // tasks, (end - 1) // tasks + 1):
            order = np.random.default_rng((self.stream.seed, epoch)).permutation(tasks)
            found += [(int(index), epoch) for index in order[max(0, start - epoch * tasks) : end - epoch * tasks]]
        return found


def union(first: Vocabulary, second: Vocabulary) -> Vocabulary:
    """The symbols of both, sorted."""
    return Vocabulary((PAD, UNKNOWN, *sorted({*first, *second} - {PAD, UNKNOWN})))
