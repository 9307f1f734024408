"""Systems that write a program as a line: search, what is no program, and learning."""

from typing import Any

import pytest
import torch

from saps.generator import generate
from saps.lang.spelling import to_lisp
from saps.models.io2seq import IO2Seq
from saps.models.seq2seq import Seq2Seq
from saps.models.sequence_system import SequenceSystem, spell
from saps.models.transformer import Transformer
from saps.search.hypothesis import Candidate
from saps.tasks.task import Task
from tests.models.baselines import SEQUENCE, TRANSFORMER, learned, steps_until_known, untrained, vocabularies_for
from tests.models.made import batch_of


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(20, seed=6))


WIDER = {"word_embedding": 24, "encoder_hidden": 24, "hidden": 48, "token_embedding": 24}
SHALLOW = {"width": 32, "encoder_layers": 1, "decoder_layers": 1}


def test_what_is_no_program_says_why(tasks: list[Task]) -> None:
    vocabularies = vocabularies_for(Seq2Seq, tasks)
    endless = untrained(Seq2Seq, vocabularies, SEQUENCE | {"max_tokens": 3})
    texts = batch_of(tasks, endless).texts
    with torch.no_grad():
        endless.decoder.readout.to_label.bias[vocabularies.labels.index("+/2")] += 100.0
    assert {(answer.program, answer.problem) for answer in endless.answer(texts)} == {
        (None, "the line is not over after 3 tokens")
    }


def test_a_line_spells_the_program_that_is_printed(tasks: list[Task]) -> None:
    for task in tasks:
        line = [(node.label, node.arity) for node in task.program.preorder()]
        assert spell(line).replace(" )", ")") == to_lisp(task.program)


@pytest.mark.parametrize(
    ("kind", "sizes", "rate"), [(Seq2Seq, SEQUENCE | WIDER, 0.02), (Transformer, TRANSFORMER | SHALLOW, 0.01)]
)
def test_search_of_width_one_is_greedy_where_the_greedy_program_obeys_the_rules(
    kind: type[SequenceSystem], sizes: dict[str, Any], rate: float, tasks: list[Task]
) -> None:
    """The rules are those of the language; a program that breaks them is not compared."""
    from saps.synthesis.synthesizer import Synthesizer
    from saps.tasks.query import query_of

    tasks = tasks[:12]
    trained = learned(kind, tasks, sizes, 100, rate)
    synthesizer, queries = Synthesizer(trained), [query_of(task, 0) for task in tasks]
    found: list[list[Candidate]] = synthesizer.candidates(queries, 1)
    greedy = synthesizer.greedy(queries)
    for task, answer, (best,) in zip(tasks, greedy, found, strict=True):
        assert best.program == answer.program == task.program
        assert best.log_probability == pytest.approx(answer.log_probability, rel=1e-4, abs=1e-5)


def test_io2seq_reads_the_shown_examples_and_nothing_else(tasks: list[Task]) -> None:
    vocabularies = vocabularies_for(IO2Seq, tasks)
    system = untrained(IO2Seq, vocabularies, SEQUENCE)
    told_otherwise = [
        Task(("other", "words"), task.program, task.args, task.return_type, task.tests[:3]) for task in tasks
    ]
    texts, others = (batch_of(some, system).texts for some in (tasks, told_otherwise))
    assert torch.equal(texts.words, others.words)
    assert len({tuple(row) for row in texts.words.tolist()}) == len(tasks)
    assert len({answer.log_probability for answer in system.answer(texts)}) == len(tasks)


LEARNING = {
    "word_embedding": 32, "encoder_hidden": 32, "token_embedding": 32, "hidden": 96, "attention_units": 32,
    "max_tokens": 200,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "sizes", "rate"),
    [
        (Seq2Seq, SEQUENCE | LEARNING, 0.01),
        (IO2Seq, SEQUENCE | LEARNING, 0.01),
        (Transformer, TRANSFORMER | {"width": 48, "heads": 4, "max_tokens": 200}, 0.004),
    ],
)
def test_sixty_four_tasks_are_learned_by_heart(kind: type[SequenceSystem], sizes: dict[str, Any], rate: float) -> None:
    tasks = list(generate(64, seed=2))
    assert len({task.tests for task in map(repr_of_tests, tasks)}) == 64  # told apart by their examples alone
    assert steps_until_known(kind, tasks, sizes, most=700, learning_rate=rate)


def repr_of_tests(task: Task) -> Any:
    """A task with its shown tests as text, which sets can hold."""
    return Task(task.text, task.program, {}, "", (repr(task.tests[:3]),))  # type: ignore[arg-type]
