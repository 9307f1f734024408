"""Sampling against the probabilities of a table."""

from collections import Counter

import numpy as np
import pytest

from saps.search.beam import beam_search
from saps.search.sample import Taste, draw_label, sample
from tests.search.tables import SMALL, TableModel, every_program, random_table, rules


def draws(*seeds: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in seeds]


def test_programs_come_as_often_as_their_probability_says() -> None:
    table = random_table(2)
    by = rules(size=3, depth=3)
    found = sample(TableModel([table] * 3000), [by] * 3000, draws(*range(3000)))
    truth = every_program(TableModel([table]), by)
    counts = Counter(candidate.program for candidate in found)
    exact = {candidate.program: candidate.log_probability for candidate in truth}
    assert all(candidate.log_probability == pytest.approx(exact[candidate.program]) for candidate in found)
    first = np.array([np.exp(table[8, 8, 1]), np.exp(table[8, 8, 2])])  # 0 or + at the root, renormalised
    wanted = first[0] / first.sum()
    assert abs(counts[truth[0].program if not truth[0].program.children else truth[1].program] / 3000 - wanted) < 0.04


def test_near_zero_temperature_and_a_narrow_nucleus_are_greedy() -> None:
    tables = [random_table(seed) for seed in range(6)]
    greedy = [found[0].program for found in beam_search(TableModel(tables), [SMALL] * 6, 1)]
    for taste in (Taste(temperature=1e-4), Taste(nucleus=1e-9)):
        assert [c.program for c in sample(TableModel(tables), [SMALL] * 6, draws(*range(6)), taste)] == greedy


def test_a_sentence_gets_its_program_in_any_company_and_order() -> None:
    tables = [random_table(seed) for seed in range(6)]
    together = sample(TableModel(tables), [SMALL] * 6, draws(*range(6)))
    for k in (4, 1):
        assert sample(TableModel([tables[k]]), [SMALL], draws(k)) == [together[k]]
    back = sample(TableModel(tables[::-1]), [SMALL] * 6, draws(*reversed(range(6))))
    assert back[::-1] == together


def test_the_nucleus_is_the_fewest_labels_with_the_share() -> None:
    scores = np.log(np.array([0.5, 0.3, 0.15, 0.05]))
    every = np.ones(4, dtype=bool)
    for nucleus, kept in ((0.4, {0}), (0.5, {0}), (0.6, {0, 1}), (0.8, {0, 1}), (0.9, {0, 1, 2}), (1.0, {0, 1, 2, 3})):
        found = {draw_label(scores, every, Taste(nucleus=nucleus), draw) for draw in draws(*range(200))}
        assert found == kept
    only = np.array([False, True, False, False])
    assert draw_label(np.full(4, -np.inf), only, Taste(), draws(1)[0]) == 1


def test_misuse_is_named() -> None:
    with pytest.raises(ValueError, match="temperature 0"):
        sample(TableModel([]), [], [], Taste(temperature=0))
    with pytest.raises(ValueError, match="1 sentences"):
        sample(TableModel([random_table(1)]), [SMALL], [])
