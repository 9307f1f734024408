"""Batches in a few common shapes: a padded one has the loss and the gradients of its own, and shapes hold batches."""

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from saps.batches.collate import Batch, collator
from saps.batches.numericalise import numericalise_task
from saps.batches.read_data import read_data
from saps.batches.settings import DataSettings
from saps.generator import Switches, generate
from saps.models import SAPS
from saps.nn.padding import Shape, common_shapes, padded, rows_of, shape_of
from saps.tasks.files import write_tasks
from saps.tasks.task import Task
from saps.tasks.vocabulary import vocabularies_of
from tests.bench.operations import in_one_call
from tests.models.made import SMALL, batch_of

sizes = st.integers(1, 40)
some_shapes = st.lists(st.builds(Shape, st.just(8), *[sizes] * 10), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(8, seed=3))


def holds(larger: Shape, smaller: Shape) -> bool:
    return all(a >= b for a, b in zip(larger, smaller, strict=True))


@settings(deadline=None, max_examples=60)
@given(some_shapes, st.integers(1, 6))
def test_common_shapes_hold_all_that_they_are_made_for(shapes: list[Shape], most: int) -> None:
    common = common_shapes(shapes, most)
    assert 1 <= len(common) <= most
    assert all(any(holds(larger, shape) for larger in common) for shape in shapes)
    assert all(any(holds(larger, shape) for shape in shapes) for larger in common)
    if len(set(shapes)) <= most:
        assert set(common) <= set(shapes)


def results(system: SAPS, batch: Batch) -> dict[str, Any]:
    system.zero_grad()
    found = system.loss(batch.texts, batch.schedule)
    found.loss.backward()
    return {"loss": found.loss, "right": found.right} | {n: p.grad for n, p in system.named_parameters()}


@pytest.mark.parametrize("parent_feed", ["horizontal", "latent"])
@pytest.mark.parametrize("more", [(0,) * 10, (3, 2, 17, 4, 5, 6, 1, 2, 1, 3)])
def test_a_padded_batch_has_the_same_loss_and_gradients(
    tasks: list[Task], parent_feed: str, more: tuple[int, ...]
) -> None:
    torch.manual_seed(4)
    kind = SMALL | {"parent_feed": parent_feed, "letters": True, "reads": "canonical_text"}
    system = in_one_call(SAPS(vocabularies_of(tasks, reading=SAPS(vocabularies_of(tasks), **kind).reading), **kind))
    batch = batch_of(tasks, system.double())
    own = shape_of(batch.texts, batch.schedule)
    shape = Shape(own.texts, *(size + added for size, added in zip(own[1:], more, strict=True)))
    other = Batch(*padded(batch.texts, batch.schedule, shape), batch.programs)
    assert shape_of(other.texts, other.schedule) == shape
    assert other.schedule.is_padded
    found, expected = results(system, other), results(system, batch)  # scores are of single precision
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-8, check_dtype=False)


def test_what_is_padded_tells_a_label_that_is_none_from_one_that_is_wrong(tasks: list[Task]) -> None:
    system = in_one_call(SAPS(vocabularies_of(tasks), **SMALL, parent_feed="horizontal"))
    batch = batch_of(tasks, system)
    shape = shape_of(batch.texts, batch.schedule)._replace(nodes=8 * batch.schedule.grid.width)
    texts, schedule = padded(batch.texts, batch.schedule, shape)
    assert len(schedule.label) > schedule.nodes == len(batch.schedule.label)
    changed = schedule.label.clone()
    changed[0] = (changed[0] + 1) % len(system.vocabularies.labels)
    assert system.loss(texts, schedule._replace(label=changed)).loss != system.loss(texts, schedule).loss


def shapes_of(batches: list[Batch]) -> list[Shape]:
    return [shape_of(batch.texts, batch.schedule) for batch in batches]


@pytest.mark.parametrize("source", ["file", "generated"])
def test_training_batches_come_in_few_shapes_and_hold_the_same_tasks(tmp_path: Path, source: str) -> None:
    write_tasks(tmp_path / "validation.jsonl", generate(20, seed=1))
    write_tasks(tmp_path / "train.jsonl", generate(200, seed=2))
    learned: dict[str, Any] = {"train": tmp_path / "train.jsonl"} if source == "file" else {"generated": Switches()}
    chosen = DataSettings(
        validation=tmp_path / "validation.jsonl", exclude=[tmp_path / "validation.jsonl"], batch_size=8, **learned
    )
    data = read_data(chosen, seed=3)
    system = in_one_call(SAPS(data.vocabularies, **SMALL, parent_feed="horizontal"))

    def batches(done: int = 0, shapes: int = 0) -> list[Batch]:
        found = data.training_batches(system.schedule, done, shapes=shapes)
        return list(islice(found, (len(found) if source == "file" else 50) - done))  # type: ignore[arg-type]

    own, few = batches(), batches(shapes=5)
    assert programs_of(own) == programs_of(few)
    of_padded = {shape for shape, batch in zip(shapes_of(few), few, strict=True) if batch.schedule.is_padded}
    assert len(of_padded) <= 5
    assert sum(batch.schedule.is_padded for batch in few) >= 0.9 * len(few)
    for after, before in zip(batches(done=3, shapes=5), few[3:], strict=True):
        assert after.programs == before.programs
        assert shapes_of([after]) == shapes_of([before])


def programs_of(batches: list[Batch]) -> list[str]:
    return sorted(str(program) for batch in batches for program in batch.programs)


def test_a_batch_that_no_shape_holds_stays_as_it_is(tasks: list[Task]) -> None:
    system = in_one_call(SAPS(vocabularies_of(tasks), **SMALL, parent_feed="horizontal"))
    numbers = sorted((numericalise_task(t, system.vocabularies) for t in tasks), key=lambda t: len(t.tree.label))
    make = collator(system.schedule, 2, [numbers[:4]])
    assert make(numbers[:4]).schedule.is_padded
    assert not make(numbers[4:]).schedule.is_padded
    assert not make(numbers[:3]).schedule.is_padded


def test_rows_are_counted() -> None:
    shape = Shape(4, words=10, letters=0, nodes=9, width=3, line=7, families=6, across_steps=2, across_ways=5,
                  down_steps=3, down_ways=6)  # fmt: skip
    assert rows_of(np.array([shape])).tolist() == [4 * 13 + 2 * 5 + 3 * 6]
