"""Seq2Tree of Neural Program Search: what it reads, that all ways of decoding agree, its size, and learning."""

import numpy as np
import pytest

from saps.generator import generate
from saps.models.seq2tree import Seq2Tree
from saps.tasks.task import Task
from saps.tasks.vocabulary import label_of
from tests.models.baselines import steps_until_known, untrained, vocabularies_for
from tests.models.made import batch_of, rows_of, teacher_forced
from tests.models.test_seq2seq import along

SIZES = {"size": 8, "dropout": 0.0, "max_nodes": 40}


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(16, seed=6))


def test_teacher_forcing_and_stepping_agree(tasks: list[Task]) -> None:
    vocabularies = vocabularies_for(Seq2Tree, tasks)
    system = untrained(Seq2Tree, vocabularies, SIZES)
    batch = batch_of(tasks, system)
    expected = teacher_forced(system, batch)
    labels = [[vocabularies.labels.index(label_of(node)) for node in task.program.preorder()] for task in tasks]
    np.testing.assert_allclose(along(system.stepper(batch.texts), labels), expected, rtol=1e-4, atol=1e-5)


def test_answers_come_with_their_probability_and_do_not_depend_on_the_batch(tasks: list[Task]) -> None:
    vocabularies = vocabularies_for(Seq2Tree, tasks)
    system = untrained(Seq2Tree, vocabularies, SIZES)
    texts = batch_of(tasks, system).texts
    together = system.answer(texts)
    for row, answer in enumerate(together):
        (alone,) = system.answer(rows_of(texts, [row]))
        assert alone.program == answer.program
    answered = [Task(t.text, a.program, t.args, "int", ()) for t, a in zip(tasks, together, strict=True)]
    expected = teacher_forced(system, batch_of(answered, system))
    np.testing.assert_allclose([answer.log_probability for answer in together], expected, rtol=1e-4, atol=1e-5)
    assert len({answer.program for answer in together}) > 3


def test_the_declarations_are_part_of_what_it_reads(tasks: list[Task]) -> None:
    vocabularies = vocabularies_for(Seq2Tree, tasks)
    system = untrained(Seq2Tree, vocabularies, SIZES)
    retyped = [Task(task.text, task.program, dict.fromkeys(task.args, "bool"), "int", ()) for task in tasks]
    ours, others = (system.answer(batch_of(some, system).texts) for some in (tasks, retyped))
    assert all(a.log_probability != b.log_probability for a, b in zip(ours, others, strict=True))


def test_all_sizes_of_the_paper_are_100(tasks: list[Task]) -> None:
    """Two tables, the encoder's GRU, keys and queries, W_c of twice 100, two GRUs, U_p and U_s; the output is tied."""
    vocabularies = vocabularies_for(Seq2Tree, tasks)
    tables = 100 * (len(vocabularies.words) + len(vocabularies.labels))
    gru = 3 * 100 * (100 + 100 + 1)
    system = Seq2Tree(vocabularies)
    assert system.parameter_count() == tables + gru + 2 * 100 * 100 + 200 * 100 + 2 * gru + 2 * 100 * 100


@pytest.mark.slow
def test_sixty_four_tasks_are_learned_by_heart() -> None:
    tasks = list(generate(64, seed=2))
    assert steps_until_known(Seq2Tree, tasks, {"dropout": 0.0}, most=200)
