"""What must agree in any system: training, the steps of a search, greedy answers, batches, and an exported model.

Classes of your own that ``SAPS_SYSTEM`` names are asked as well, with the defaults of their constructors
(docs/own-system.md).
"""

import os
from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from saps.batches.numericalise import numericalise_tree
from saps.generator import generate
from saps.lang.trees import Tree
from saps.models import SAPS, IO2Seq, SAPSTransformer, SearchAlone, Seq2Seq, Seq2Tree, System, Transformer
from saps.models.folder import export_model, load_model
from saps.models.registry import ENVIRONMENT, system_named
from saps.search.step import LogProbabilities, Step
from saps.tasks.vocabulary import label_of, split_label
from tests.models.baselines import SEQUENCE, TRANSFORMER, WITH_TREE, learned
from tests.models.made import SMALL, batch_of, rows_of

TASKS = list(generate(12, seed=6))
CLOSE = {"rtol": 1e-4, "atol": 1e-5}  # steps tell scores in single precision


class Asked(NamedTuple):
    """A system, and the settings that it is made with."""

    kind: type[System]
    sizes: dict[str, Any]

    def __str__(self) -> str:
        return "-".join([self.kind.__name__, *filter(None, [self.sizes.get("attention")])])


def systems() -> list[Asked]:
    """Those of the package, and those that the environment names."""
    own = [name.strip() for name in os.environ.get(ENVIRONMENT, "").split(",") if name.strip()]
    return [
        Asked(SAPS, SMALL | {"parent_feed": "horizontal", "max_nodes": 60}),
        Asked(SAPSTransformer, WITH_TREE),
        Asked(Seq2Tree, {"size": 8, "dropout": 0.0, "max_nodes": 40}),
        *(Asked(Seq2Seq, SEQUENCE | {"attention": attention}) for attention in ("multiplicative", "additive", "none")),
        Asked(IO2Seq, SEQUENCE),
        Asked(Transformer, TRANSFORMER),
        Asked(SearchAlone, {}),
        *(Asked(system_named(name), {}) for name in own),
    ]


@cache
def trained(number: int) -> System:
    """A system that has learned a little, in double precision: its answers differ, and most of them end."""
    kind, sizes = systems()[number]
    return learned(kind, TASKS, sizes, steps=60).double()


@pytest.fixture(params=range(len(systems())), ids=lambda number: str(systems()[number]))
def system(request: pytest.FixtureRequest) -> System:
    return trained(request.param)


def numbers(system: System, program: Tree) -> list[int]:
    """The labels of a program in pre-order, as search gives them to a stepper."""
    return [system.vocabularies.labels.index(label_of(node)) for node in program.preorder()]


def along(stepper: Step[Any], lines: Sequence[Sequence[int]]) -> list[LogProbabilities]:
    """What a search is told at the n labels of each line (n, V), the labels of all lines in one step."""
    states: dict[int, Any] = dict(enumerate(stepper.start()))
    told: list[list[Any]] = [[] for _ in lines]
    for place in range(max(map(len, lines))):
        states = {row: state for row, state in states.items() if place < len(lines[row])}
        found, seen = stepper.step(list(states.values()))
        for row, scores, state in zip(list(states), found, seen, strict=True):
            told[row].append(scores)
            if place + 1 < len(lines[row]):
                states[row] = stepper.advance(state, lines[row][place])
    return [np.stack(rows) for rows in told]


def chosen(told: LogProbabilities, line: Sequence[int]) -> LogProbabilities:
    """The log-probabilities (n,) of the labels of a line."""
    return told[np.arange(len(line)), line]


def test_the_loss_of_a_batch_is_the_mean_of_the_steps_of_each_text(system: System) -> None:
    batch = batch_of(TASKS, system)
    lines = [numbers(system, program) for program in batch.programs]
    alone = [rows_of(batch.texts, [row]) for row in range(len(lines))]
    steps = [along(system.stepper(text), [line])[0] for text, line in zip(alone, lines, strict=True)]
    nodes = np.concatenate([chosen(told, line) for told, line in zip(steps, lines, strict=True)])
    loss = system.loss(batch.texts, batch.schedule)
    assert float(loss.loss.detach()) == pytest.approx(-nodes.mean(), rel=1e-4)
    right = sum(int((told.argmax(axis=1) == line).sum()) for told, line in zip(steps, lines, strict=True))
    assert (int(loss.right), loss.labels) == (right, len(nodes))


def test_teacher_forcing_tells_what_the_steps_tell(system: System) -> None:
    texts = batch_of(TASKS, system).texts
    trees = [numericalise_tree(task.program, system.vocabularies.labels) for task in TASKS]
    forced = system.teacher_forced(texts, trees)
    if forced is None:
        pytest.skip("it does not define teacher_forced")
    lines = [numbers(system, task.program) for task in TASKS]
    for one, told, line in zip(forced, along(system.stepper(texts), lines), lines, strict=True):
        np.testing.assert_allclose(one.log_probabilities.detach(), chosen(told, line), **CLOSE)


def test_a_text_is_answered_alone_and_in_any_order_as_in_a_batch(system: System) -> None:
    texts = batch_of(TASKS, system).texts
    together = system.answer(texts)
    order = np.random.default_rng(1).permutation(len(TASKS)).tolist()
    shuffled = dict(zip(order, system.answer(rows_of(texts, order)), strict=True))
    for row, answer in enumerate(together):
        for other in (system.answer(rows_of(texts, [row]))[0], shuffled[row]):
            assert other.program == answer.program
            assert other.log_probability == pytest.approx(answer.log_probability, rel=1e-4, abs=1e-5)


def test_a_greedy_answer_has_the_most_probable_label_of_every_step_and_their_probability(system: System) -> None:
    texts = batch_of(TASKS, system).texts
    answers = {row: answer for row, answer in enumerate(system.answer(texts)) if answer.program is not None}
    lines = {row: numbers(system, answer.program) for row, answer in answers.items() if answer.program is not None}
    assert lines, "no answer is a program"
    steps = along(system.stepper(rows_of(texts, list(lines))), list(lines.values()))
    for told, (row, line) in zip(steps, lines.items(), strict=True):
        assert chosen(told, line).sum() == pytest.approx(answers[row].log_probability, rel=1e-4, abs=1e-5)
        if not answers[row].truncated:
            assert (told[:, 2:].argmax(axis=1) + 2).tolist() == line  # PAD and UNKNOWN are never written


def test_a_state_stays_as_it_is_when_others_go_on_from_it(system: System) -> None:
    opening = [n for n, label in enumerate(system.vocabularies.labels) if split_label(label)[1] > 0][:2]
    texts, line = batch_of(TASKS[:1], system).texts, numbers(system, TASKS[0].program)
    (undisturbed,) = along(system.stepper(texts), [line])
    stepper = system.stepper(texts)
    (state,) = stepper.start()
    for place, expected in enumerate(undisturbed):
        (told,), (seen,) = stepper.step([state])
        stepper.step([stepper.advance(seen, label) for label in opening])
        (again,), _ = stepper.step([state])
        np.testing.assert_allclose([told, again], [expected] * 2, **CLOSE)
        if place + 1 < len(line):
            state = stepper.advance(seen, line[place])


def test_an_exported_model_answers_as_before(system: System, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    exported = deepcopy(system).float()
    export_model(exported, systems()[request.node.callspec.params["system"]].sizes, tmp_path / "model", {})
    texts = batch_of(TASKS, system).texts
    assert load_model(tmp_path / "model").answer(texts) == exported.answer(texts)
