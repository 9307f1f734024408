"""Programs run on their tests, many at once in worker processes."""

import functools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from saps.evaluation.pool import Died, stream_jobs
from saps.lang.example import Example
from saps.lang.interpreter import Compiled, Limits, compile_program, same_value
from saps.lang.trees import Tree, tree_from_labels
from saps.search.step import Label
from saps.synthesis.notation import write_value

TestOutcome: TypeAlias = Literal["pass", "wrong value", "type error", "runtime error", "limit", "died", "no program"]

WORKER_BYTES = 512 * 2**20  # what a worker may take; the limits of a run keep it far below


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a program's tests, in their order.

    ``died`` where the process did not survive the program, ``no program`` where there was none to run.
    """

    outcomes: tuple[TestOutcome, ...]

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return self.outcomes.count("pass")

    @property
    def passes_all(self) -> bool:
        """No test failed."""
        return self.passed == len(self.outcomes)


@dataclass(frozen=True, slots=True)
class ExecutionJob:
    """A program and the tests to run it on."""

    program: Tree
    tests: tuple[Example, ...]


def execute(jobs: Iterable[ExecutionJob], workers: int, limits: Limits | None = None) -> list[Verdict]:
    """The verdicts of ``verdicts_of`` as a list."""
    return list(verdicts_of(jobs, workers, limits))


def verdicts_of(jobs: Iterable[ExecutionJob], workers: int, limits: Limits | None = None) -> Iterator[Verdict]:
    """The verdict on each job, in their order, the same for any number of workers; jobs are taken as needed.

    A program that kills its process, or takes it beyond ``WORKER_BYTES`` of memory, fails all tests of its job and of
    no other (with workers; 0 of them work in this process).
    """
    died: TestOutcome = "died"
    tests: deque[int] = deque()  # of the jobs under way

    def packed() -> Iterator[tuple[tuple[Label, ...], tuple[Example, ...]]]:
        for job in jobs:
            tests.append(len(job.tests))
            yield tuple(_labels(job.program)), job.tests

    for verdict in stream_jobs(functools.partial(_verdict, limits or Limits()), packed(), workers, WORKER_BYTES):
        count = tests.popleft()
        yield Verdict((died,) * count) if isinstance(verdict, Died) else verdict


def shown_runs(
    jobs: Iterable[ExecutionJob], workers: int, most: int, limits: Limits | None = None
) -> Iterator[tuple[str, ...] | None]:
    """What each program gives on its tests, for people: values as JSON of at most so many characters, or what is wrong.

    None for a program that kills its process.
    """
    packed = ((tuple(_labels(job.program)), job.tests) for job in jobs)
    for shown in stream_jobs(functools.partial(_shown, limits or Limits(), most), packed, workers, WORKER_BYTES):
        yield None if isinstance(shown, Died) else shown


def _shown(limits: Limits, most: int, job: tuple[tuple[Label, ...], tuple[Example, ...]]) -> tuple[str, ...]:
    labels, tests = job
    outcomes = [_compiled(labels).run(test.input, limits) for test in tests]
    return tuple(write_value(one.value, most) if one.kind == "value" else one.message for one in outcomes)


def _labels(program: Tree) -> list[Label]:
    """A program flat, so that no depth is too much for pickle."""
    return [(node.label, node.arity) for node in program.preorder()]


def _verdict(limits: Limits, job: tuple[tuple[Label, ...], tuple[Example, ...]]) -> Verdict:
    labels, tests = job
    program = _compiled(labels)
    return Verdict(tuple(_outcome(program, test, limits) for test in tests))


@functools.lru_cache(maxsize=1024)
def _compiled(labels: tuple[Label, ...]) -> Compiled:
    """The same programs come again and again: a data set has several sentences for each, a search several samples."""
    return compile_program(tree_from_labels(labels))


def _outcome(program: Compiled, test: Example, limits: Limits) -> TestOutcome:
    outcome = program.run(test.input, limits)
    if outcome.kind != "value":
        return outcome.kind
    return "pass" if same_value(outcome.value, test.output) else "wrong value"
