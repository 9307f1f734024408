"""Several models as one: a model twice is itself, the mean is that of probabilities, and what does not go together."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from saps.batches.numericalise import numericalise_tree
from saps.cli import main
from saps.errors import UserError
from saps.generator import generate
from saps.models.ensemble import Ensemble, load_models
from saps.models.folder import export_model
from saps.models.saps import SAPS
from saps.models.seq2seq import Seq2Seq
from saps.models.system import System
from saps.search.tree_beam import SearchLimits
from saps.synthesis.decoding import Decoding, decode
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.files import write_tasks
from saps.tasks.query import query_of
from saps.tasks.task import Task
from saps.tasks.vocabulary import Vocabularies, Vocabulary
from tests.learned import BIGGER, KNOWN, SUM_OF_EVEN
from tests.models.baselines import SEQUENCE, untrained, vocabularies_for
from tests.models.made import SMALL, batch_of, small

TASKS = list(generate(6, seed=6))
VOCABULARIES = vocabularies_for(System, TASKS)


@pytest.fixture(scope="module")
def pair() -> tuple[SAPS, Any]:
    """Two systems of different kinds with the same vocabularies."""
    return small(VOCABULARIES), untrained(Seq2Seq, VOCABULARIES, SEQUENCE)


@pytest.mark.parametrize("way", ["greedy", "constrained", "beam", "search"])
def test_a_model_twice_is_the_model(learned_model: Path, way: Any) -> None:
    alone, twice = (Synthesizer(load_models([learned_model] * count)) for count in (1, 2))
    queries = [query_of(Task(tuple(text.split()), None, {"a": "int[]", "b": "int"}, "any", ()), 0)  # type: ignore[arg-type]
               for text in (SUM_OF_EVEN, BIGGER)]  # fmt: skip
    decoding = Decoding(way, candidates=3, budget=5)
    ours, theirs = decode(alone, queries, decoding), decode(twice, queries, decoding)
    assert [one.program for one in theirs] == [one.program for one in ours]
    assert [one.listed for one in theirs] == [one.listed for one in ours]
    assert all(one.program for one in ours)


def test_probabilities_are_the_mean_in_stepping_and_under_teacher_forcing(pair: tuple[SAPS, Any]) -> None:
    both = Ensemble(pair, ["one", "other"]).eval()
    batch = batch_of(TASKS, both.members[0])  # type: ignore[arg-type]
    parts = [system.stepper(batch.texts) for system in pair]
    scores = [part.step(part.start())[0] for part in parts]
    stepper = both.stepper(batch.texts)
    found, _ = stepper.step(stepper.start())
    np.testing.assert_allclose(np.exp(found), np.mean(np.exp(scores), axis=0), rtol=1e-4, atol=1e-6)
    trees = [numericalise_tree(task.program, VOCABULARIES.labels) for task in TASKS]
    told = [system.teacher_forced(batch.texts, trees) for system in (*pair, both)]
    for one, other, mean in zip(*told, strict=True):  # type: ignore[arg-type]
        expected = (one.log_probabilities.exp() + other.log_probabilities.exp()) / 2
        torch.testing.assert_close(mean.log_probabilities.exp(), expected.double(), rtol=1e-4, atol=1e-6)
        ones = torch.ones(len(expected), dtype=torch.double)
        torch.testing.assert_close(mean.attention.sum(dim=1), ones, rtol=0, atol=1e-5)


def test_greedy_programs_have_the_probability_of_their_nodes(pair: tuple[SAPS, Any]) -> None:
    both = Ensemble(pair, ["one", "other"]).eval()
    with torch.no_grad():  # programs that end
        pair[0].readout.to_label.bias += 3.0 * (pair[0].arity == 0)
        pair[1].decoder.readout.to_label.bias[2:] += 3.0 * (pair[1].opened < 0)[2:]
    texts = batch_of(TASKS, pair[0]).texts
    answers = both.answer(texts)
    trees = [numericalise_tree(answer.program, VOCABULARIES.labels) for answer in answers if answer.program]
    assert len(trees) == len(TASKS)
    forced = both.teacher_forced(texts, trees)
    assert forced is not None
    expected = [float(one.log_probabilities.sum()) for one in forced]
    assert [answer.log_probability for answer in answers] == pytest.approx(expected, rel=1e-4, abs=1e-5)


def other_words(vocabularies: Vocabularies) -> Vocabularies:
    return vocabularies._replace(words=Vocabulary([*vocabularies.words.symbols, "zebra"]))


def other_order(vocabularies: Vocabularies) -> Vocabularies:
    pad, unknown, *labels = vocabularies.labels.symbols
    return vocabularies._replace(labels=Vocabulary([pad, unknown, *reversed(labels)]))


@pytest.mark.parametrize(
    ("changed", "settings", "complaint"),
    [
        (other_words, {}, r"one and other have other words \(1 of them are in only one\); models that answer together"),
        (other_order, {}, "other orders of labels"),
        (lambda same: same, {"reads": "declared_text"}, "other readings of a task"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_line(changed: Any, settings: Any, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint) as caught:
        Ensemble([small(VOCABULARIES), small(changed(VOCABULARIES), **settings)], ["one", "other"])
    assert "\n" not in str(caught.value)


def test_commands_take_several_models(learned_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = ["--model", str(learned_model)] * 2
    assert main(["synthesize", SUM_OF_EVEN, *models]) == 0
    out = capsys.readouterr().out
    assert KNOWN[0][1] in out
    assert f"model      {learned_model} and {learned_model}; " in out
    write_tasks(tmp_path / "tasks.jsonl", generate(2, seed=1))
    assert main(["evaluate", "--data", str(tmp_path / "tasks.jsonl"), *models, "--workers", "0"]) == 0
    assert f"{learned_model} and {learned_model} (greedy) on tasks.jsonl" in capsys.readouterr().out
    export_model(small(VOCABULARIES).float(), SMALL, tmp_path / "model", {})
    assert main(["synthesize", SUM_OF_EVEN, *models, "--model", str(tmp_path / "model")]) == 2
    assert "have other words" in capsys.readouterr().err


def test_a_search_with_examples_goes_through_the_mean(learned_model: Path) -> None:
    synthesizer = Synthesizer.load(learned_model, learned_model)
    query = query_of(Task(tuple(SUM_OF_EVEN.split()), None, {"a": "int[]"}, "int", ()), 0)  # type: ignore[arg-type]
    (search,) = synthesizer.searched([query], SearchLimits(3))
    assert search.trial.visits
