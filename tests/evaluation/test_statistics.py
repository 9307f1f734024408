"""Intervals and tests against what is known of them."""

import math
from fractions import Fraction

import numpy as np
import pytest

from saps.evaluation.statistics import (
    bootstrap_interval,
    mcnemar_exact,
    paired_test,
    program_interval,
    program_test,
)


def test_an_interval_is_that_of_the_binomial_distribution_where_no_program_repeats() -> None:
    right = [number < 80 for number in range(100)]
    low, high = bootstrap_interval(right, range(100))
    assert low == pytest.approx(0.72, abs=0.011)  # quantiles of Binomial(100, 0.8) / 100
    assert high == pytest.approx(0.87, abs=0.011)


def test_it_is_that_of_resampling_cluster_by_cluster() -> None:
    clusters = [0] * 6 + [1, 2, 3, 4, 4, 5, 5, 6]
    right = [True] * 6 + [True, False, False, True, False, False, False, True]
    rng = np.random.default_rng(1)
    shares = []
    for _ in range(4_000):
        drawn = [task for cluster in rng.integers(0, 7, 7) for task in range(14) if clusters[task] == cluster]
        shares.append(np.mean([right[task] for task in drawn]))
    expected = np.quantile(shares, [0.025, 0.975])
    np.testing.assert_allclose(bootstrap_interval(right, clusters), expected, atol=0.025)


def test_texts_of_one_program_make_it_wider() -> None:
    right = [number % 2 == 0 for number in range(20) for _ in range(50)]
    alone = bootstrap_interval(right, range(1000))
    together = bootstrap_interval(right, [number // 50 for number in range(1000)])
    assert together.high - together.low > 5 * (alone.high - alone.low)


def test_nothing_to_draw_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="no task"):
        bootstrap_interval([], [])
    with pytest.raises(ValueError, match="shorter"):
        bootstrap_interval([True, False], [1])


@pytest.mark.parametrize(
    ("a", "b", "p"), [(0, 0, 1.0), (5, 5, 1.0), (5, 0, 0.0625), (1, 9, 22 / 1024), (9, 1, 22 / 1024)]
)
def test_mcnemar_is_a_fair_coin_for_each_task_that_one_alone_has_right(a: int, b: int, p: float) -> None:
    assert mcnemar_exact(a, b) == pytest.approx(p)


def test_mcnemar_holds_for_large_counts() -> None:
    exact = Fraction(2 * sum(math.comb(3000, k) for k in range(1401)), 2**3000)
    assert mcnemar_exact(1400, 1600) == pytest.approx(float(exact), rel=1e-12)
    assert mcnemar_exact(0, 5000) == 0.0  # smaller than any float


def test_two_systems_are_compared_on_the_same_tasks() -> None:
    a = [True] * 70 + [True] * 20 + [False] * 4 + [False] * 6
    b = [True] * 70 + [False] * 20 + [True] * 4 + [False] * 6
    test = paired_test(a, b, range(100))
    assert (test.both, test.only_a, test.only_b, test.neither) == (70, 20, 4, 6)
    assert test.difference == pytest.approx(0.16)
    assert test.mcnemar_p == pytest.approx(mcnemar_exact(20, 4))
    assert 0.05 < test.interval.low < test.difference < test.interval.high < 0.27
    assert test.bootstrap_p < 0.01
    reverse = paired_test(b, a, range(100))
    assert reverse.difference == -test.difference
    assert reverse.mcnemar_p == test.mcnemar_p


def test_the_same_system_twice_does_not_differ() -> None:
    right = [True, False, True]
    test = paired_test(right, right, range(3))
    assert test.interval == (0.0, 0.0)
    assert test.bootstrap_p == test.mcnemar_p == 1.0


def test_per_program_every_program_counts_once() -> None:
    """Program 0 has three tasks, 1 and 2 have one."""
    a, b, programs = [True, True, False, True, False], [True, False, False, False, True], [0, 0, 0, 1, 2]
    test = program_test(a, b, programs)
    assert (test.programs, test.ahead, test.behind) == (3, 2, 1)
    assert test.difference == pytest.approx((1 / 3 + 1 - 1) / 3)
    assert test.interval.low < test.difference < test.interval.high
    assert test.sign_p == 1.0
    assert program_interval([True] * 4, [0, 0, 1, 2]) == (1.0, 1.0)


def test_with_a_task_a_program_both_ways_of_counting_agree() -> None:
    rng = np.random.default_rng(4)
    a, b = (rng.random((2, 200)) < [[0.7], [0.5]]).tolist()
    by_task, by_program = paired_test(a, b, range(200)), program_test(a, b, range(200))
    assert by_program.interval == by_task.interval
    assert by_program.sign_p == by_task.mcnemar_p
    assert program_interval(a, range(200)) == bootstrap_interval(a, range(200))
