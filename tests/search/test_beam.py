"""Beam search against brute force on hand-written tables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saps.lang.trees import Tree
from saps.search.beam import beam_search
from tests.search.tables import LABELS, SMALL, TableModel, every_program, random_table, rules


@settings(deadline=None, max_examples=4)
@given(st.integers(0, 2**32 - 1))
def test_an_unbounded_beam_finds_every_program_in_order(seed: int) -> None:
    model = TableModel([random_table(seed)])
    (found,) = beam_search(model, [SMALL], width=None)
    truth = every_program(model, SMALL)
    assert len(found) > 150
    assert [c.log_probability for c in found] == pytest.approx([c.log_probability for c in truth])
    assert {c.program for c in found} == {c.program for c in truth}
    assert found[0].program == truth[0].program


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_width_one_is_greedy_decoding(seed: int) -> None:
    model = TableModel([random_table(seed)])
    hypothesis, state, total = SMALL.start(), model.start()[0], 0.0
    while not hypothesis.complete:
        scores = np.where(SMALL.allowed(hypothesis), model.step([state])[0][0], -np.inf)
        label = int(scores.argmax())
        hypothesis, state, total = SMALL.extend(hypothesis, label), model.advance(state, label), total + scores[label]
    (found,) = beam_search(model, [SMALL], width=1)
    assert [candidate.program for candidate in found] == [hypothesis.to_tree()]
    assert found[0].log_probability == pytest.approx(total)


def test_a_beam_finds_what_greedy_decoding_misses() -> None:
    table = np.full((9, 9, 8), -np.inf)
    number = {label: index for index, label in enumerate(LABELS)}
    table[8, 8, number["len", 1]], table[8, 8, number["+", 2]] = np.log(0.6), np.log(0.4)
    table[8, number["len", 1], [number["a", 0], number["0", 0]]] = np.log(0.5)
    table[8, number["+", 2], number["a", 0]] = 0.0
    table[number["+", 2], number["a", 0], number["0", 0]] = 0.0
    assert beam_search(TableModel([table]), [SMALL], 1)[0][0].program == Tree("len", (Tree("a"),))
    best, second = beam_search(TableModel([table]), [SMALL], 2)[0]
    assert best.program == Tree("+", (Tree("a"), Tree("0")))
    assert np.exp([best.log_probability, second.log_probability]) == pytest.approx([0.4, 0.3])


def test_ties_are_broken_the_same_way_every_time() -> None:
    model = TableModel([np.full((9, 9, 8), -np.log(8))])
    found = beam_search(model, [SMALL], 6)
    assert found == beam_search(model, [SMALL], 6)
    assert [c.program.label for c in found[0][:3]] == ["a", "0", "+"]  # the order of the labels


def test_sentences_searched_together_share_calls_and_not_results() -> None:
    tables = [random_table(seed) for seed in range(5)]
    several = [SMALL, rules(size=9, depth=3), SMALL, SMALL, rules(a="int[]", size=9, depth=9)]
    together = TableModel(tables)
    found = beam_search(together, several, 4)
    assert together.calls[0] == 5
    assert len(together.calls) <= 9
    for table, rule, result in zip(tables, several, found, strict=True):
        assert beam_search(TableModel([table]), [rule], 4) == [result]


def test_a_beam_wide_enough_gives_the_exact_list() -> None:
    model = TableModel([random_table(3)])
    exact = beam_search(model, [SMALL], None)[0]
    wide = beam_search(model, [SMALL], 4 * len(exact))[0]
    assert wide == exact


def test_no_allowed_program_gives_an_empty_list_and_no_sentence_none() -> None:
    assert beam_search(TableModel([np.full((9, 9, 8), -np.inf)]), [SMALL], 3) == [[]]
    assert beam_search(TableModel([]), [], 3) == []


def test_misuse_and_broken_weights_are_named() -> None:
    model = TableModel([np.full((9, 9, 8), np.nan)])
    with pytest.raises(ValueError, match="NaN"):
        beam_search(model, [SMALL], 3)
    with pytest.raises(ValueError, match="width 0"):
        beam_search(model, [SMALL], 0)
    with pytest.raises(ValueError, match="1 sentences, rules were given for 2"):
        beam_search(model, [SMALL, SMALL], 1)
