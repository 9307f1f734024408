"""Programs run on their tests: outcomes, and the same ones with any number of workers."""

from collections.abc import Callable, Iterator

import pytest

from saps.evaluation import execution
from saps.evaluation.execution import ExecutionJob, execute
from saps.evaluation.pool import Died
from saps.lang.example import Example
from saps.lang.spelling import parse

TESTS = (Example({"a": [1, 2]}, 3), Example({"a": []}, 0))


def jobs(*programs: str) -> list[ExecutionJob]:
    return [ExecutionJob(parse(program), TESTS) for program in programs]


def test_each_test_has_its_outcome() -> None:
    programs = jobs("(reduce a 0 +)", "(len a)", "(head a)", "(strlen a)", "(invoke1 (lambda1 (self arg1)) 0)")
    assert [verdict.outcomes for verdict in execute(programs, workers=0)] == [
        ("pass", "pass"),
        ("wrong value", "pass"),
        ("wrong value", "runtime error"),
        ("type error", "type error"),
        ("limit", "limit"),
    ]


def test_workers_do_not_change_the_verdicts() -> None:
    programs = jobs(*["(reduce a 0 +)", "(len a)", "(head a)", "(deref a 1)", "a"] * 30)
    alone = execute(programs, workers=0)
    assert execute(programs, workers=1) == alone
    assert execute(programs, workers=8) == alone
    assert alone[0].passes_all
    assert not alone[1].passes_all
    assert alone[1].passed == 1


def test_a_program_that_kills_its_process_fails_its_own_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The death itself is tested in ``test_pool``; here, what it means for a verdict."""

    def deadly(function: Callable[[object], object], packed: Iterator[object], *_: int) -> Iterator[object]:
        next(packed)
        yield Died(-9)
        yield from map(function, packed)

    monkeypatch.setattr(execution, "stream_jobs", deadly)
    dead, alive = execute(jobs("(reduce a 0 +)", "(reduce a 0 +)"), workers=2)
    assert dead.outcomes == ("died", "died")
    assert alive.passes_all
