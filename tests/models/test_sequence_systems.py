"""Systems that write a program as a line: probabilities, batches, search, what is no program, and learning."""

from typing import Any

import numpy as np
import pytest
import torch

from saps.generator import generate
from saps.models.io2seq import IO2Seq
from saps.models.seq2seq import Seq2Seq
from saps.nn.cells import CellKind
from saps.search.hypothesis import Candidate
from saps.search.step import Step
from saps.tasks.task import Task
from saps.tasks.vocabulary import label_of
from tests.models.baselines import SEQUENCE, batch_for, steps_until_known, untrained, vocabularies_for
from tests.models.made import rows_of

KINDS = [("lstm", "multiplicative"), ("gru", "additive"), ("peephole", "none")]


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(20, seed=6))


def line_probabilities(system: Any, batch: Any) -> torch.Tensor:
    """The log-probability (B,) of each program's line under teacher forcing."""
    found = []
    for row, tree in enumerate(batch.trees):
        line = torch.from_numpy(system.linear.numbers(tree)).long()
        encoded = system.encode(rows_of(batch.texts, [row]))
        memory = system.decoder.prepare(encoded.memory, encoded.mask)
        scores = system.decoder(encoded.latent, line[None], torch.tensor([len(line)]), memory)
        found.append(scores.log_softmax(dim=1).gather(1, line[:, None]).double().sum())
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


@pytest.mark.parametrize(("cell", "attention"), KINDS)
def test_the_loss_of_a_batch_is_that_of_its_lines_one_by_one_and_stepping_agrees(
    cell: CellKind, attention: str, tasks: list[Task]
) -> None:
    vocabularies = vocabularies_for(Seq2Seq, tasks)
    system = untrained(Seq2Seq, vocabularies, SEQUENCE | {"cell": cell, "attention": attention})
    batch = batch_for(Seq2Seq, tasks, vocabularies)
    expected = line_probabilities(system, batch)
    nodes = sum(task.program.size() for task in tasks)
    assert float(system.losses(batch).loss.detach()) == pytest.approx(-float(expected.sum()) / nodes, rel=1e-5)
    labels = [[vocabularies.labels.index(label_of(node)) for node in task.program.preorder()] for task in tasks[:6]]
    np.testing.assert_allclose(along(system.stepper(batch.texts), labels), expected[:6], rtol=1e-5)


@pytest.mark.parametrize("form", ["arities", "brackets"])
def test_an_answer_comes_with_the_probability_of_its_line_and_does_not_depend_on_its_batch(
    form: str, tasks: list[Task]
) -> None:
    vocabularies = vocabularies_for(Seq2Seq, tasks)
    system = untrained(Seq2Seq, vocabularies, SEQUENCE | {"linear": form, "max_tokens": 15})
    with torch.no_grad():  # lines that end, and differ
        system.decoder.readout.to_label.bias[2:] += 2.0 * torch.as_tensor(system.linear.opened < 0)[2:]
    texts = batch_for(Seq2Seq, tasks, vocabularies).texts
    together = system.answer(texts)
    order = torch.randperm(len(tasks), generator=torch.Generator().manual_seed(1)).tolist()
    shuffled = system.answer(rows_of(texts, order))
    alone = [system.answer(rows_of(texts, [row]))[0] for row in range(len(tasks))]
    for row in range(len(tasks)):
        for other in (alone[row], shuffled[order.index(row)]):
            assert other.program == together[row].program
            assert other.log_probability == pytest.approx(together[row].log_probability, rel=1e-6)
    if form == "arities":
        answered = [row for row, answer in enumerate(together) if answer.program]
        programs = [Task(tasks[row].text, together[row].program, {}, "int", ()) for row in answered]
        expected = line_probabilities(system, batch_for(Seq2Seq, programs, vocabularies))
        np.testing.assert_allclose([together[row].log_probability for row in answered], expected, rtol=1e-5)
        assert len({answer.program for answer in together}) > 2


def test_what_is_no_program_says_why(tasks: list[Task]) -> None:
    vocabularies = vocabularies_for(Seq2Seq, tasks)
    texts = batch_for(Seq2Seq, tasks, vocabularies).texts
    endless = untrained(Seq2Seq, vocabularies, SEQUENCE | {"max_tokens": 3})
    with torch.no_grad():
        endless.decoder.readout.to_label.bias[vocabularies.labels.index("+/2")] += 100.0
    assert {(answer.program, answer.problem) for answer in endless.answer(texts)} == {
        (None, "the line is not over after 3 tokens")
    }
    unclosed = untrained(Seq2Seq, vocabularies, SEQUENCE | {"linear": "brackets"})
    with torch.no_grad():
        unclosed.decoder.readout.to_label.bias[unclosed.linear.tokens.index("<end>")] += 100.0
    assert {(answer.program, "empty" in answer.problem) for answer in unclosed.answer(texts)} == {(None, True)}


