"""From files of tasks to batches; validation shares no program with training."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from torch.utils.data import DataLoader, Dataset

from saps.batches.collate import Batch, MakeSchedule, collate, collator
from saps.batches.numericalise import NumericalTask, numericalise_task
from saps.batches.sampler import SAMPLED, WINDOW, BucketSampler, Order, order_for, shape_order
from saps.batches.settings import DataSettings
from saps.batches.workers import worker_settings
from saps.errors import UserError
from saps.lang.trees import Tree
from saps.tasks.augment import Substitution
from saps.tasks.excluded import read_all_excluded
from saps.tasks.files import read_tasks
from saps.tasks.hashes import program_hash
from saps.tasks.query import TEXT, Reading
from saps.tasks.skipped import SkippedRecords
from saps.tasks.task import Task
from saps.tasks.vocabulary import Vocabularies, vocabularies_of

EVALUATION_BATCH = 128  # tasks a batch where nothing is learned


class TaskData:
    """Training and validation batches of ``DataSettings``, in an order that is a function of (seed, step).

    This one learns from a file; ``saps.batches.endless.GeneratedData`` has its tasks drawn while it trains.
    """

    train_tasks: Sequence[Task] = ()

    def __init__(self, settings: DataSettings, seed: int, reading: Reading = TEXT) -> None:
        self.settings, self.seed, self.reading = settings, seed, reading
        if reading.shown and settings.substitution:
            raise UserError(
                f"data.substitution is {settings.substitution}; a system that reads examples cannot learn from "
                "composed tasks, which have none: set it to 0"
            )
        self.skipped = SkippedRecords() if settings.skip_bad else None
        self.excluded = read_all_excluded(settings.exclude, self.skipped)
        if settings.train is not None:
            self.train_tasks = _without(self._read(settings.train, "data.train"), self.excluded, settings.train)
        self.validation_tasks = self._read(settings.validation, "data.validation")
        self.validation_programs = {task.program for task in self.validation_tasks}
        self._check_sides()
        self.vocabularies = self._vocabularies()

    @property
    def source(self) -> str:
        """How many tasks there are to learn from, in words."""
        return f"{len(self.train_tasks):,} tasks"

    def _read(self, path: Path, flag: str) -> list[Task]:
        """The tasks of a file with the tests that the reading is shown; nobody learns from the others."""
        try:
            tasks = read_tasks(path, self.skipped)
            return [replace(task, tests=task.tests[: self.reading.shown]) for task in tasks]
        except UserError as error:
            raise UserError(f"{flag}: {error}") from None

    def _vocabularies(self) -> Vocabularies:
        return vocabularies_of(self.train_tasks, self.settings.minimum_count, self.reading)

    def _check_sides(self) -> None:
        """Refuses a program on both sides."""
        shared = sum(task.program in self.validation_programs for task in self.train_tasks)
        if shared:
            raise UserError(
                f"{self.settings.train} and {self.settings.validation}: {shared} tasks of the first have a program "
                "that the second is to judge; divide a file with 'saps data split', or add the second to data.exclude"
            )

    def training_batches(
        self, make_schedule: MakeSchedule, batches_done: int = 0, rank: int = 0, world: int = 1, shapes: int = 0
    ) -> Iterable[Batch]:
        """The batches of process ``rank`` of ``world``, after the ``batches_done`` that it has seen.

        Where ``shapes`` are given, nearly all of them are padded to one of so many.
        """
        tasks = TrainingTasks(self.train_tasks, self.vocabularies, self._substitution(), self.reading)
        tasks.order = order_for(shapes)
        sampler = BucketSampler(len(tasks), tasks.lengths, self.settings.batch_size, self.seed, rank, world)
        first = ([tasks[place] for place in places] for places in islice(sampler, SAMPLED * WINDOW))
        make_batch = collator(make_schedule, shapes, first)
        sampler.go_to(batches_done)
        settings = worker_settings(self.settings.workers)
        return DataLoader(tasks, batch_sampler=sampler, collate_fn=make_batch, **settings)

    def _substitution(self) -> Substitution | None:
        share = self.settings.substitution
        return Substitution(self.train_tasks, share, self.seed, self._is_excluded) if share else None

    def _is_excluded(self, program: Tree) -> bool:
        return program in self.validation_programs or (bool(self.excluded) and program_hash(program) in self.excluded)

    def validation_batches(self, make_schedule: MakeSchedule, rank: int = 0, world: int = 1) -> Iterable[Batch | None]:
        """The validation tasks, each once, short ones first: of these batches every world-th is for process ``rank``.

        All processes get equally many; None stands for a batch where they do not come out even.
        """
        numbers = (numericalise_task(task, self.vocabularies, self.reading) for task in self.validation_tasks)
        tasks = sorted(numbers, key=shape_order)
        batches = [tasks[at : at + EVALUATION_BATCH] for at in range(0, len(tasks), EVALUATION_BATCH)]
        mine = batches[rank::world]
        mine += [[]] * (-(-len(batches) // world) - len(mine))
        make_batch = partial(_collate_any, make_schedule=make_schedule)
        return DataLoader(mine, batch_size=None, collate_fn=make_batch)  # type: ignore[arg-type]


def _collate_any(tasks: Sequence[NumericalTask], make_schedule: MakeSchedule) -> Batch | None:
    return collate(tasks, make_schedule) if tasks else None


class TrainingTasks(Dataset[NumericalTask]):
    """Tasks as numbers, changed by substitution from epoch to epoch; an item is asked for as (index, epoch)."""

    def __init__(
        self,
        tasks: Sequence[Task],
        vocabularies: Vocabularies,
        substitution: Substitution | None,
        reading: Reading = TEXT,
    ) -> None:
        self.vocabularies, self.substitution, self.reading = vocabularies, substitution, reading
        self.order: Order = shape_order
        self.numerical = [numericalise_task(task, vocabularies, reading) for task in tasks]
        self._epoch, self._changed = -1, self.numerical

    def __len__(self) -> int:
        return len(self.numerical)

    def __getitem__(self, place: tuple[int, int]) -> NumericalTask:
        index, epoch = place
        return self.at_epoch(epoch)[index]

    def at_epoch(self, epoch: int) -> list[NumericalTask]:
        """All tasks as one pass over them sees them; made when a pass begins, so that batches fit what they hold."""
        if self.substitution is not None and epoch != self._epoch:
            seen = [self.substitution(index, epoch) for index in range(len(self))]
            pairs = zip(seen, self.substitution.tasks, self.numerical, strict=True)
            self._changed = [
                numerical if task is original else numericalise_task(task, self.vocabularies, self.reading)
                for task, original, numerical in pairs
            ]
            self._epoch = epoch
        return self._changed

    def lengths(self, epoch: int) -> list[int]:
        """By what the tasks of a pass are grouped into batches."""
        return [self.order(task) for task in self.at_epoch(epoch)]


def _without(tasks: list[Task], excluded: set[str], path: Path) -> list[Task]:
    """The tasks whose programs are not excluded."""
    kept = [task for task in tasks if program_hash(task.program) not in excluded] if excluded else tasks
    if not kept:
        raise UserError(f"{path}: data.exclude leaves none of its {len(tasks)} tasks; nothing is left to learn from")
    return kept
