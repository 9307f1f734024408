"""The plain systems compute what ours do, and the table of ``saps bench`` has its rows."""

import json
from pathlib import Path

import pytest
import torch

from saps.bench import race
from saps.bench.plain_saps import PlainSAPS
from saps.bench.plain_seq2seq import PlainSeq2Seq
from saps.cli import main
from saps.generator import generate
from saps.models.folder import build_system
from saps.models.seq2seq import Seq2Seq
from saps.models.system import System
from saps.search.tree_beam import SearchLimits
from saps.tasks.task import Task
from saps.tasks.vocabulary import Vocabularies, vocabularies_of
from tests.models.made import SMALL, batch_of, small, varied

SIZES = {"word_embedding": 6, "encoder_hidden": 5, "token_embedding": 4, "hidden": 7, "attention_units": 3}


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(8, seed=3))


@pytest.mark.parametrize("parent_feed", ["horizontal", "state"])
def test_the_recursive_system_has_the_losses_and_answers_of_the_fast_one(tasks: list[Task], parent_feed: str) -> None:
    system = varied(small(vocabularies_of(tasks), parent_feed=parent_feed, attention="multiplicative"), leaves=2.0)
    batch, plain = batch_of(tasks, system), PlainSAPS(system)
    ours = system.loss(batch.texts, batch.schedule).loss
    torch.testing.assert_close(plain.loss(batch), ours, rtol=1e-4, atol=1e-5)
    answers = system.answer(batch.texts)
    assert not any(answer.truncated for answer in answers)
    assert len({answer.program for answer in answers}) > 1
    assert [answer.program for answer in plain.answer(batch.texts)] == [answer.program for answer in answers]


def test_the_packed_seq2seq_has_the_losses_gradients_and_lines_of_ours(tasks: list[Task]) -> None:
    torch.manual_seed(2)
    system = Seq2Seq(vocabularies_of(tasks), **SIZES, dropout=0.0, max_tokens=12).double().eval()
    batch, plain = batch_of(tasks, system), PlainSeq2Seq(system)
    losses = system.loss(batch.texts, batch.schedule).loss, plain.loss(batch.texts, batch.schedule.lines)
    torch.testing.assert_close(*(loss.double() for loss in losses), rtol=1e-4, atol=1e-5)
    pairs = [(system.encoder.to_latent, plain.encoder.to_latent), (system.decoder.embedding, plain.embedding)]
    for ours, theirs in pairs:
        weights = ours.weight, theirs.weight
        grown = [torch.autograd.grad(*pair, retain_graph=True)[0] for pair in zip(losses, weights, strict=True)]
        torch.testing.assert_close(*grown, rtol=1e-4, atol=1e-6)
    with torch.no_grad():
        system.decoder.readout.to_label.bias += 2.0 * (system.opened < 0)  # lines that end
    found = [answer.program for answer in PlainSeq2Seq(system).answer(batch.texts)]
    assert any(found)
    assert found == [answer.program for answer in system.answer(batch.texts)]


def test_the_table_has_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def tiny(kind: str, sizes: object, vocabularies: Vocabularies) -> System:
        limit = {"max_nodes": 12} if kind == "SAPS" else {"max_tokens": 12}
        return build_system(kind, (SMALL if kind == "SAPS" else SIZES) | limit, vocabularies)

    monkeypatch.setattr(race, "build_system", tiny)
    monkeypatch.setattr(race, "SEARCH", SearchLimits(visited=1, expanded=4))
    output = tmp_path / "figures.json"
    words = ["--batch-size", "2", "--batches", "1", "--seconds", "0.001", "--json", str(output)]
    threads = torch.get_num_threads()
    assert main(["bench", *words]) == 0
    torch.set_num_threads(threads)
    printed, figures = capsys.readouterr().out, json.loads(output.read_text(encoding="utf-8"))
    parts = [row["part"].partition(",")[0] for row in figures["rows"]]
    assert parts == ["training"] * 3 + ["decoding"] * 3 + ["search"] * 2 + ["interpreter"]
    for row in figures["rows"]:
        assert row["what"] in printed
        assert row["ratio"] == pytest.approx(row["ours"] / row["beside"])


@pytest.mark.parametrize("words", [["--device", "abacus"], ["--device", "cuda:99"], ["--seconds", "0"]])
def test_a_wrong_flag_is_told_in_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *words]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert words[0] in error