def test_search_of_width_one_is_greedy_where_the_greedy_program_obeys_the_rules(tasks: list[Task]) -> None:
    """The rules are those of the language; a program that breaks them is not compared."""
    from saps.synthesis.synthesizer import Synthesizer
    from saps.tasks.query import query_of

    trained = steps_known(tasks)
    synthesizer, queries = Synthesizer(trained), [query_of(task, 0) for task in tasks]
    found: list[list[Candidate]] = synthesizer.candidates(queries, 1)
    greedy = synthesizer.greedy(queries)
    for task, answer, (best,) in zip(tasks, greedy, found, strict=True):
        assert best.program == answer.program == task.program
        assert best.log_probability == pytest.approx(answer.log_probability, rel=1e-4)


def steps_known(tasks: list[Task]) -> Seq2Seq:
    """A small Seq2Seq that knows the tasks by heart."""
    vocabularies = vocabularies_for(Seq2Seq, tasks)
    torch.manual_seed(0)
    sizes = SEQUENCE | {"word_embedding": 24, "encoder_hidden": 24, "hidden": 48, "token_embedding": 24}
    system = Seq2Seq(vocabularies, **sizes)
    batch = batch_for(Seq2Seq, tasks, vocabularies)
    optimizer = torch.optim.Adam(system.parameters(), lr=0.02)
    for _ in range(120):
        optimizer.zero_grad()
        system.losses(batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(system.parameters(), 2.0)
        optimizer.step()
    return system.eval()


def test_brackets_are_searched_label_by_label_with_the_probability_of_their_line(tasks: list[Task]) -> None:
    """Search leaves out the last brackets and the end of the line; everything else is counted."""
    vocabularies = vocabularies_for(Seq2Seq, tasks)
    system = untrained(Seq2Seq, vocabularies, SEQUENCE | {"linear": "brackets"})
    batch = batch_for(Seq2Seq, tasks, vocabularies)
    labels = [[vocabularies.labels.index(label_of(node)) for node in task.program.preorder()] for task in tasks]
    close, end = (system.linear.tokens.index(token) for token in (")", "<end>"))
    expected = []
    for row, tree in enumerate(batch.trees):
        line = system.linear.numbers(tree).tolist()
        counted = len(line)
        while line[counted - 1] in (close, end):
            counted -= 1
        encoded = system.encode(rows_of(batch.texts, [row]))
        memory = system.decoder.prepare(encoded.memory, encoded.mask)
        scores = system.decoder(encoded.latent, torch.tensor([line]), torch.tensor([len(line)]), memory)
        of_tokens = scores.log_softmax(dim=1).gather(1, torch.tensor(line)[:, None])[:counted]
        expected.append(float(of_tokens.double().sum().detach()))
    np.testing.assert_allclose(along(system.stepper(batch.texts), labels), expected, rtol=1e-5)


def test_hypotheses_of_brackets_stepped_together_get_what_each_gets_alone(tasks: list[Task]) -> None:
    vocabularies = vocabularies_for(Seq2Seq, tasks)
    system = untrained(Seq2Seq, vocabularies, SEQUENCE | {"linear": "brackets"})
    stepper = system.stepper(batch_for(Seq2Seq, tasks, vocabularies).texts)
    labels = [[vocabularies.labels.index(label_of(node)) for node in task.program.preorder()] for task in tasks]
    states, ends = list(stepper.start()), [len(line) // (2 + row % 3) for row, line in enumerate(labels)]
    for row, line in enumerate(labels):  # to different places, with different tokens unread
        for label in line[: ends[row]]:
            states[row] = stepper.advance(stepper.step([states[row]])[1][0], label)
    together, _ = stepper.step(states)
    alone = [stepper.step([state])[0][0] for state in states]
    np.testing.assert_allclose(together, alone, rtol=1e-6)
    assert len({len(state.unread) for state in states}) > 1


def test_io2seq_reads_the_shown_examples_and_nothing_else(tasks: list[Task]) -> None:
    vocabularies = vocabularies_for(IO2Seq, tasks)
    system = untrained(IO2Seq, vocabularies, SEQUENCE)
    told_otherwise = [
        Task(("other", "words"), task.program, task.args, task.return_type, task.tests[:3]) for task in tasks
    ]
    texts, others = (batch_for(IO2Seq, some, vocabularies).texts for some in (tasks, told_otherwise))
    assert torch.equal(texts.words, others.words)
    assert len({tuple(row) for row in texts.words.tolist()}) == len(tasks)
    assert len({answer.log_probability for answer in system.answer(texts)}) == len(tasks)


LEARNING = {
    "word_embedding": 32, "encoder_hidden": 32, "token_embedding": 32, "hidden": 96, "attention_units": 32,
    "max_tokens": 200,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "form"), [(Seq2Seq, "arities"), (Seq2Seq, "brackets"), (IO2Seq, "arities")], ids=lambda part: str(part)
)
def test_sixty_four_tasks_are_learned_by_heart(kind: type[Seq2Seq], form: str) -> None:
    tasks = list(generate(64, seed=2))
    assert len({task.tests for task in map(repr_of_tests, tasks)}) == 64  # told apart by their examples alone
    assert steps_until_known(kind, tasks, SEQUENCE | LEARNING | {"linear": form}, most=700)


def repr_of_tests(task: Task) -> Any:
    """A task with its shown tests as text, which sets can hold."""
    return Task(task.text, task.program, {}, "", (repr(task.tests[:3]),))  # type: ignore[arg-type]
