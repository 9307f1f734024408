"""Programs run with a small budget first, so that those without end take little of a search's time.

A program that is cut off is kept aside, and runs again with twice the budget as soon as new programs have taken as many
steps: *dovetailing*, the idea of universal search (Levin, 1973), with doubling budgets as in the restarts of Luby,
Sinclair and Zuckerman (1993). So programs kept aside take no more of the time than new ones, and of those the one that
passes first wins: what is slower has been outrun.
"""

from collections import deque
from typing import NamedTuple

from saps.lang.interpreter import Outcome
from saps.search.hypothesis import Candidate
from saps.search.trial import Trial, Visit

FIRST_BUDGET = 10_000
"""Steps that a program has at first, on each example."""
_NOT_RUN = Outcome("limit", message="steps: not run, since an earlier example takes too many")


class _Aside(NamedTuple):
    """A program that was cut off."""

    place: int  # among the visits of the trial
    before: tuple[Outcome, ...]  # of the examples before the one on which it was cut off
    steps: int  # that it has on each example when it runs again


class Dovetail:
    """The programs of one search, each run no further than those beside it."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._aside: deque[_Aside] = deque()
        self._spent = 0  # steps of new programs, less those of programs kept aside

    def visit(self, candidate: Candidate) -> Candidate | None:
        """Runs a new program, then those kept aside whose turn it is; gives the first that passes all examples.

        A program that is cut off counts as visited, and is observationally equivalent to none.
        """
        trial, steps = self._trial, min(FIRST_BUDGET, self._trial.limits.steps)
        outcomes = self._run(candidate, steps)
        if self._may_pass(outcomes, steps):
            self._aside.append(_Aside(len(trial.visits), outcomes[:-1], self._doubled(steps)))
        if outcomes and outcomes[-1].is_cut_off:
            trial.count(self._visit(candidate, outcomes, steps))
        elif trial.record(candidate, outcomes):
            return candidate
        self._spent += sum(outcome.steps for outcome in outcomes)
        while self._aside and self._spent >= self._aside[0].steps and not trial.deadline.is_over:
            if passing := self._run_again():
                return passing
        return None

    def finish(self) -> Candidate | None:
        """Runs those kept aside up to the full budget, in order, while there is time; gives the first that passes."""
        while self._aside and not self._trial.deadline.is_over:
            if passing := self._run_again():
                return passing
        return None

    def _run_again(self) -> Candidate | None:
        """Runs the first of those kept aside, from the example on which it was cut off; gives it if it passes."""
        trial, (place, before, steps) = self._trial, self._aside.popleft()
        candidate = trial.visits[place].candidate
        outcomes = self._run(candidate, steps, before)
        self._spent -= sum(outcome.steps for outcome in outcomes[len(before) :])
        visit = self._visit(candidate, outcomes, steps)
        if visit.passes or not trial.deadline.is_over:  # else the clock may have ended it
            trial.visits[place] = visit
        if self._may_pass(outcomes, steps):
            self._aside.append(_Aside(place, outcomes[:-1], self._doubled(steps)))
        return candidate if visit.passes else None

    def _run(self, candidate: Candidate, steps: int, before: tuple[Outcome, ...] = ()) -> tuple[Outcome, ...]:
        """Outcomes on the examples, up to the first on which it is cut off; those that are known are taken over."""
        outcomes = list(before)
        for outcome in self._trial.run(candidate.program, steps, len(before)):
            outcomes.append(outcome)
            if outcome.is_cut_off:
                break
        return tuple(outcomes)

    def _may_pass(self, outcomes: tuple[Outcome, ...], steps: int) -> bool:
        """Whether a program that was run with so many steps may pass all examples if it had more."""
        passed = self._trial.count_passed(outcomes)
        return steps < self._trial.limits.steps and passed < len(outcomes) and outcomes[passed].is_cut_off

    def _visit(self, candidate: Candidate, outcomes: tuple[Outcome, ...], steps: int) -> Visit:
        """What has become of a program until now."""
        examples = len(self._trial.examples)
        every = (*outcomes, *[_NOT_RUN] * (examples - len(outcomes)))
        passes = self._trial.count_passed(every) == examples
        return Visit(candidate, passes, every, finished=not self._may_pass(outcomes, steps))

    def _doubled(self, steps: int) -> int:
        return min(2 * steps, self._trial.limits.steps)
