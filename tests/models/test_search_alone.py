"""Search alone: frequencies of labels without any text, behind the same interfaces as the others."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from saps.generator import generate
from saps.lang.example import Example
from saps.lang.spelling import to_lisp
from saps.models.folder import build_system, export_model, load_model
from saps.models.registry import reading_for
from saps.models.search_alone import SearchAlone
from saps.search.tree_beam import SearchLimits
from saps.synthesis.decoding import Decoding, decode
from saps.synthesis.from_text import query_from_text
from saps.synthesis.settings import SynthesisSettings
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import query_of
from saps.tasks.task import SHOWN_TESTS, Task
from saps.tasks.vocabulary import label_of, vocabularies_of
from tests.models.made import batch_of, teacher_forced


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(60, seed=8))


@pytest.fixture(scope="module")
def learned(tasks: list[Task]) -> SearchAlone:
    """The frequencies of the labels of the tasks."""
    system = SearchAlone(vocabularies_of(tasks, reading=SearchAlone.reading))
    batch = batch_of(tasks, system)
    optimizer = torch.optim.Adam(system.parameters(), lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        system.loss(batch.texts, batch.schedule).loss.backward()
        optimizer.step()
    return system.eval()


def test_untrained_all_labels_are_equally_probable(tasks: list[Task]) -> None:
    system = SearchAlone(vocabularies_of(tasks, reading=SearchAlone.reading))
    batch = batch_of(tasks, system)
    chances = system.loss(batch.texts, batch.schedule).loss.exp().item()
    assert chances == pytest.approx(len(system.vocabularies.labels), rel=1e-4)


def test_it_learns_how_often_a_label_stands_at_the_root(tasks: list[Task], learned: SearchAlone) -> None:
    roots = Counter(label_of(task.program) for task in tasks)
    (label, count), *_ = roots.most_common()
    stepper = learned.stepper(batch_of(tasks[:1], learned).texts)
    log_probabilities, _ = stepper.step(stepper.start())
    found = torch.from_numpy(log_probabilities[0]).exp()
    assert found[learned.vocabularies.labels.index(label)] == pytest.approx(count / len(tasks), abs=0.03)


def test_teacher_forcing_and_search_agree(tasks: list[Task], learned: SearchAlone) -> None:
    synthesizer = Synthesizer(learned)
    best = synthesizer.candidates([query_of(task, 0) for task in tasks[:4]], 3)
    answered = [Task(t.text, b[0].program, {}, "int", ()) for t, b in zip(tasks, best, strict=False)]
    expected = teacher_forced(learned, batch_of(answered, learned))
    assert [b[0].log_probability for b in best] == pytest.approx(expected.tolist(), rel=1e-4, abs=1e-5)


def test_an_exported_one_finds_programs_by_examples_alone(
    tasks: list[Task], learned: SearchAlone, tmp_path: Path
) -> None:
    export_model(learned, {}, tmp_path / "model", {})
    synthesizer = Synthesizer(load_model(tmp_path / "model"))
    queries = [query_of(task, SHOWN_TESTS) for task in tasks[:4]]
    found = decode(synthesizer, queries, Decoding("search", budget=60))
    first, other = decode(synthesizer, [queries[0], replace(queries[0], text=queries[1].text)], Decoding("constrained"))
    passed = [one for one in found if one.visited]
    assert passed
    assert all(one.program is not None for one in found)
    assert first.program == other.program  # it reads nothing


def test_arguments_may_be_called_anything_where_they_are_named_by_place(tasks: list[Task]) -> None:
    sizes = {"canonical": True}
    vocabularies = vocabularies_of(tasks, reading=reading_for("SearchAlone", sizes))
    synthesizer = Synthesizer(build_system("SearchAlone", sizes, vocabularies))
    query = query_from_text("whatever", {"salaries": "int[]"}, [Example({"salaries": [3, 1, 2]}, [1, 2, 3])])
    found = synthesizer.synthesize(query, SynthesisSettings(search=SearchLimits(visited=200), allow_unknown=True))
    assert to_lisp(found.program) == "(sort salaries)"
