"""Curves of accuracy against programs visited, and best lists, by hand."""

from pathlib import Path

import pytest

from saps.errors import UserError
from saps.evaluation.curve import Searched, best_lists, curve_of, plot_curve
from saps.lang.example import Example
from saps.lang.spelling import parse
from saps.tasks.task import Task

SUM, LENGTH, FIRST = parse("(reduce a 0 +)"), parse("(len a)"), parse("(head a)")
LISTS = [[1, 2], [5], [4, 4, 4], [], [9, 1], [3]]


def task(program: str, *outputs: int) -> Task:
    tests = tuple(Example({"a": values}, output) for values, output in zip(LISTS, outputs, strict=True))
    return Task(("x",), parse(program), {"a": "int[]"}, "int", tests)


TASKS = [task("(reduce a 0 +)", *map(sum, LISTS)) for _ in range(3)] + [task("(len a)", *map(len, LISTS))]


def test_the_first_program_is_the_answer_until_the_winner_is_reached() -> None:
    found = [
        Searched(SUM, SUM, 1, 1),  # right from the start
        Searched(LENGTH, SUM, 2, 4),  # right after two behaviours, four programs
        Searched(LENGTH, FIRST, 3, 3),  # passes what it was shown and is wrong
        Searched(LENGTH, LENGTH, 0, 0),  # right, though nothing passed
    ]
    curve = curve_of(TASKS, found, 5, workers=0, shown=3)
    assert curve.tasks == 4
    assert curve.visited == (0.5, 0.75, 0.75, 0.75, 0.75)
    assert curve.run == (0.5, 0.5, 0.5, 0.75, 0.75)


def test_tests_that_were_shown_do_not_judge() -> None:
    wrong_at_first = task("(reduce a 0 +)", 0, 0, 0, *map(sum, LISTS[3:]))
    found = [Searched(SUM, SUM, 1, 1)]
    assert curve_of([wrong_at_first], found, 1, workers=0, shown=3).visited == (1.0,)
    assert curve_of([wrong_at_first], found, 1, workers=0, shown=2).visited == (0.0,)
    assert curve_of([wrong_at_first], found, 1, workers=0, shown=6).tasks == 0


def test_no_program_is_never_right() -> None:
    assert curve_of(TASKS[:1], [Searched(None, None, 0, 0)], 2, workers=0, shown=3).visited == (0.0, 0.0)


def test_best_lists_hold_the_task_s_own_program() -> None:
    others = [parse(f"(+ {number} 0)") for number in ("0", "1", "2", "10", "40")] * 2
    listed = [[SUM], [LENGTH, SUM], [*others, SUM], []]
    assert best_lists(TASKS, listed, 100) == {"1": 0.25, "10": 0.5, "100": 0.75}
    assert best_lists(TASKS, listed, 10) == {"1": 0.25, "10": 0.5}


def test_a_plot_is_drawn_or_the_missing_package_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    curve = curve_of(TASKS[:1], [Searched(SUM, SUM, 1, 1)], 3, workers=0, shown=3)
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(UserError, match="pip install matplotlib"):
        plot_curve(curve, "x", tmp_path / "curve.png")
    monkeypatch.undo()
    pytest.importorskip("matplotlib")
    plot_curve(curve, "x", tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UserError, match="cannot be written"):
        plot_curve(curve, "x", tmp_path / "curve.nonsense")
