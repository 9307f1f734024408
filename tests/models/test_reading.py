"""Systems that read arguments by their place and words by their letters, whatever the arguments are called."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from saps.lang.example import Example
from saps.lang.spelling import parse, to_lisp
from saps.models.folder import build_system, export_model, load_model
from saps.models.registry import reading_for
from saps.models.system import System
from saps.search.tree_beam import SearchLimits
from saps.synthesis.decoding import Decoding, decode
from saps.synthesis.from_text import query_from_text
from saps.synthesis.settings import SynthesisSettings
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import EXAMPLES, Query
from saps.tasks.task import Task
from saps.tasks.vocabulary import vocabularies_of
from tests.models.made import batch_of, rows_of

READS: dict[str, Any] = {"reads": "canonical_declared_text", "letters": True, "dropout": 0.0}
SIZES: dict[str, dict[str, Any]] = {
    "SAPS": {"word_embedding": 12, "encoder_hidden": 12, "encoder_layers": 1, "label_embedding": 8, "hidden": 24},
    "Seq2Seq": {"word_embedding": 12, "encoder_hidden": 12, "encoder_layers": 1, "token_embedding": 8, "hidden": 24},
    "Seq2Tree": {"size": 24},
    "Transformer": {"width": 24, "heads": 4, "encoder_layers": 1, "decoder_layers": 1, "max_tokens": 60},
    "SAPSTransformer": {"width": 24, "heads": 4, "encoder_layers": 1, "label_embedding": 8, "hidden": 24},
}
TOLD = (
    ("add up all the numbers in nums", {"nums": "int[]"}, "(reduce nums 0 +)"),
    ("the elements of vals above bound", {"vals": "int[]", "bound": "int"}, "(filter vals (partial1 bound >))"),
    ("the kth element of xs", {"xs": "int[]", "k": "int"}, "(deref xs (- k 1))"),
    ("subtract t from z", {"t": "int", "z": "int"}, "(- z t)"),
)


def learned(name: str) -> tuple[System, dict[str, Any]]:
    """A system that knows ``TOLD`` by heart."""
    tasks = [Task(tuple(text.split()), parse(code), args, "any", ()) for text, args, code in TOLD]
    sizes = SIZES[name] | READS
    vocabularies = vocabularies_of(tasks, reading=reading_for(name, sizes))
    torch.manual_seed(1)
    system = build_system(name, sizes, vocabularies)
    batch, optimizer = batch_of(tasks, system), torch.optim.Adam(system.parameters(), lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        system.loss(batch.texts, batch.schedule).loss.backward()
        optimizer.step()
    return system.eval(), sizes


@pytest.fixture(scope="module")
def known() -> Callable[[str], tuple[System, dict[str, Any]]]:
    return functools.cache(learned)


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("way", ["greedy", "constrained", "beam", "search"])
def test_answers_are_in_the_names_of_the_question(known: Any, name: str, way: Any) -> None:
    synthesizer = Synthesizer(known(name)[0])
    queries = [
        Query(("add", "up", "all", "the", "numbers", "in", "scores_2024"), {"scores_2024": "int[]"}),
        Query(("the", "elements", "of", "b", "above", "c"), {"b": "int[]", "c": "int"}),
        Query(("subtract", "y", "from", "x"), {"y": "int", "x": "int"}),
    ]
    found = decode(synthesizer, queries, Decoding(way, candidates=3, budget=5))
    expected = ["(reduce scores_2024 0 +)", "(filter b (partial1 c >))", "(- x y)"]
    assert [to_lisp(one.program) for one in found if one.program] == expected


@pytest.mark.parametrize("name", SIZES)
def test_a_batch_gives_what_single_texts_give(known: Any, name: str) -> None:
    system, _ = known(name)
    tasks = [Task(tuple(text.split()), parse(code), args, "any", ()) for text, args, code in TOLD]
    texts = batch_of(tasks, system).texts
    together = system.answer(texts)
    alone = [system.answer(rows_of(texts, [row]))[0] for row in range(len(tasks))]
    assert [a.program for a in together] == [a.program for a in alone]
    batched, single = ([answer.log_probability for answer in answers] for answers in (together, alone))
    torch.testing.assert_close(batched, single, rtol=1e-4, atol=1e-5)  # single precision, summed in another order


def test_a_question_is_searched_with_examples_in_its_own_names(known: Any) -> None:
    query = query_from_text(
        "subtract y from x", {"y": "int", "x": "int"}, [Example({"y": 1, "x": 5}, 4), Example({"y": 7, "x": 2}, -5)]
    )
    settings = SynthesisSettings(search=SearchLimits(20), explain=True)
    result = Synthesizer(known("SAPS")[0]).synthesize(query, settings, {"y": 10, "x": 1})
    assert (to_lisp(result.program), result.passes) == ("(- x y)", True)
    assert result.chosen.result is not None
    assert result.chosen.result.value == -9
    assert result.explanation is not None
    assert [node.label for node in result.explanation.nodes] == ["-", "x", "y"]


def test_a_misspelt_word_is_read_and_not_refused(known: Any) -> None:
    query = query_from_text("add up all the nubmers in nums", {"nums": "int[]"})
    assert to_lisp(Synthesizer(known("SAPS")[0]).synthesize(query).program) == "(reduce nums 0 +)"


def test_a_folder_says_how_its_model_reads(known: Any, tmp_path: Path) -> None:
    system, sizes = known("SAPS")
    export_model(system, sizes, tmp_path / "model", {})
    loaded = load_model(tmp_path / "model")
    assert (loaded.reading.canonical, loaded.reading.letters) == (True, True)
    text, args, code = TOLD[0]
    assert Synthesizer(loaded).greedy([Query(tuple(text.split()), args)])[0].program == parse(code)


def test_settings_decide_what_is_read_only_where_a_sentence_is() -> None:
    assert reading_for("IO2Seq", {"reads": "canonical_text"}) is EXAMPLES
    assert reading_for("SAPS", {"letters": True}).letters
    assert not reading_for("SAPS", {}).canonical
