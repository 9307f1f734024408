"""Programs with small budgets first: slow ones that are right are found, and those without end cost little."""

import pytest

from saps.lang.example import Example
from saps.lang.interpreter import Limits, Outcome
from saps.lang.spelling import parse, to_lisp
from saps.search.dovetail import FIRST_BUDGET, Dovetail
from saps.search.explain import verdict
from saps.search.hypothesis import Candidate
from saps.search.tree_beam import SearchLimits, TaskSearch, run_search
from saps.search.trial import Deadline, Trial
from tests.in_time import in_time
from tests.search.tables import TableModel, random_table, rules
from tests.search.test_trial import ENDLESS

SLOW = Candidate(parse("(reduce (map (range 0 n) (lambda1 (reduce (range 0 arg1) 0 +))) 0 +)"), -1.0)
AT_150 = Example({"n": 150}, 551300)  # takes SLOW some 12,000 steps
AT_3 = Example({"n": 3}, 1)


def endless(number: int) -> Candidate:
    return Candidate(parse("(+ " * number + to_lisp(ENDLESS) + " 1)" * number), -float(number))


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps of each run from now on."""
    steps: list[int] = []
    run = Trial.run

    def counted(self: Trial, *arguments: object) -> list[Outcome]:
        outcomes = []
        for outcome in run(self, *arguments):  # type: ignore[arg-type]
            steps.append(outcome.steps)
            outcomes.append(outcome)
            if outcome.is_cut_off:
                break
        return outcomes

    monkeypatch.setattr(Trial, "run", counted)
    return steps


def test_a_slow_program_that_is_right_is_found_among_endless_ones() -> None:
    dovetail = Dovetail(Trial([AT_150]))
    assert [dovetail.visit(one) for one in (endless(1), endless(2), SLOW)] == [None] * 3
    found = (dovetail.visit(endless(number)) for number in range(3, 20))
    assert next(filter(None, found)) == SLOW


def test_programs_without_end_take_twice_their_first_budget_until_nothing_else_is_left(taken: list[int]) -> None:
    trial = Trial([AT_150, AT_3])
    dovetail = Dovetail(trial)
    for number in range(20):
        assert dovetail.visit(endless(number)) is None
    assert 20 * FIRST_BUDGET <= sum(taken) <= 2 * 20 * FIRST_BUDGET
    assert trial.visited == 20


def test_at_the_end_each_gets_its_full_budget(taken: list[int]) -> None:
    trial = Trial([AT_3, AT_150], Limits(steps=50_000))
    dovetail = Dovetail(trial)
    for candidate in (endless(0), SLOW, endless(1)):
        assert dovetail.visit(candidate) is None
    assert "is not finished on example 1: steps: more than 20,000" in verdict(trial.visits[0], trial.examples)
    assert dovetail.finish() == SLOW
    assert [visit.passes for visit in trial.visits] == [False, True, False]
    assert len([steps for steps in taken if steps < 100]) == 1  # the first example of SLOW is run once
    assert dovetail.finish() is None
    assert max(taken) == 50_000
    assert "fails on example 1: steps: more than 50,000" in verdict(trial.visits[0], trial.examples)


def test_what_is_not_finished_is_equivalent_to_nothing() -> None:
    trial = Trial([AT_150])
    dovetail = Dovetail(trial)
    for candidate in (endless(0), endless(1), Candidate(parse("n"), -1.0), Candidate(parse("(+ n 0)"), -1.0)):
        dovetail.visit(candidate)
    assert [visit.equivalent for visit in trial.visits] == [None, None, None, 2]
    assert trial.visited == sum(visit.is_new for visit in trial.visits) == 3


def test_what_is_wrong_on_an_example_is_not_run_again(taken: list[int]) -> None:
    trial = Trial([Example({"n": 3}, 5), AT_150])
    dovetail = Dovetail(trial)
    dovetail.visit(SLOW)
    assert dovetail.finish() is None
    assert len(taken) == 2
    assert verdict(trial.visits[0], trial.examples) == "gives 1 on example 1"


def test_the_deadline_holds_for_what_is_kept_aside() -> None:
    wide = Limits(steps=10**9, elements=10**9)

    def search() -> Trial:
        trial = Trial([AT_3] * 3, wide, Deadline(0.2))
        dovetail = Dovetail(trial)
        assert all(dovetail.visit(endless(number)) is None for number in range(3))
        assert dovetail.finish() is None
        return trial

    trial = in_time(0.2 + 0.1, search)
    assert trial.deadline.is_over
    assert not any(visit.passes for visit in trial.visits)


@pytest.mark.parametrize("limits", [SearchLimits(visited=10), SearchLimits(visited=10**6, expanded=1_000)])
def test_a_search_that_finds_nothing_better_ends_with_what_was_slow(limits: SearchLimits) -> None:
    trial = Trial([Example({"a": [1] * 12_000}, 12_000), Example({"a": [2] * 12_000}, 24_000)])
    search = TaskSearch(rules("int", 5, 4, a="int[]"), trial, limits)
    run_search(TableModel([random_table(3)]), [search])
    assert search.winner is not None
    assert to_lisp(search.winner.program) == "(reduce a 0 +)"
    assert search.ended == "a program passes"
