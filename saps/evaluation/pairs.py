"""What each task came to, kept in reports so that systems can be compared later, and how two of them compare."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from saps.evaluation.metrics import METRICS, Judgement
from saps.evaluation.statistics import (
    Interval,
    PairedTest,
    ProgramTest,
    bootstrap_interval,
    paired_test,
    program_interval,
    program_test,
)

COMPARED = ("exact match", "execution accuracy")
HEADINGS = (
    "", "first", "second", "difference", "95 % interval", "only first", "only second", "McNemar p", "bootstrap p",
    "per program", "95 % interval", "sign p",
)  # fmt: skip
RULE = (
    "Shares in percent; differences in points. McNemar's exact test asks of the tasks that one of the two alone has "
    "right whether a fair coin divides them so; per program, the sign test asks the same of the programs of which one "
    "has more tasks right. The paired bootstrap draws whole programs. All are two-sided."
)
_MARKS = {True: "1", False: "0", None: "-"}


class EachTask(NamedTuple):
    """What each of n tasks came to."""

    programs: tuple[int, ...]
    """(n,) the program of each task, numbered as they first occur."""
    right: Mapping[str, str]
    """By metric of ``COMPARED``, n marks: 1 right, 0 wrong, - where the question does not arise."""
    digest: str = ""
    """The sha256 of all tasks' programs in their order; empty in reports that were written before it was kept."""

    def as_json(self) -> dict[str, Any]:
        """As a report holds it."""
        return {"programs": [*self.programs], "programs_sha256": self.digest, **self.right}


class Pair(NamedTuple):
    """Two systems in one metric."""

    metric: str
    by_task: PairedTest
    by_program: ProgramTest


def each_task(judgements: Iterable[Judgement]) -> EachTask:
    """What judgements say of each task, in their order."""
    numbers: dict[bytes, int] = {}
    digest = sha256()
    programs, marks = [], {name: list[str]() for name in COMPARED}
    for judgement in judgements:
        programs.append(numbers.setdefault(judgement.program, len(numbers)))
        digest.update(judgement.program)
        for name in COMPARED:
            marks[name].append(_MARKS[METRICS[name](judgement)])
    return EachTask(tuple(programs), {name: "".join(found) for name, found in marks.items()}, digest.hexdigest())


def read_each_task(report: Mapping[str, Any]) -> EachTask | None:
    """What a report, as JSON, says of each task; None of one that was written before reports said so."""
    found = report.get("each_task")
    if found is None:
        return None
    right = {name: found[name] for name in COMPARED}
    return EachTask(tuple(found["programs"]), right, found.get("programs_sha256", ""))


def interval_of(seeds: Sequence[EachTask], metric: str) -> Interval | None:
    """Between which values the share lies, the mean over seeds; None where no task has the question."""
    (right,), programs = _pooled([seeds], metric)
    return bootstrap_interval(right, programs) if right else None


def program_interval_of(seeds: Sequence[EachTask], metric: str) -> Interval | None:
    """As ``interval_of``, with every distinct program counting once."""
    (right,), programs = _pooled([seeds], metric)
    return program_interval(right, programs) if right else None


def paired_by_task(first: EachTask, second: EachTask, metric: str) -> PairedTest:
    """Two systems on the same tasks."""
    (a, b), programs = _pooled([[first], [second]], metric)
    return paired_test(a, b, programs)


def compare(first: Sequence[EachTask], second: Sequence[EachTask]) -> list[Pair]:
    """Two systems with the same seeds on the same tasks, seed by seed; nothing where the tasks differ.

    The tasks of all seeds are pooled; the bootstrap keeps those of a program together over the seeds, too.
    """
    both = (*first, *second)
    if len({one.programs for one in both}) != 1 or len({one.digest for one in both} - {""}) > 1:
        return []
    pairs = []
    for metric in COMPARED:
        (a, b), programs = _pooled([first, second], metric)
        if a:
            pairs.append(Pair(metric, paired_test(a, b, programs), program_test(a, b, programs)))
    return pairs


def cells(pair: Pair) -> list[str]:
    """A pair under ``HEADINGS``."""
    test, programs = pair.by_task, pair.by_program
    return [
        pair.metric,
        f"{100 * (test.both + test.only_a) / test.tasks:.2f}",
        f"{100 * (test.both + test.only_b) / test.tasks:.2f}",
        f"{100 * test.difference:+.2f}",
        signed(test.interval),
        f"{test.only_a:,}",
        f"{test.only_b:,}",
        p_value(test.mcnemar_p),
        p_value(test.bootstrap_p),
        f"{100 * programs.difference:+.2f}",
        signed(programs.interval),
        p_value(programs.sign_p),
    ]


def p_value(p: float) -> str:
    """A p-value with two digits; very small ones as a bound."""
    return "< 0.0001" if p < 0.0001 else f"{p:.2g}"


def signed(interval: Interval) -> str:
    """An interval of a difference, in points."""
    return f"{100 * interval.low:+.2f} to {100 * interval.high:+.2f}"


def _pooled(systems: Sequence[Sequence[EachTask]], metric: str) -> tuple[list[list[bool]], list[int]]:
    """Whether each system has each task right, all seeds one after another, and their programs."""
    lines = ["".join(one.right[metric] for one in seeds) for seeds in systems]
    programs = [program for one in systems[0] for program in one.programs]
    asked = [place for place, marks in enumerate(zip(*lines, strict=True)) if "-" not in marks]
    return [[line[place] == "1" for place in asked] for line in lines], [programs[place] for place in asked]
