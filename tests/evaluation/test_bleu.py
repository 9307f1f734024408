"""Smoothed BLEU against values worked out by hand."""

import math

import pytest

from saps.evaluation.bleu import bleu
from saps.lang.spelling import parse


@pytest.mark.parametrize("code", ["a", "(len a)", "(+ a b)", "(reduce (filter a is_prime) 0 +)"])
def test_a_program_scores_one_against_itself_and_nothing_scores_zero(code: str) -> None:
    assert bleu(parse(code), parse(code)) == 1.0
    assert bleu(parse(code), None) == 0.0


def test_one_wrong_leaf_of_four() -> None:
    # 3 of 4 single nodes; pairs (2+1)/(3+1), triples (1+1)/(2+1), four-grams (0+1)/(1+1)
    assert bleu(parse("(reduce a 0 +)"), parse("(reduce a 0 *)")) == pytest.approx(
        (3 / 4 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    )


def test_a_short_prediction_is_scored_on_what_it_has_and_pays_for_brevity() -> None:
    # one node of one is right; the reference is five nodes longer
    assert bleu(parse("(reduce (filter a is_prime) 0 +)"), parse("a")) == pytest.approx(math.exp(1 - 6))


def test_no_common_node_scores_zero() -> None:
    assert bleu(parse("(len a)"), parse("(+ b 1)")) == 0.0
