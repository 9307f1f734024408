"""Rows against each other: pairs seed by seed, intervals in the table, and reports that do not say."""

import json
from pathlib import Path
from typing import Any

import pytest

from saps.comparison.paired import all_pairs
from saps.comparison.published import read_published
from saps.comparison.results import Row, read_row
from saps.comparison.running import run_job
from saps.comparison.table import as_json, as_markdown
from saps.evaluation.judge import judge
from saps.evaluation.pairs import COMPARED, EachTask, compare, each_task, interval_of, read_each_task
from saps.evaluation.report import Source
from saps.evaluation.report import as_json as report_json
from saps.lang.spelling import parse
from tests.comparison.made import Commands, make_jobs
from tests.evaluation.made import SUM, TASKS

PROGRAMS = [k // 2 for k in range(50)]  # of each program two tasks


def judged(marks: str) -> dict[str, Any]:
    return {"programs": PROGRAMS, **dict.fromkeys(COMPARED, marks)}


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    """One row is ahead by twenty tasks of fifty in both seeds; the third has a report that does not say."""
    marks = {"saps_vh_att": "1" * 40 + "0" * 10, "saps_vh": "1" * 20 + "0" * 30}
    for job in make_jobs(tmp_path, "saps_vh_att", "saps_vh", "mine", seeds=2):
        run_job(job, Commands())
        report = json.loads(job.report.read_text())
        if job.row in marks:
            share = marks[job.row].count("1") / 50
            report["overall"]["exact match"]["share"] = share
            job.report.write_text(json.dumps(report | {"each_task": judged(marks[job.row])}))
    return [read_row(tmp_path, name, (1, 2)) for name in ("saps_vh", "saps_vh_att", "mine")]


def test_the_better_row_comes_first_and_seeds_are_paired(rows: list[Row]) -> None:
    ((first, second, (exact, _)),) = all_pairs(rows)
    assert (first.name, second.name) == ("saps_vh_att", "saps_vh")
    test = exact.by_task
    assert (test.tasks, test.only_a, test.only_b, test.difference) == (100, 40, 0, 0.4)
    assert (exact.by_program.programs, exact.by_program.ahead) == (25, 10)


def test_the_table_has_intervals_and_pairs_where_reports_say_what_each_task_came_to(rows: list[Row]) -> None:
    text = as_markdown(rows, read_published(), all_pairs(rows))
    (pair,) = [
        line for line in text.splitlines() if line.startswith("| SAPS VH Att | SAPS VH | 80.00 | 40.00 | +40.00")
    ]
    assert "< 0.0001" in pair
    cells = {line.split("|")[1].strip(): line.split("|")[3].strip() for line in text.splitlines() if "2 of 2" in line}
    assert cells["SAPS VH"].startswith("40.00 ± 0.00 [")
    assert "[" not in cells["mine"]
    assert [pair["metric"] for pair in as_json(rows, read_published(), all_pairs(rows))["pairs"]] == list(COMPARED)


def test_systems_judged_on_other_tasks_are_not_compared() -> None:
    one = EachTask((0, 1), dict.fromkeys(COMPARED, "10"))
    other = EachTask((0, 0), dict.fromkeys(COMPARED, "10"))
    assert compare([one], [other]) == []
    assert compare([one._replace(digest="a")], [one._replace(digest="b")]) == []
    assert len(compare([one._replace(digest="a")], [one])) == 2  # a report from before digests were kept
    assert [pair.by_task.difference for pair in compare([one], [one])] == [0.0, 0.0]


def test_a_report_says_what_each_task_came_to() -> None:
    report = judge(TASKS, [SUM.program, parse("(len a)"), None, parse("(head a)")])
    found = read_each_task(json.loads(json.dumps(report_json(report, Source("a", "b")))))
    assert found == report.each
    assert found[:2] == ((0, 0, 1, 2), {"exact match": "1001", "execution accuracy": "1000"})
    assert found.digest == judge(TASKS, [None] * 4).each.digest != judge(TASKS[1:], [None] * 3).each.digest
    assert read_each_task({}) is None


def test_tasks_without_the_question_are_left_out() -> None:
    unasked = EachTask((0, 1), {"exact match": "10", "execution accuracy": "--"})
    assert interval_of([unasked], "execution accuracy") is None
    assert [pair.metric for pair in compare([unasked], [unasked])] == ["exact match"]
    assert each_task([]).right["exact match"] == ""
