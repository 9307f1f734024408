"""From files of tasks, or from the generator, to batches; validation shares no program with training."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytorch_lightning as pl
from torch.utils.data import DataLoader, Dataset

from saps.batches.collate import collate
from saps.batches.endless import FreshBatches, FreshWindows
from saps.batches.numbering import NumberedTask, number_task
from saps.batches.sampler import BucketSampler, shape_order
from saps.batches.workers import worker_settings
from saps.errors import UserError, check_range
from saps.generator.streams import make_stream
from saps.generator.switches import Switches
from saps.generator.tasks import TRAINING, Stream
from saps.generator.vocabulary import vocabularies_of_library
from saps.lang.trees import Tree
from saps.tasks.augment import Substitution
from saps.tasks.excluded import read_all_excluded
from saps.tasks.files import read_tasks
from saps.tasks.hashes import program_hash
from saps.tasks.query import TEXT, Reading
from saps.tasks.task import Task
from saps.tasks.vocabulary import Vocabularies, vocabularies_of

EVALUATION_BATCH = 128  # tasks a batch where nothing is learned


@dataclass(frozen=True)
class DataSettings:
    """Which tasks to learn from, and how they become batches."""

    validation: Path
    """File of tasks to validate on; a program that also stands in ``train`` is an error."""
    train: Path | None = None
    """File of tasks to learn from (JSONL or JSONL.gz)."""
    generated: Switches | None = None
    """In the place of ``train``: fresh tasks without end, as these switches of the generator say; {} keeps them."""
    exclude: list[Path] = field(default_factory=list)
    """Files of tasks or of program hashes; no task with such a program is trained on."""
    batch_size: int = 64
    """Tasks a step of one process."""
    minimum_count: int = 1
    """A word of the training texts that occurs less often is unknown."""
    substitution: float = 0.0
    """Share of training tasks that get another task's phrase and program in place of an argument (augmentation)."""
    workers: int = 0
    """Processes that prepare batches; 0 prepares them between the steps."""

    def __post_init__(self) -> None:
        """Refuses numbers that mean nothing."""
        check_range("--data.batch_size", self.batch_size, 1)
        check_range("--data.minimum_count", self.minimum_count, 1)
        check_range("--data.substitution", self.substitution, 0, 1)
        check_range("--data.workers", self.workers, 0)
        if (self.train is None) == (self.generated is None):
            both = "both are given" if self.train else "neither is given"
            raise UserError(f"--data.train, --data.generated: {both}; name a file of tasks, or have them generated")
        if self.generated is not None:
            self._check_generated(self.generated)

    def _check_generated(self, switches: Switches) -> None:
        """Refuses what means nothing for tasks that are generated."""
        wrong = {"substitution": self.substitution, "minimum_count": self.minimum_count - 1}
        for name in (name for name, value in wrong.items() if value):
            raise UserError(f"--data.{name} is for tasks of a file; generated ones need none: leave it out")
        if switches.paraphrases > 1:
            raise UserError("--data.generated.paraphrases: fresh tasks have one text each; leave it out")


class TrainingTasks(Dataset[NumberedTask]):
    """Tasks as numbers, changed by substitution from epoch to epoch; an item is asked for as (index, epoch)."""

    def __init__(
        self,
        tasks: Sequence[Task],
        vocabularies: Vocabularies,
        substitution: Substitution | None,
        reading: Reading = TEXT,
    ) -> None:
        self.vocabularies, self.substitution, self.reading = vocabularies, substitution, reading
        self.numbered = [number_task(task, vocabularies, reading) for task in tasks]
        self._epoch, self._changed = -1, self.numbered

    def __len__(self) -> int:
        return len(self.numbered)

    def __getitem__(self, place: tuple[int, int]) -> NumberedTask:
        index, epoch = place
        return self.at_epoch(epoch)[index]

    def at_epoch(self, epoch: int) -> list[NumberedTask]:
        """All tasks as one pass over them sees them; made when a pass begins, so that batches fit what they hold."""
        if self.substitution is not None and epoch != self._epoch:
            seen = [self.substitution(index, epoch) for index in range(len(self))]
            pairs = zip(seen, self.substitution.tasks, self.numbered, strict=True)
            self._changed = [
                numbered if task is original else number_task(task, self.vocabularies, self.reading)
                for task, original, numbered in pairs
            ]
            self._epoch = epoch
        return self._changed

    def lengths(self, epoch: int) -> list[int]:
        """By what the tasks of a pass are grouped into batches."""
        return [shape_order(task) for task in self.at_epoch(epoch)]


