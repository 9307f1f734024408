"""Best-first search against brute force on hand-written tables, and what its limits do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saps.lang.example import Example
from saps.lang.spelling import to_lisp
from saps.search.hypothesis import Candidate
from saps.search.tree_beam import SearchLimits, TaskSearch, run_search
from saps.search.trial import Deadline, Trial
from tests.search.plain_search import plain_search
from tests.search.tables import LABELS, SMALL, TableModel, every_program, random_table, rules

UNBOUNDED = SearchLimits(visited=10**6, queue=None, expanded=10**6)


def searched(model: TableModel, limits: SearchLimits, *trials: Trial, several: list | None = None) -> list[TaskSearch]:
    pairs = zip(several or [SMALL] * len(trials), trials, strict=True)
    searches = [TaskSearch(constraints, trial, limits) for constraints, trial in pairs]
    run_search(model, searches)
    return searches


def found(search: TaskSearch) -> list[Candidate]:
    return [visit.candidate for visit in search.trial.visits]


@settings(deadline=None, max_examples=4)
@given(st.integers(0, 2**32 - 1), st.integers(1, 7))
def test_with_an_unbounded_queue_the_best_list_is_exact(seed: int, together: int) -> None:
    model = TableModel([random_table(seed)])
    limits = SearchLimits(visited=10**6, queue=None, expanded=10**6, together=together)
    (search,) = searched(model, limits, Trial())
    truth = every_program(model, SMALL)
    assert [c.log_probability for c in found(search)] == pytest.approx([c.log_probability for c in truth])
    assert [c.program for c in found(search)[:5]] == [c.program for c in truth[:5]]
    assert {c.program for c in found(search)} == {c.program for c in truth}
    assert search.ended == "nothing is left to try"


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.sampled_from([1, 3, 20, None]), st.integers(1, 60))
def test_the_fast_search_does_what_the_definition_does(seed: int, together: int, queue: int, expanded: int) -> None:
    limits = SearchLimits(visited=10**6, queue=queue, expanded=expanded, together=together)
    tables = [np.round(random_table(seed + task), seed % 3) for task in range(3)]  # rounded: with many ties
    several = [SMALL, rules(a="int[]", size=9, depth=4), rules(size=9, depth=3)]
    searches = searched(TableModel(tables), limits, *(Trial() for _ in tables), several=several)
    for table, constraints, search in zip(tables, several, searches, strict=True):
        assert found(search) == list(plain_search(TableModel([table]), constraints, limits))


@pytest.mark.parametrize("visited", [1, 3, 20])
def test_the_first_of_the_exact_list_come_first(visited: int) -> None:
    model = TableModel([random_table(5)])
    (search,) = searched(model, SearchLimits(visited=visited, queue=None), Trial())
    assert [c.program for c in found(search)] == [c.program for c in every_program(model, SMALL)[:visited]]
    assert search.ended == "as many programs as allowed were tried"


def test_a_short_queue_keeps_the_most_probable_and_counts_what_it_drops() -> None:
    model = TableModel([random_table(5)])
    (short,) = searched(model, SearchLimits(visited=10**6, queue=3, expanded=10**6), Trial())
    (long,) = searched(model, UNBOUNDED, Trial())
    assert short.frontier.dropped > 0
    assert long.frontier.dropped == 0
    assert 0 < len(found(short)) < len(found(long))
    assert {c.program for c in found(short)} < {c.program for c in found(long)}


def test_tasks_advance_together_and_do_not_change_each_other() -> None:
    tables = [random_table(seed) for seed in range(5)]
    several = [SMALL, rules(size=9, depth=3), SMALL, rules(a="int[]", size=9, depth=9), SMALL]
    limits = SearchLimits(visited=7, queue=20)
    together = TableModel(tables)
    results = searched(together, limits, *(Trial() for _ in tables), several=several)
    assert together.calls[0] == 5
    alone_calls = 0
    for table, rule, result in zip(tables, several, results, strict=True):
        alone = TableModel([table])
        (search,) = searched(alone, limits, Trial(), several=[rule])
        alone_calls += len(alone.calls)
        assert found(search) == found(result)
        assert search.expanded == result.expanded
        assert search.frontier.pushed == result.frontier.pushed
        assert search.frontier.dropped == result.frontier.dropped
    assert len(together.calls) < alone_calls / 2


def test_the_most_probable_program_that_passes_wins() -> None:
    examples = [Example({"a": [5, 5]}, 2), Example({"a": [1]}, 1)]
    by = rules(a="int[]", size=8)
    model = TableModel([random_table(3)])
    (search,) = searched(model, UNBOUNDED, Trial(examples), several=[by])
    first = next(c for c in every_program(model, by) if all(_length(c, test) for test in examples))
    assert search.winner is not None
    assert search.winner.program == first.program
    assert search.ended == "a program passes"
    assert search.trial.visits[-1].passes


def _length(candidate: Candidate, test: Example) -> bool:
    from saps.lang.interpreter import run

    return run(candidate.program, test.input).gives(test.output)


def test_observationally_equivalent_programs_count_once() -> None:
    (search,) = searched(TableModel([random_table(3)]), UNBOUNDED, Trial([Example({"a": [2]}, 77)]))
    assert search.winner is None
    assert search.trial.visited == sum(visit.is_new for visit in search.trial.visits)
    assert search.trial.visited < len(search.trial.visits) / 3
    again = next(visit for visit in search.trial.visits if not visit.is_new)
    assert again.equivalent is not None
    assert search.trial.visits[again.equivalent].outcomes == again.outcomes


def test_it_stops_where_it_is_told_to() -> None:
    table = random_table(1)
    (few,) = searched(TableModel([table]), SearchLimits(expanded=5), Trial())
    assert few.ended == "as many partial programs as allowed were expanded"
    assert 5 <= few.expanded < 5 + SearchLimits().together
    (late,) = searched(TableModel([table]), UNBOUNDED, Trial(deadline=Deadline(0.0)))
    assert late.ended == "the time is over"
    assert late.expanded == 1


def test_what_was_found_outlives_an_interruption() -> None:
    model = TableModel([random_table(5)])
    step, rounds = model.step, iter(range(12))

    def interrupted(states: list) -> tuple:
        if next(rounds, None) is None:
            raise KeyboardInterrupt
        return step(states)

    model.step = interrupted  # type: ignore[method-assign]
    searches = [TaskSearch(SMALL, Trial(), UNBOUNDED)]
    with pytest.raises(KeyboardInterrupt):
        run_search(model, searches)
    truth = every_program(TableModel([random_table(5)]), SMALL)
    assert 0 < len(found(searches[0])) < len(truth)
    assert [to_lisp(c.program) for c in found(searches[0])] == [
        to_lisp(c.program) for c in truth[: len(found(searches[0]))]
    ]


def test_a_model_that_excludes_everything_leaves_nothing() -> None:
    model = TableModel([np.full((len(LABELS) + 1,) * 2 + (len(LABELS),), -np.inf)])
    (search,) = searched(model, UNBOUNDED, Trial())
    assert found(search) == []
    assert search.ended == "nothing is left to try"
    with pytest.raises(ValueError, match="starts 1 tasks"):
        run_search(model, [])
