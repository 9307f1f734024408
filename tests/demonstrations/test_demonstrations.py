"""The demonstrations teach what they say, to every cell; what is hard is marked slow."""

import math

import pytest
import torch

from saps.cli import main
from saps.demonstrations import binary_addition, decimal_addition, names
from saps.demonstrations.cells import CELLS, CellKind


def quiet(_: str) -> None:
    """Nobody looks."""


def test_bits_are_added_column_by_column() -> None:
    sums = binary_addition.random_sums(9, 50, torch.Generator().manual_seed(1))
    worth = 2 ** torch.arange(10.0)
    left, right = (sums.columns * worth[:, None, None]).sum(0).unbind(1)
    assert torch.equal((sums.total * worth[:, None]).sum(0), left + right)
    assert len(set(left.tolist())) > 30


def test_decimals_are_written_from_the_last_digit_and_held_out_pairs_stay_out() -> None:
    draws = torch.Generator().manual_seed(1)
    learned, judged = (decimal_addition.random_sums(2000, judging, draws) for judging in (False, True))
    assert len(learned.question) == len(judged.question) == 2000
    for sums in (learned, judged):
        left, right = (_number(sums.question[:, at : at + decimal_addition.DIGITS]) for at in (0, 4))
        assert torch.equal(_number(sums.answer.flip(1)), left + right)
        assert set(sums.question[:, 3].tolist()) == {decimal_addition.PLUS}
    assert not {tuple(line) for line in learned.question.tolist()} & {tuple(line) for line in judged.question.tolist()}


def _number(digits: torch.Tensor) -> torch.Tensor:
    return (digits * 10 ** torch.arange(digits.shape[1]).flip(0)).sum(1)


def test_the_names_are_letters_and_each_stands_once() -> None:
    found = names.read_names()
    assert len(found) == len(set(found)) > 300
    assert set("".join(found)) <= set(names.SIGNS)


def test_the_loss_of_names_counts_their_ends_and_no_padding() -> None:
    torch.manual_seed(1)
    writer = names.NameWriter("gru").eval()
    both, long, short = (writer.loss(some).item() for some in (["ada", "konstantin"], ["konstantin"], ["ada"]))
    assert both == pytest.approx((11 * long + 4 * short) / 15, rel=1e-5)


def test_frequencies_alone_know_what_they_have_counted() -> None:
    expected = -(math.log(3 / 31) * 2 + math.log(2 / 31)) / 3  # 27 signs once each, and 4 signs of two names
    assert names.unigram_loss(["a", "b"], ["b"]) == pytest.approx(-(math.log(2 / 31) + math.log(3 / 31)) / 2)
    assert names.unigram_loss(["a", "b"], ["", "b"]) == pytest.approx(expected)


def test_names_that_are_made_up_end_where_the_network_ends_them() -> None:
    torch.manual_seed(1)
    written = names.NameWriter("lstm").write(30, torch.Generator().manual_seed(1))
    assert len(written) == 30
    assert all(len(name) <= names.LONGEST and "\n" not in name for name in written)
    assert len(set(written)) > 20


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_soon_knows_which_letters_are_frequent(cell: CellKind) -> None:
    nats = names.demonstrate(cell, 1, 25, quiet)["nats a letter, unseen names"]
    assert nats < 0.85 * math.log(len(names.SIGNS))


def test_the_same_seed_gives_the_same_figures() -> None:
    first, again, other = (names.demonstrate("lstm", seed, 4, quiet) for seed in (1, 1, 2))
    assert first == again != other


def test_decimal_addition_answers_before_it_has_learned() -> None:
    figures = decimal_addition.demonstrate("gru", 1, 2, quiet)
    assert 0 <= figures["unseen sums that are right, %"] < 20


def test_the_command_prints_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "names", "--cell", "cifg", "--steps", "5", "--seed", "2"]) == 0
    said = capsys.readouterr().out
    assert "nats a letter by frequency alone: 2.7" in said
    assert "cifg cell, seed 2, 5 steps" in said
    assert main(["demo", "names", "--steps", "0"]) == 2
    assert main(["demo", "names", "--cell", "elephant"]) == 2
    assert "--steps is 0" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "least"), [("lstm", 99.5), ("gru", 90.0), ("peephole", 80.0), ("simple", 90.0)])
def test_what_is_learned_on_short_numbers_holds_for_long_ones(cell: CellKind, least: float) -> None:
    short, long = binary_addition.demonstrate(cell, 1, binary_addition.STEPS, quiet).values()
    assert short == 100
    assert long >= least


@pytest.mark.slow
def test_unseen_decimals_are_added() -> None:
    (right,) = decimal_addition.demonstrate("lstm", 1, decimal_addition.STEPS, quiet).values()
    assert right >= 90


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["lstm", "gru", "peephole"])
def test_letters_in_context_are_less_surprising_than_by_frequency(cell: CellKind) -> None:
    nats, unigram, new = names.demonstrate(cell, 1, names.STEPS, quiet).values()
    assert nats < 0.87 * unigram
    assert new > 50
