"""Files of predictions with one line too many or few say where; bad records that were left out are passed over."""

from pathlib import Path

import pytest

from saps.errors import UserError
from saps.evaluation.alignment import predictions_for
from saps.evaluation.predictions import PredictedProgram
from saps.lang.spelling import parse, to_lisp
from saps.tasks.task import Task

PROGRAMS = ["(reduce a 0 +)", "(len a)", "(+ a b)", "(head a)", "(* b c)", "(reverse a)", "(strlen s)"]
KINDS = {"(+ a b)": {"a": "int", "b": "int"}, "(* b c)": {"b": "int", "c": "int"}, "(strlen s)": {"s": "string"}}
TASKS = [
    Task((), parse(program), KINDS.get(program, {"a": "int[]"}), "int[]" if "reverse" in program else "int", ())
    for program in PROGRAMS
]


def predicted(folder: Path, lines: list[str], left_out: int = 0) -> list[PredictedProgram]:
    path = folder / "predictions"
    path.write_text("".join(f"{line}\n" for line in lines))
    places = [number + (number > 2) * left_out for number in range(len(TASKS))]
    return predictions_for(TASKS, path, "dev.jsonl", places, left_out)


def test_as_many_lines_as_tasks(tmp_path: Path) -> None:
    assert predicted(tmp_path, PROGRAMS) == [task.program for task in TASKS]


def test_lines_of_bad_records_are_passed_over(tmp_path: Path) -> None:
    lines = [*PROGRAMS[:3], "1", "2", *PROGRAMS[3:]]
    assert predicted(tmp_path, lines, left_out=2) == predicted(tmp_path, PROGRAMS, left_out=2)


@pytest.mark.parametrize("place", range(len(PROGRAMS) + 1))
def test_a_line_too_many_is_found(tmp_path: Path, place: int) -> None:
    lines = [*PROGRAMS[:place], "1", *PROGRAMS[place:]]
    message = f"8 predictions for the 7 tasks of dev.jsonl (they fit best if line {place + 1} is one too many"
    with pytest.raises(UserError) as caught:
        predicted(tmp_path, lines)
    assert message in str(caught.value)
    assert (f", so that line {place + 2} belongs to task {place + 1})" in str(caught.value)) == (place < 7)


@pytest.mark.parametrize("place", range(len(PROGRAMS)))
def test_a_missing_line_is_found(tmp_path: Path, place: int) -> None:
    with pytest.raises(UserError) as caught:
        predicted(tmp_path, [*PROGRAMS[:place], *PROGRAMS[place + 1 :]])
    assert "6 predictions for the 7 tasks" in str(caught.value)
    assert f"dev.jsonl (they fit best if task {place + 1} has none" in str(caught.value)


def test_places_that_fit_equally_are_all_named(tmp_path: Path) -> None:
    lines = [*PROGRAMS[:3], PROGRAMS[3], *PROGRAMS[3:]]
    with pytest.raises(UserError, match="one of the lines 4 to 5 is one too many, so that line 6 belongs to task 5"):
        predicted(tmp_path, lines)


@pytest.mark.parametrize("lines", [[], ["1"], ["?"] * 6, ["?"] * 8, PROGRAMS * 2])
def test_programs_that_tell_nothing_add_nothing(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(UserError, match=r"tasks of dev\.jsonl; write one line"):
        predicted(tmp_path, lines)


def test_programs_are_written_as_they_are_read() -> None:
    assert [to_lisp(task.program) for task in TASKS] == PROGRAMS
