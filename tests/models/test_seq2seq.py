"""Systems that write a program as a line: probabilities, batches, search, what is no program, and learning."""

from typing import Any

import numpy as np
import pytest
import torch

from saps.batches.collate import Batch
from saps.generator import generate
from saps.lang.spelling import to_lisp
from saps.models.io2seq import IO2Seq
from saps.models.seq2seq import Seq2Seq
from saps.models.sequence_system import SequenceSystem, spell
from saps.models.transformer import Transformer
from saps.nn.sequence_decoder import line_schedule
from saps.search.hypothesis import Candidate
from saps.search.step import Step
from saps.tasks.task import Task
from saps.tasks.vocabulary import label_of
from tests.models.baselines import SEQUENCE, TRANSFORMER, steps_until_known, untrained, vocabularies_for
from tests.models.made import batch_of, rows_of


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(20, seed=6))


def line_probabilities(system: SequenceSystem, batch: Batch) -> torch.Tensor:
    """The log-probability (B,) of each program's line under teacher forcing."""
    found = []
    for row, program in enumerate(batch.programs):
        line = np.array([system.vocabularies.labels.index(label_of(node)) for node in program.preorder()], np.int32)
        encoded, schedule = system.encode(rows_of(batch.texts, [row])), line_schedule([line])
        scores = system.decoder(encoded.latent, schedule, system._memory(encoded))
        found.append(scores.log_softmax(dim=1).gather(1, schedule.label[:, None]).double().sum())
    return torch.stack(found).detach()


def along(stepper: Step[Any], labels: list[list[int]]) -> list[float]:
    """The log-probability of each program, label by label."""
    states, total = list(stepper.start()), [0.0] * len(labels)
    for row, line in enumerate(labels):
        for label in line:
            found, seen = stepper.step([states[row]])
            total[row] += float(found[0, label])
            states[row] = stepper.advance(seen[0], label)
    return total


WIDER = {"word_embedding": 24, "encoder_hidden": 24, "hidden": 48, "token_embedding": 24}
SHALLOW = {"width": 32, "encoder_layers": 1, "decoder_layers": 1}
SYSTEMS = [
    *((Seq2Seq, SEQUENCE | {"attention": attention}) for attention in ("multiplicative", "additive", "none")),
    (Transformer, TRANSFORMER),
]


@pytest.mark.parametrize(("kind", "sizes"), SYSTEMS)
def test_the_loss_of_a_batch_is_that_of_its_lines_one_by_one_and_stepping_agrees(
    kind: type[SequenceSystem], sizes: dict[str, Any], tasks: list[Task]
) -> None:
    vocabularies = vocabularies_for(kind, tasks)
    system = untrained(kind, vocabularies, sizes)
    batch = batch_of(tasks, system)
    expected = line_probabilities(system, batch)
    nodes = sum(task.program.size() for task in tasks)
    loss = float(system.loss(batch.texts, batch.schedule).loss.detach())
    assert loss == pytest.approx(-float(expected.sum()) / nodes, rel=1e-4, abs=1e-5)
    labels = [[vocabularies.labels.index(label_of(node)) for node in task.program.preorder()] for task in tasks[:6]]
    np.testing.assert_allclose(along(system.stepper(batch.texts), labels), expected[:6], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("kind", "sizes"), [(Seq2Seq, SEQUENCE), (Transformer, TRANSFORMER)])
def test_an_answer_comes_with_the_probability_of_its_line_and_does_not_depend_on_its_batch(
    kind: type[SequenceSystem], sizes: dict[str, Any], tasks: list[Task]
) -> None:
    vocabularies = vocabularies_for(kind, tasks)
    system = untrained(kind, vocabularies, sizes | {"max_tokens": 15})
    with torch.no_grad():  # lines that end, and differ
        system.decoder.readout.to_label.bias[2:] += 2.0 * (system.opened < 0)[2:]
    texts = batch_of(tasks, system).texts
    together = system.answer(texts)
    order = torch.randperm(len(tasks), generator=torch.Generator().manual_seed(1)).tolist()
    shuffled = system.answer(rows_of(texts, order))
    alone = [system.answer(rows_of(texts, [row]))[0] for row in range(len(tasks))]
    for row in range(len(tasks)):
        for other in (alone[row], shuffled[order.index(row)]):
            assert other.program == together[row].program
            assert other.log_probability == pytest.approx(together[row].log_probability, rel=1e-4, abs=1e-5)
    answered = [row for row, answer in enumerate(together) if answer.program]
    programs = [Task(tasks[row].text, together[row].program, {}, "int", ()) for row in answered]
    expected = line_probabilities(system, batch_of(programs, system))
    np.testing.assert_allclose([together[row].log_probability for row in answered], expected, rtol=1e-4, atol=1e-5)
    assert len({answer.program for answer in together}) > 2


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
    trained = steps_known(kind, sizes, rate, tasks)
    synthesizer, queries = Synthesizer(trained), [query_of(task, 0) for task in tasks]
    found: list[list[Candidate]] = synthesizer.candidates(queries, 1)
    greedy = synthesizer.greedy(queries)
    for task, answer, (best,) in zip(tasks, greedy, found, strict=True):
        assert best.program == answer.program == task.program
        assert best.log_probability == pytest.approx(answer.log_probability, rel=1e-4, abs=1e-5)


def steps_known(kind: type[SequenceSystem], sizes: dict[str, Any], rate: float, tasks: list[Task]) -> SequenceSystem:
    """A small system that knows the tasks by heart."""
    vocabularies = vocabularies_for(kind, tasks)
    torch.manual_seed(0)
    system: Any = kind(vocabularies, **sizes)
    batch = batch_of(tasks, system)
    optimizer = torch.optim.Adam(system.parameters(), lr=rate)
    for _ in range(100):
        optimizer.zero_grad()
        system.loss(batch.texts, batch.schedule).loss.backward()
        torch.nn.utils.clip_grad_norm_(system.parameters(), 2.0)
        optimizer.step()
    return system.eval()


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
