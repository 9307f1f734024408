"""What is counted of each judged task, and how counts become shares and averages."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Rank = TypeVar("Rank", int, str)

NODE_BUCKETS = (5, 10, 20, 40, 80)  # upper ends; the median program of AlgoLisp has 17 nodes


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that the metrics need to know of one task and its prediction."""

    program: bytes
    """A digest of the task's program, by which the texts of one program are known."""
    depth: int
    nodes: int
    template: str
    exact: bool
    well_typed: bool
    not_parsed: bool
    no_prediction: bool
    clean: bool
    """The task's own program passes all its tests."""
    passed: int
    """How many of the judged tests the prediction passes."""
    tests: int
    """How many tests were judged."""
    bleu: float


@dataclass(frozen=True, slots=True)
class Share:
    """A count out of a total."""

    count: int
    total: int

    @property
    def value(self) -> float:
        """The share in [0, 1]; 0 of nothing is 0."""
        return self.count / self.total if self.total else 0.0

    def __str__(self) -> str:
        return f"{self.count} of {self.total}"


@dataclass(frozen=True, slots=True)
class Average:
    """A mean over distinct programs of the share among the tasks of each."""

    value: float
    programs: int


Metric = Callable[[Judgement], bool | None]
"""Whether a judgement counts for the metric; None where the question does not arise."""

METRICS: Mapping[str, Metric] = {
    "exact match": lambda j: j.exact,
    "execution accuracy": lambda j: j.passed == j.tests if j.tests else None,
    "execution accuracy, clean tasks": lambda j: j.passed == j.tests if j.tests and j.clean else None,
    "at least half of tests": lambda j: 2 * j.passed >= j.tests if j.tests else None,
    "well-typed": lambda j: j.well_typed,
    "not parsed": lambda j: j.not_parsed,
    "no prediction": lambda j: j.no_prediction,
}


@dataclass(frozen=True, slots=True)
class Figures:
    """The metrics of a group of tasks."""

    tasks: int
    shares: Mapping[str, Share]
    bleu: float


def figures(judgements: Sequence[Judgement]) -> Figures:
    """Shares over tasks, by the names in ``METRICS``, and the mean BLEU."""
    bleu = sum(j.bleu for j in judgements) / len(judgements) if judgements else 0.0
    return Figures(len(judgements), {name: _share(metric, judgements) for name, metric in METRICS.items()}, bleu)


def program_averages(judgements: Sequence[Judgement]) -> dict[str, Average]:
    """The metrics with every distinct program counting once, however many texts it has."""
    groups = _groups(judgements, lambda j: j.program).values()
    return {name: _average(metric, groups) for name, metric in METRICS.items()}


def by_depth(judgements: Sequence[Judgement]) -> dict[str, Figures]:
    """Figures by the depth of the task's program."""
    return _sorted_figures(judgements, lambda j: j.depth, str)


def by_nodes(judgements: Sequence[Judgement]) -> dict[str, Figures]:
    """Figures by the number of nodes of the task's program, in the ranges of ``NODE_BUCKETS``."""
    return _sorted_figures(judgements, lambda j: bucket_of(j.nodes), bucket_name)


def by_template(judgements: Sequence[Judgement]) -> dict[str, Figures]:
    """Figures by the template at the root of the task."""
    return _sorted_figures(judgements, lambda j: j.template, lambda name: name or "(unknown)")


def _share(metric: Metric, judgements: Iterable[Judgement]) -> Share:
    answers = [answer for judgement in judgements if (answer := metric(judgement)) is not None]
    return Share(sum(answers), len(answers))


def _average(metric: Metric, groups: Iterable[Sequence[Judgement]]) -> Average:
    shares = [share for group in groups if (share := _share(metric, group)).total]
    return Average(sum(share.value for share in shares) / len(shares) if shares else 0.0, len(shares))


def _groups(judgements: Iterable[Judgement], key: Callable[[Judgement], Key]) -> dict[Key, list[Judgement]]:
    groups: dict[Key, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        groups[key(judgement)].append(judgement)
    return groups


def _sorted_figures(
    judgements: Iterable[Judgement], key: Callable[[Judgement], Rank], name: Callable[[Rank], str]
) -> dict[str, Figures]:
    groups = _groups(judgements, key)
    return {name(rank): figures(groups[rank]) for rank in sorted(groups)}


def bucket_of(size: int) -> int:
    """The range of ``NODE_BUCKETS`` that a program of ``size`` nodes is in, from 0."""
    return sum(size > end for end in NODE_BUCKETS)


def bucket_name(bucket: int) -> str:
    """``6-10`` for the second range, ``81+`` for the last."""
    first = NODE_BUCKETS[bucket - 1] + 1 if bucket else 1
    return f"{first}-{NODE_BUCKETS[bucket]}" if bucket < len(NODE_BUCKETS) else f"{first}+"
