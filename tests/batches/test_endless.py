"""Batches of fresh tasks: a function of seed and number, whoever draws them and wherever they begin."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from saps.batches.collate import Batch, collator
from saps.batches.data_module import TaskData
from saps.batches.endless import FreshBatches, FreshWindows, GeneratedData
from saps.batches.read_data import read_data
from saps.batches.sampler import WINDOW
from saps.batches.settings import DataSettings
from saps.generator import Switches, generate, shipped_library
from saps.generator.selection import parse_combination
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.nn.schedule import schedule_of
from saps.tasks.files import write_tasks
from saps.tasks.hashes import program_hash
from saps.tasks.query import EXAMPLES
from saps.tasks.vocabulary import UNKNOWN

SIZE = 4
PAIR = "basic_int_array_part inside basic_reduce_int_array"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> DataSettings:
    path = tmp_path_factory.mktemp("endless") / "validation.jsonl"
    write_tasks(path, generate(200, seed=1, switches=Switches(instances={1: 1.0})))
    return DataSettings(validation=path, generated=Switches(), batch_size=SIZE)


@pytest.fixture(scope="module")
def data(settings: DataSettings) -> TaskData:
    return read_data(settings, seed=3)


def batches(data: TaskData, count: int, done: int = 0, rank: int = 0, world: int = 1, workers: int = 0) -> list[Batch]:
    assert isinstance(data, GeneratedData)
    windows = FreshWindows(data.stream, data.vocabularies, SIZE)
    stream: Iterator[Batch] = iter(FreshBatches(windows, collator(schedule_of, 0, ()), done, rank, world, workers))
    return list(islice(stream, count))


def programs(found: list[Batch]) -> list[tuple[Tree, ...]]:
    return [batch.programs for batch in found]


def test_batches_go_on_wherever_a_run_was_resumed(data: TaskData) -> None:
    whole = programs(batches(data, 2 * WINDOW + 10))
    assert {len(batch) for batch in whole} == {SIZE}
    for done in (0, 7, WINDOW - 1, WINDOW, WINDOW + 20):
        assert programs(batches(data, 30, done)) == whole[done : done + 30]


def test_processes_that_draw_ahead_change_nothing(data: TaskData) -> None:
    alone, helped = (batches(data, 2 * WINDOW + 5, workers=workers) for workers in (0, 2))
    assert programs(alone) == programs(helped)
    assert [b.texts.words.tolist() for b in alone] == [b.texts.words.tolist() for b in helped]


def test_processes_that_train_together_see_different_tasks(data: TaskData) -> None:
    alone = programs(batches(data, 2 * WINDOW))
    first, second = (programs(batches(data, WINDOW, rank=rank, world=2)) for rank in (0, 1))
    assert first == alone[:WINDOW]
    assert second == alone[WINDOW:]


def test_texts_of_a_batch_are_of_similar_length(data: TaskData) -> None:
    found = batches(data, WINDOW)
    padding = sum(int(b.texts.words.numel() - b.texts.lengths.sum()) for b in found)
    assert padding < 0.12 * sum(int(b.texts.lengths.sum()) for b in found)


def test_another_seed_draws_other_tasks(settings: DataSettings, data: TaskData) -> None:
    assert programs(batches(read_data(settings, seed=4), 5)) != programs(batches(data, 5))


def test_what_is_judged_or_excluded_or_held_out_is_never_learned_from(settings: DataSettings, tmp_path: Path) -> None:
    """Single templates come up all the time, unless they are in the validation file or on the list."""

    def seen(settings: DataSettings) -> set[Tree]:
        return {program for batch in batches(read_data(settings, 3), WINDOW) for program in batch.programs}

    switches = Switches(instances={1: 1.0, 2: 1.0}, hold_out=[PAIR])
    write_tasks(tmp_path / "one.jsonl", generate(1, seed=1, switches=Switches(only=["fibonacci"])))
    free = seen(DataSettings(validation=tmp_path / "one.jsonl", generated=switches, batch_size=SIZE))
    judged = read_data(settings, 3).validation_programs
    assert len(free & judged) > 5
    assert not any(parse_combination(PAIR, shipped_library().templates).is_in(program) for program in free)

    rest = sorted({program_hash(program) for program in free - judged})[:20]
    (tmp_path / "hashes.txt").write_text("\n".join(rest) + "\n")
    excluding = DataSettings(
        validation=settings.validation, generated=switches, exclude=[tmp_path / "hashes.txt"], batch_size=SIZE
    )
    kept = seen(excluding)
    assert kept.isdisjoint(judged)
    assert {program_hash(program) for program in kept}.isdisjoint(rest)


def test_excluded_programs_are_left_out_under_other_names_where_asked(settings: DataSettings, tmp_path: Path) -> None:
    """`(reverse numbers)` may be learned from where `(reverse a)` is judged, unless the settings say otherwise."""
    (tmp_path / "hashes.txt").write_text(program_hash(parse("(reverse a)")) + "\n")
    generated = Switches(register="plain", only=["reverse"], instances={1: 1.0, 2: 1.0})
    usual = replace(settings, generated=generated, exclude=[tmp_path / "hashes.txt"])

    def reversed_arguments(settings: DataSettings) -> set[str]:
        programs = [program for batch in batches(read_data(settings, 3), 2) for program in batch.programs]
        return {program.children[0].label for program in programs if not program.children[0].children}

    assert len(reversed_arguments(usual) - {"a"}) > 2
    assert "a" not in reversed_arguments(usual)
    assert not reversed_arguments(replace(usual, exclude_renamed=True))


def test_no_word_or_label_is_unknown_but_mistyped_ones(settings: DataSettings, data: TaskData) -> None:
    unknown = data.vocabularies.words.index(UNKNOWN)
    for batch in batches(data, WINDOW):
        assert not (batch.texts.words == unknown).any()
        assert not (batch.schedule.label == unknown).any()
    noisy = read_data(DataSettings(settings.validation, generated=Switches(typos=0.1, synonyms=0.5)), seed=3)
    words = [word for b in batches(noisy, 5) for word in b.texts.words.flatten().tolist() if word]
    assert 0.02 < words.count(unknown) / len(words) < 0.12


def test_a_system_that_reads_examples_gets_them(settings: DataSettings) -> None:
    data = read_data(settings, seed=3, reading=EXAMPLES)
    batch = next(iter(data.training_batches(schedule_of)))
    words = data.vocabularies.words.symbols
    assert "->" in {words[number] for number in batch.texts.words.flatten().tolist()}
    assert data.vocabularies.words.index("->") in batch.texts.words[0].tolist()
