"""How sure a figure is, and whether two systems differ: bootstrap intervals and McNemar's exact test.

Texts of one program stand and fall together, so the bootstrap draws whole programs (a *cluster bootstrap*; Field and
Welsh, 2007): every program with all its tasks, as many programs as there are. Where each has one task, it is the
bootstrap over tasks (Efron, 1979; paired, for two systems on the same tasks: Koehn, 2004).
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
CONFIDENCE = 0.95
RULE = f"{100 * CONFIDENCE:.0f} % percentile intervals of {RESAMPLES:,} bootstrap resamples over distinct programs"


class Interval(NamedTuple):
    """Between which values a figure lies."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Two systems, A and B, judged on the same tasks."""

    tasks: int
    both: int
    """Tasks that both have right."""
    only_a: int
    only_b: int
    neither: int
    difference: float
    """The share that A has right less that of B."""
    interval: Interval
    """Of the difference, by the paired bootstrap."""
    bootstrap_p: float
    """Two-sided, by the same resamples."""
    mcnemar_p: float
    """Two-sided, exact, task by task."""


@dataclass(frozen=True, slots=True)
class ProgramTest:
    """Two systems, A and B, judged on the same tasks, with every distinct program counting once."""

    programs: int
    ahead: int
    """Programs of which A has more tasks right."""
    behind: int
    """Programs of which B has."""
    difference: float
    """The mean over programs of the share that A has right less that of B."""
    interval: Interval
    """Of the difference, by the bootstrap over programs."""
    sign_p: float
    """Two-sided, exact, program by program (sign test)."""


def bootstrap_interval(
    right: Sequence[bool], clusters: Sequence[Hashable], resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """Between which values the share of tasks that are right lies.

    Args:
        right: of each task.
        clusters: what each task belongs to, such as its program; those of one cluster are drawn together.
        resamples: how many are drawn.
        seed: the same seed, the same interval.

    Raises:
        ValueError: there is no task, or the numbers of tasks and clusters differ.
    """
    shares = _resampled([int(one) for one in right], clusters, resamples, seed)
    return _middle(shares)


def paired_test(
    a: Sequence[bool], b: Sequence[bool], clusters: Sequence[Hashable], resamples: int = RESAMPLES, seed: int = 0
) -> PairedTest:
    """Whether A has more tasks right than B, or fewer, by more than chance.

    Args:
        a: whether A has each task right.
        b: the same for B.
        clusters: as ``bootstrap_interval``.
        resamples: how many are drawn.
        seed: the same seed, the same result.

    Raises:
        ValueError: as ``bootstrap_interval``.
    """
    counts = Counter(zip(map(bool, a), map(bool, b), strict=True))
    only_a, only_b = counts[True, False], counts[False, True]
    differences = _resampled([int(x) - int(y) for x, y in zip(a, b, strict=True)], clusters, resamples, seed)
    # of both tails, the resamples as drawn counted as one more (Davison and Hinkley, 1997)
    tail = min(int((differences <= 0).sum()), int((differences >= 0).sum()))
    return PairedTest(
        tasks=len(a),
        both=counts[True, True],
        only_a=only_a,
        only_b=only_b,
        neither=counts[False, False],
        difference=(only_a - only_b) / len(a),
        interval=_middle(differences),
        bootstrap_p=min(1.0, 2 * (tail + 1) / (resamples + 1)),
        mcnemar_p=mcnemar_exact(only_a, only_b),
    )


def program_interval(right: Sequence[bool], clusters: Sequence[Hashable], resamples: int = RESAMPLES) -> Interval:
    """Between which values the mean over clusters of the share that is right lies; as ``bootstrap_interval``."""
    shares = _shares([int(one) for one in right], clusters)
    return _middle(_resampled(shares, range(len(shares)), resamples, 0))


def program_test(
    a: Sequence[bool], b: Sequence[bool], clusters: Sequence[Hashable], resamples: int = RESAMPLES
) -> ProgramTest:
    """As ``paired_test``, with every cluster counting once."""
    differences = _shares([int(x) - int(y) for x, y in zip(a, b, strict=True)], clusters)
    ahead, behind = sum(one > 0 for one in differences), sum(one < 0 for one in differences)
    return ProgramTest(
        programs=len(differences),
        ahead=ahead,
        behind=behind,
        difference=sum(differences) / len(differences),
        interval=_middle(_resampled(differences, range(len(differences)), resamples, 0)),
        sign_p=mcnemar_exact(ahead, behind),
    )


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """The two-sided p-value of McNemar's exact test (1947): a fair coin for each task that one system alone has right.

    ``only_a`` and ``only_b`` are the numbers of these tasks.
    """
    count, fewer = only_a + only_b, min(only_a, only_b)
    ways, below = 1, 0
    for k in range(fewer + 1):
        below += ways
        ways = ways * (count - k) // (k + 1)
    return min(1.0, 2 * below / 2**count)


def _shares(values: Sequence[int], clusters: Sequence[Hashable]) -> list[float]:
    """The mean of the values of each cluster."""
    sums, sizes = Counter[Hashable](), Counter(clusters)
    for value, cluster in zip(values, clusters, strict=True):
        sums[cluster] += value
    return [sums[cluster] / size for cluster, size in sizes.items()]


def _resampled(
    values: Sequence[float], clusters: Sequence[Hashable], resamples: int, seed: int
) -> NDArray[np.floating]:
    """The mean of the values in each resample of whole clusters (resamples,).

    Clusters with the same sum and size are interchangeable, so that it is enough to draw how many there are of each
    kind, by one multinomial distribution.
    """
    if not values:
        raise ValueError("there is no task to draw from")
    sums, sizes = dict[Hashable, float](), Counter[Hashable]()
    for value, cluster in zip(values, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0) + value
        sizes[cluster] += 1
    kinds = Counter((sums[cluster], size) for cluster, size in sizes.items())
    drawn = np.random.default_rng(seed).multinomial(
        len(sizes), np.array([*kinds.values()]) / len(sizes), size=resamples
    )  # (resamples, kinds)
    sum_of_kind, size_of_kind = np.array([*kinds]).T
    means: NDArray[np.floating] = (drawn @ sum_of_kind) / (drawn @ size_of_kind)
    return means


def _middle(values: NDArray[np.floating]) -> Interval:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(float(low), float(high))