class TaskData(pl.LightningDataModule):
    """Training and validation batches of ``DataSettings``, in an order that is a function of (seed, step).

    The number of batches done is the whole state: a resumed run goes on with the very batch that was next.
    """

    def __init__(self, settings: DataSettings, seed: int, reading: Reading = TEXT) -> None:
        super().__init__()
        self.settings, self.seed, self.reading = settings, seed, reading
        _check_reading(reading, settings)
        self.batches_done = 0
        self.excluded = read_all_excluded(settings.exclude)
        self.train_tasks = self._file_of_tasks(settings.train) if settings.train else []
        self.validation_tasks = _read(settings.validation, "--data.validation", reading)
        self.validation_programs = {task.program for task in self.validation_tasks}
        self._check_sides()
        self.fresh = self._fresh_tasks(settings.generated) if settings.generated else None
        self.vocabularies: Vocabularies = (
            vocabularies_of(self.train_tasks, settings.minimum_count, reading)
            if self.fresh is None
            else vocabularies_of_library(self.fresh.library, self.fresh.switches, reading)
        )

    @property
    def source(self) -> str:
        """How many tasks there are to learn from, in words."""
        return f"{len(self.train_tasks):,} tasks" if self.fresh is None else "fresh tasks without end"

    def _file_of_tasks(self, path: Path) -> list[Task]:
        return _without(_read(path, "--data.train", self.reading), self.excluded, path)

    def _fresh_tasks(self, switches: Switches) -> Stream:
        """Tasks of the generator, with no more tests than the reading is shown, and no program that is to be judged."""
        kept_out = self.excluded.union(map(program_hash, self.validation_programs))
        return make_stream(self.seed, replace(switches, tests=self.reading.shown), TRAINING, exclude=kept_out)

    def _check_sides(self) -> None:
        """Refuses a program on both sides."""
        shared = sum(task.program in self.validation_programs for task in self.train_tasks)
        if shared:
            raise UserError(
                f"{self.settings.train} and {self.settings.validation}: {shared} tasks of the first have a program "
                "that the second is to judge; divide a file with 'saps data split', or add the second to --data.exclude"
            )

    def _is_excluded(self, program: Tree) -> bool:
        return program in self.validation_programs or (bool(self.excluded) and program_hash(program) in self.excluded)

    def train_dataloader(self) -> DataLoader[NumberedTask] | FreshBatches:
        """Batches of the training tasks, sharded among the processes of the trainer."""
        rank, world = (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)
        if self.fresh is None:
            return self._passes_over_file(rank, world)
        windows = FreshWindows(self.fresh, self.vocabularies, self.settings.batch_size, self.reading)
        return FreshBatches(windows, self.batches_done, rank, world, self.settings.workers)

    def _passes_over_file(self, rank: int, world: int) -> DataLoader[NumberedTask]:
        share, workers = self.settings.substitution, self.settings.workers
        substitution = Substitution(self.train_tasks, share, self.seed, self._is_excluded) if share else None
        tasks = TrainingTasks(self.train_tasks, self.vocabularies, substitution, self.reading)
        sampler = BucketSampler(len(tasks), tasks.lengths, self.settings.batch_size, self.seed, rank, world)
        sampler.start = self.batches_done % max(1, len(sampler))
        return DataLoader(tasks, batch_sampler=sampler, collate_fn=collate, **worker_settings(workers))

    def val_dataloader(self) -> DataLoader[NumberedTask]:
        """The validation tasks, each once, short ones first; every process sees all of them."""
        tasks = (number_task(task, self.vocabularies, self.reading) for task in self.validation_tasks)
        numbered = sorted(tasks, key=shape_order)
        return DataLoader(numbered, batch_size=EVALUATION_BATCH, collate_fn=collate)  # type: ignore[arg-type]

    def state_dict(self) -> dict[str, int]:
        """How many batches each process has seen; Lightning puts it into the checkpoint."""
        trainer = self.trainer
        return {"batches_done": trainer.fit_loop.total_batch_idx + 1 if trainer else self.batches_done}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Goes on after the batches that a checkpoint has seen."""
        self.batches_done = state_dict["batches_done"]


def _check_reading(reading: Reading, settings: DataSettings) -> None:
    if reading.shown and settings.substitution:
        raise UserError(
            f"--data.substitution is {settings.substitution}; a system that reads examples cannot learn from composed "
            "tasks, which have none: set it to 0"
        )


def _read(path: Path, flag: str, reading: Reading) -> list[Task]:
    """The tasks of a file with the tests that a reading is shown; nobody learns from the others."""
    try:
        return [replace(task, tests=task.tests[: reading.shown]) for task in read_tasks(path)]
    except UserError as error:
        raise UserError(f"{flag}: {error}") from None


def _without(tasks: list[Task], excluded: set[str], path: Path) -> list[Task]:
    """The tasks whose programs are not excluded."""
    kept = [task for task in tasks if program_hash(task.program) not in excluded] if excluded else tasks
    if not kept:
        raise UserError(f"{path}: --data.exclude leaves none of its {len(tasks)} tasks; nothing is left to learn from")
    return kept
