"""What decoding and search cost: batches against single sentences, programs a second, and where the time goes."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from saps.lang.example import Example
from saps.models.saps import SAPS
from saps.search import dovetail, trial
from saps.search.constraints import Constraints
from saps.search.tree_beam import SearchLimits, TaskSearch
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import Query, query_of
from saps.tasks.task import SHOWN_TESTS, Task
from tests.bench.clock import Row, seconds_of, side_by_side

TOGETHER, ALONE, SEARCHED, FAR = 256, 16, 48, 24


class Clock:
    """CPU seconds inside of calls, by part; a part inside another is counted once, as the inner one."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inner = [0.0]

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time counted."""

        def call(*arguments: Any, **named: Any) -> Any:
            with self.part(part):
                return function(*arguments, **named)

        return call

    @contextmanager
    def part(self, name: str) -> Any:
        """Counts what happens inside towards a part."""
        start = time.process_time()
        self._inner.append(0.0)
        yield
        spent = time.process_time() - start
        self.seconds[name] += spent - self._inner.pop()
        self._inner[-1] += spent


def batches_against_single(system: SAPS, tasks: Sequence[Task]) -> list[Row]:
    """Greedy and constrained decoding of the same sort of sentences, 256 together and one at a time."""
    synthesizer = Synthesizer(system)
    queries = sorted((query_of(task, 0) for task in tasks[:TOGETHER]), key=lambda query: len(query.text))
    some = queries[:: TOGETHER // ALONE]
    rows = []
    for name, decode in (("greedy", synthesizer.greedy), ("constrained", synthesizer.constrained)):
        many, single = side_by_side(
            lambda decode=decode: decode(queries),  # type: ignore[misc]
            lambda decode=decode: [decode([question]) for question in some],  # type: ignore[misc]
            rounds=7,
        )
        fast, slow = len(queries) / many, len(some) / single
        remark = f"{fast:,.0f} against {slow:,.0f} sentences per CPU-second"
        rows.append(Row(f"{name}: 256 together / one at a time", f"{fast / slow:.1f} x", remark))
    return rows


def search_rates(system: SAPS, tasks: Sequence[Task]) -> list[Row]:
    """Searches that no program satisfies, so that all of them visit as many programs as they may."""
    synthesizer = Synthesizer(system)
    queries = [_unsatisfied(task) for task in tasks[:SEARCHED]]
    limits = SearchLimits(visited=20, expanded=400)
    synthesizer.searched(queries, limits)  # fills the tables of the rules
    clock, searches = _timed(synthesizer, queries, limits, masks=False)
    total = sum(clock.seconds.values())
    with_masks, _ = _timed(synthesizer, queries, limits, masks=True)  # its own calls of the clock are in the rest
    masks = with_masks.seconds["masks"] / sum(with_masks.seconds.values())
    visited = sum(len(search.trial.visits) for search in searches)
    expanded = sum(search.expanded for search in searches)
    remark = f"programs per CPU-second over {SEARCHED} tasks, {expanded / total:,.0f} nodes expanded"
    parts = ("network", "interpreter", "bookkeeping")
    shares = [Row(f"  {name}", f"{100 * clock.seconds[name] / total:.0f} %") for name in parts]
    return [Row("search visits", f"{visited / total:,.0f}", remark), *shares, Row("    masks", f"{100 * masks:.0f} %")]


def small_budgets_first(system: SAPS, tasks: Sequence[Task]) -> list[Row]:
    """Longer searches that no program satisfies, with small budgets of steps first and with the full one at once."""
    synthesizer = Synthesizer(system)
    queries = [_unsatisfied(task) for task in tasks[:FAR]]
    limits = SearchLimits(visited=200, expanded=2_000)
    synthesizer.searched(queries, limits)  # fills the tables of the rules
    rates, cut_off = [], 0
    for steps in (dovetail.FIRST_BUDGET, 10**9):
        end, searches = Clock(), list[TaskSearch[Any]]()
        with (
            mock.patch.object(dovetail, "FIRST_BUDGET", steps),
            mock.patch.object(dovetail.Dovetail, "finish", end.timed("finish", dovetail.Dovetail.finish)),
        ):
            total = seconds_of(lambda found=searches: found.extend(synthesizer.searched(queries, limits)))  # type: ignore[misc]
        visits = [visit for search in searches for visit in search.trial.visits]
        cut_off = sum(any(outcome.is_cut_off for outcome in visit.outcomes) for visit in visits)
        rates.append([len(visits) / (total - more) for more in (0, end.seconds["finish"])])
    small, full = rates
    remark = f"{small[0]:,.0f} against {full[0]:,.0f} programs per CPU-second, {cut_off} cut off in the end"
    return [
        Row("small budgets first / the full one", f"{small[0] / full[0]:.2f} x", remark),
        Row("  until all are visited", f"{small[1] / full[1]:.2f} x", f"{small[1]:,.0f} against {full[1]:,.0f}"),
    ]


def _timed(
    synthesizer: Synthesizer, queries: Sequence[Query], limits: SearchLimits, masks: bool
) -> tuple[Clock, list[TaskSearch[Any]]]:
    """CPU seconds of a search in the network, the interpreter and all else; of that the masks, if they are timed."""
    clock = Clock()
    make = synthesizer.system.stepper

    def timed_stepper(texts: Any) -> Any:
        with clock.part("network"):
            found = make(texts)
        found.step = clock.timed("network", found.step)
        return found

    allowed = clock.timed("masks", Constraints.allowed) if masks else Constraints.allowed
    with (
        mock.patch.object(synthesizer.system, "stepper", timed_stepper),
        mock.patch.object(dovetail.Dovetail, "_run", clock.timed("interpreter", dovetail.Dovetail._run)),
        mock.patch.object(trial.Trial, "_failure", clock.timed("interpreter", trial.Trial._failure)),
        mock.patch.object(Constraints, "allowed", allowed),
        clock.part("bookkeeping"),
    ):
        return clock, synthesizer.searched(queries, limits)


def _unsatisfied(task: Task) -> Query:
    """The question of a task whose examples want what no program gives."""
    query = query_of(task, SHOWN_TESTS)
    examples = tuple(Example(test.input, {"no": "such"}) for test in query.examples)
    return Query(query.text, query.arguments, examples, query.result)
