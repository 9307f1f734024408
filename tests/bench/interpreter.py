"""The interpreter: compiled programs against the plain evaluator, on generated tasks and on the published ones."""

import gc
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from saps.lang.interpreter import Limits, Outcome, compile_program, same_value
from saps.lang.plain import run_plainly
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree
from saps.tasks.files import read_tasks
from saps.tasks.task import Task
from tests.bench.clock import Row

FOLDER = "SAPS_ALGOLISP"
FILE = "metaset3.dev.jsonl.gz"
PLAIN_SHARE = 5  # the plain evaluator runs every fifth task
SLOWEST = 10
_SHOWN = 110  # characters of a slow program
_LIMITS = Limits()

Prepare = Callable[[Tree], Callable[[Any], Outcome]]
"""Takes a program and gives what runs it on inputs."""


class Timed(NamedTuple):
    """CPU seconds of a task (compilation, ten tests, comparison of the outputs), and how many tests passed."""

    seconds: float
    passed: int
    task: Task


def interpreter_rows(generated: Sequence[Task]) -> list[Row]:
    """Rates on generated tasks and, where ``SAPS_ALGOLISP`` names a folder with the dev split, on that."""
    rows = _rows("generated", generated)
    folder = os.environ.get(FOLDER, "")
    if not folder:
        return [*rows, Row("interpreter, dev", "-", f"set {FOLDER} to a folder that holds {FILE}")]
    return rows + _rows("dev", list(read_tasks(Path(folder) / FILE)))


def _rows(name: str, tasks: Sequence[Task]) -> list[Row]:
    gc.freeze()  # the tasks in memory are no work of the interpreter
    share = tasks[::PLAIN_SHARE]
    slow, beside = _timed(share, _plain), _timed(share, _compiled)
    fast = _timed(tasks, _compiled)
    ratio = sum(timed.seconds for timed in slow) / sum(timed.seconds for timed in beside)
    good = sum(timed.passed == len(timed.task.tests) for timed in fast)
    rows = [
        Row(f"interpreter, {name}", _rate(fast), f"tests per CPU-second; {good:,} of {len(tasks):,} programs pass all"),
        Row("  median program", f"{_median_rate(fast):,.0f}", "tests per CPU-second"),
        Row("  plain evaluator", _rate(slow), f"on every {PLAIN_SHARE}th task; median {_median_rate(slow):,.0f}"),
        Row("  compiled / plain", f"{ratio:.1f} x", "on the same tasks"),
    ]
    slowest = sorted(fast, key=lambda timed: timed.seconds, reverse=True)[:SLOWEST]
    return rows + [
        Row("    slowest", f"{timed.seconds * 1e3:.1f} ms", to_lisp(timed.task.program)[:_SHOWN]) for timed in slowest
    ]


def _timed(tasks: Sequence[Task], prepare: Prepare) -> list[Timed]:
    """Each task with the time it took; a program is prepared once for all of its tests."""
    found = []
    for task in tasks:
        start = time.process_time()
        run = prepare(task.program)
        outcomes = [(run(test.input), test.output) for test in task.tests]
        passed = sum([outcome.kind == "value" and same_value(outcome.value, wanted) for outcome, wanted in outcomes])
        found.append(Timed(time.process_time() - start, passed, task))
    return found


def _compiled(program: Tree) -> Callable[[Any], Outcome]:
    return compile_program(program).run


def _plain(program: Tree) -> Callable[[Any], Outcome]:
    return lambda inputs: run_plainly(program, inputs, _LIMITS)


def _rate(found: Sequence[Timed]) -> str:
    return f"{sum(len(timed.task.tests) for timed in found) / sum(timed.seconds for timed in found):,.0f}"


def _median_rate(found: Sequence[Timed]) -> float:
    return median(len(timed.task.tests) / timed.seconds for timed in found)


def main() -> None:
    """Prints the interpreter's part of ``make bench`` alone."""
    from saps.generator import generate
    from tests.bench.clock import table

    print(table(interpreter_rows(list(generate(1_500, seed=1)))))


if __name__ == "__main__":
    main()
