"""From files of tasks to batches: reading, vocabularies, validation that shares no program with training."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytorch_lightning as pl
from torch.utils.data import DataLoader, Dataset

from saps.batches.collate import collate
from saps.batches.numbering import NumberedTask, number_task
from saps.batches.sampler import BucketSampler
from saps.errors import UserError, check_range
from saps.lang.trees import Tree
from saps.tasks.asked import TEXT, Reading
from saps.tasks.augment import Substitution
from saps.tasks.files import read_tasks
from saps.tasks.hashes import program_hash, read_excluded
from saps.tasks.task import Task
from saps.tasks.vocabulary import Vocabularies, vocabularies_of

EVALUATION_BATCH = 128  # tasks a batch where nothing is learned


@dataclass(frozen=True)
class DataSettings:
    """Which tasks to learn from, and how they become batches."""

    train: Path
    """File of tasks to learn from (JSONL or JSONL.gz)."""
    validation: Path
    """File of tasks to validate on; a program that also stands in ``train`` is an error."""
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


def shape_order(task: NumberedTask) -> int:
    """Sorts tasks so that neighbours waste little padding: by words in steps of 6, then by nodes."""
    return len(task.words) // 6 * 1000 + len(task.tree.label)


class TaskData(pl.LightningDataModule):
    """Training and validation batches of ``DataSettings``, in an order that is a function of (seed, step).

    The number of batches done is the whole state: a resumed run goes on with the very batch that was next.
    """

    def __init__(self, settings: DataSettings, seed: int, reading: Reading = TEXT) -> None:
        super().__init__()
        self.settings, self.seed, self.reading = settings, seed, reading
        _check_reading(reading, settings)
        self.batches_done = 0
        self.excluded: set[str] = set().union(*(read_excluded(path) for path in settings.exclude))
        self.train_tasks = _without(_read(settings.train, "--data.train", reading), self.excluded, settings.train)
        self.validation_tasks = _read(settings.validation, "--data.validation", reading)
        self.validation_programs = {task.program for task in self.validation_tasks}
        shared = sum(task.program in self.validation_programs for task in self.train_tasks)
        if shared:
            raise UserError(
                f"{settings.train} and {settings.validation}: {shared} tasks of the first have a program that the "
                "second is to judge; divide a file with 'saps data split', or add the second to --data.exclude"
            )
        self.vocabularies: Vocabularies = vocabularies_of(self.train_tasks, settings.minimum_count, reading)

    def _is_excluded(self, program: Tree) -> bool:
        return program in self.validation_programs or (bool(self.excluded) and program_hash(program) in self.excluded)

    def train_dataloader(self) -> DataLoader[NumberedTask]:
        """Batches of the training tasks, sharded among the processes of the trainer."""
        share, workers = self.settings.substitution, self.settings.workers
        substitution = Substitution(self.train_tasks, share, self.seed, self._is_excluded) if share else None
        tasks = TrainingTasks(self.train_tasks, self.vocabularies, substitution, self.reading)
        rank, world = (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)
        sampler = BucketSampler(len(tasks), tasks.lengths, self.settings.batch_size, self.seed, rank, world)
        sampler.start = self.batches_done % max(1, len(sampler))
        context = "fork" if workers else None  # the numbered tasks are shared with the workers, not copied
        return DataLoader(
            tasks, batch_sampler=sampler, collate_fn=collate, num_workers=workers, multiprocessing_context=context
        )

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
