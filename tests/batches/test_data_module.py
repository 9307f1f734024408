"""From files to batches: what is read, kept out, shuffled and changed."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from saps.batches.collate import Batch, collate, pad_texts
from saps.batches.data_module import TaskData
from saps.batches.numericalise import NumericalText, numericalise_task, numericalise_words
from saps.batches.settings import DataSettings
from saps.errors import UserError
from saps.generator import generate
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.nn.schedule import schedule_of
from saps.tasks.files import write_tasks
from saps.tasks.hashes import program_hash
from saps.tasks.task import Task
from saps.tasks.vocabulary import vocabularies_of


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(60, seed=11))


@pytest.fixture
def files(tasks: list[Task], tmp_path: Path) -> dict[str, Path]:
    """Files that share no program, each with its last tasks seen twice."""
    judged = {task.program for task in tasks[:10]}
    parts = {
        "validation": [task for task in tasks if task.program in judged],
        "train": [task for task in tasks if task.program not in judged],
    }
    for name, part in parts.items():
        write_tasks(tmp_path / f"{name}.jsonl", part)
    return {name: tmp_path / f"{name}.jsonl" for name in parts}


def batches_of(data: TaskData, epoch: int) -> list[Batch]:
    loader: Any = data.training_batches(schedule_of)
    loader.batch_sampler.epoch = epoch
    return list(loader)


def programs_in(batches: Sequence[Batch]) -> list[Tree]:
    return [program for batch in batches for program in batch.programs]


def test_a_batch_holds_the_words_and_programs_of_its_tasks() -> None:
    short, long = (Task(tuple(text.split()), parse(code), {}, "int", ()) for text, code in (("b", "1"), ("a b c", "x")))
    vocabularies = vocabularies_of([short, long])
    batch = collate([numericalise_task(task, vocabularies) for task in (short, long)], schedule_of)
    words = {word: vocabularies.words.index(word) for word in "abc"}
    assert batch.texts.words.tolist() == [[words["b"], 0, 0], [words[word] for word in "abc"]]
    assert batch.texts.lengths.tolist() == [1, 3]
    assert batch.programs == (parse("1"), parse("x"))
    assert batch.schedule.label.tolist() == [vocabularies.labels.index(label) for label in ("1/0", "x/0")]
    unknown = pad_texts([NumericalText(numericalise_words(("never", "b"), vocabularies.words))])
    assert unknown.words.tolist() == [[1, words["b"]]]


def test_an_epoch_is_the_training_file_and_validation_the_other_short_ones_first(files: dict[str, Path]) -> None:
    data = TaskData(DataSettings(**files, batch_size=7), seed=1)
    seen = programs_in(batches_of(data, 0))
    assert sorted(map(repr, seen)) == sorted(repr(task.program) for task in data.train_tasks)
    judged = list(data.validation_batches(schedule_of))
    assert sorted(map(repr, programs_in(judged))) == sorted(repr(task.program) for task in data.validation_tasks)
    lengths = [int(length) // 6 for batch in judged for length in batch.texts.lengths]
    assert all(first <= second for first, second in pairwise(lengths))


def test_epochs_differ_and_are_the_same_again(files: dict[str, Path]) -> None:
    settings = DataSettings(**files, batch_size=7, substitution=0.5)
    first, again = (TaskData(settings, seed=1) for _ in range(2))
    assert programs_in(batches_of(first, 3)) == programs_in(batches_of(again, 3))
    assert programs_in(batches_of(first, 3)) != programs_in(batches_of(first, 4))
    assert programs_in(batches_of(TaskData(settings, seed=2), 3)) != programs_in(batches_of(first, 3))


def test_a_resumed_epoch_goes_on_after_the_batches_that_are_done(files: dict[str, Path]) -> None:
    settings = DataSettings(**files, batch_size=7, substitution=0.5)
    data, again = (TaskData(settings, seed=1) for _ in range(2))
    whole = batches_of(data, 2)
    resumed = list(again.training_batches(schedule_of, 2 * len(whole) + 3))  # two epochs and three batches
    assert programs_in(resumed) == programs_in(whole[3:])


def test_rare_words_are_unknown_and_labels_never_are(files: dict[str, Path]) -> None:
    every, common = (TaskData(DataSettings(**files, minimum_count=count), seed=1).vocabularies for count in (1, 5))
    assert set(common.words) < set(every.words)
    assert list(common.labels) == list(every.labels)


def test_a_program_on_both_sides_is_refused(files: dict[str, Path], tasks: list[Task]) -> None:
    write_tasks(files["train"], tasks)
    with pytest.raises(UserError, match=r"have a program that the second is to judge; .*data\.exclude"):
        TaskData(DataSettings(**files), seed=1)
    excluded = TaskData(DataSettings(**files, exclude=[files["validation"]]), seed=1)
    assert {task.program for task in excluded.train_tasks}.isdisjoint(excluded.validation_programs)
    assert len(excluded.train_tasks) >= len(tasks) - len(excluded.validation_tasks)


def test_programs_are_excluded_by_tasks_and_by_hashes(files: dict[str, Path], tmp_path: Path) -> None:
    everything = TaskData(DataSettings(**files), seed=1).train_tasks
    banned = sorted({program_hash(task.program) for task in everything})[:5]
    (tmp_path / "hashes.txt").write_text("\n".join(banned) + "\n")
    by_hash = TaskData(DataSettings(**files, exclude=[tmp_path / "hashes.txt"]), seed=1).train_tasks
    assert by_hash == [task for task in everything if program_hash(task.program) not in banned]
    assert len(by_hash) <= len(everything) - 5


def test_substitution_makes_no_program_that_is_judged_or_excluded(files: dict[str, Path], tmp_path: Path) -> None:
    """First what substitution makes; then the same where all of that is excluded, or to be judged."""

    def all_programs(data: TaskData) -> set[Tree]:
        return {program for epoch in range(3) for program in programs_in(batches_of(data, epoch))}

    settings = DataSettings(**files, batch_size=7, substitution=1.0)
    data = TaskData(settings, seed=1)
    made = all_programs(data) - {task.program for task in data.train_tasks}
    assert len(made) > 20

    (tmp_path / "hashes.txt").write_text("".join(program_hash(program) + "\n" for program in made))
    excluding = TaskData(replace(settings, exclude=[tmp_path / "hashes.txt"]), seed=1)
    assert all_programs(excluding).isdisjoint(made)

    judging = TaskData(settings, seed=1)
    judging.validation_programs |= made
    assert all_programs(judging).isdisjoint(made)
