"""Seq2Tree of Neural Program Search: what it reads, its size, and learning."""

import pytest

from saps.generator import generate
from saps.models.seq2tree import Seq2Tree
from saps.tasks.task import Task
from tests.models.baselines import steps_until_known, untrained, vocabularies_for
from tests.models.made import batch_of

SIZES = {"size": 8, "dropout": 0.0, "max_nodes": 40}


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(16, seed=6))


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
