"""The figures of hand-made tasks with known answers."""

import dataclasses
import os
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.evaluation.judge import Report, judge
from saps.evaluation.metrics import Share
from saps.evaluation.predictions import PredictedProgram, Unparsed
from saps.lang.spelling import parse
from saps.tasks.files import read_tasks
from saps.tasks.task import SHOWN_TESTS
from tests.evaluation.made import FIRST, LENGTH, LISTS, SUM, TASKS, TOTAL

REFERENCES: list[PredictedProgram] = [task.program for task in TASKS]


def shares(report: Report) -> dict[str, tuple[int, int]]:
    return {name: (share.count, share.total) for name, share in report.overall.shares.items()}


def test_the_tasks_own_programs() -> None:
    report = judge(TASKS, REFERENCES)
    assert shares(report) == {
        "exact match": (4, 4),
        "execution accuracy": (3, 4),
        "execution accuracy, clean tasks": (3, 3),
        "at least half of tests": (4, 4),
        "well-typed": (4, 4),
        "not parsed": (0, 4),
        "no prediction": (0, 4),
    }
    assert report.clean == Share(3, 4)
    assert report.overall.bleu == 1.0
    assert report.outcomes == {"pass": 39, "runtime error": 1}
    assert report.programs == 3


def test_right_by_another_program_wrong_nothing_and_no_program() -> None:
    other, half = parse("(reduce a (- 1 1) +)"), parse("(if (== (len a) 1) (reduce a 0 +) (len a))")
    predictions = [other, half, Unparsed(3, "broken"), None]
    report = judge(TASKS, predictions)
    half_passes = sum(len(a) == 1 or sum(a) == len(a) for a in LISTS)
    assert half_passes == 4
    assert shares(report) == {
        "exact match": (0, 4),
        "execution accuracy": (1, 4),
        "execution accuracy, clean tasks": (1, 3),
        "at least half of tests": (1, 4),
        "well-typed": (2, 4),
        "not parsed": (1, 4),
        "no prediction": (1, 4),
    }
    assert report.outcomes == {"pass": 10 + half_passes, "wrong value": 10 - half_passes, "no program": 20}
    assert report.unparsed == (Unparsed(3, "broken"),)


def test_exactly_half_of_the_tests_is_half() -> None:
    tests = [dataclasses.replace(test, output=-1) if number >= 5 else test for number, test in enumerate(SUM.tests)]
    task = dataclasses.replace(SUM, tests=tuple(tests))
    assert shares(judge([task], [SUM.program]))["at least half of tests"] == (1, 1)
    task = dataclasses.replace(SUM, tests=(*tests[:4], *tests[5:]))
    assert shares(judge([task], [SUM.program]))["at least half of tests"] == (0, 1)


def test_a_program_counts_once_in_the_average_per_program() -> None:
    report = judge(TASKS, [SUM.program, parse("a"), parse("a"), FIRST.program])
    average = report.per_program["exact match"]
    assert (average.value, average.programs) == (pytest.approx((0.5 + 0 + 1) / 3), 3)
    clean = report.per_program["execution accuracy, clean tasks"]
    assert (clean.value, clean.programs) == (pytest.approx((0.5 + 0) / 2), 2)


def test_groups_by_depth_nodes_and_template() -> None:
    long = dataclasses.replace(SUM, program=parse("(reduce (map (filter a is_prime) square) 0 +)"), template="sum")
    report = judge([*TASKS, long], [*REFERENCES[:3], parse("a"), parse("a")])

    def exact(groups: dict) -> dict[str, str]:
        return {name: str(group.shares["exact match"]) for name, group in groups.items()}

    assert exact(report.by_depth) == {"2": "3 of 4", "4": "0 of 1"}
    assert exact(report.by_nodes) == {"1-5": "3 of 4", "6-10": "0 of 1"}
    assert exact(report.by_template) == {"(unknown)": "0 of 1", "len": "1 of 1", "sum": "2 of 3"}


def test_shown_tests_do_not_judge() -> None:
    report = judge([FIRST], [FIRST.program], shown=SHOWN_TESTS)  # fails the third test, which is shown
    assert shares(report)["execution accuracy"] == (1, 1)
    assert report.clean == Share(0, 1)  # cleaning looks at all tests
    assert report.outcomes == {"pass": 7}
    assert "first 3" in report.tests
    for_other = judge([FIRST], [parse("(if (== (len a) 0) 7 (head a))")], shown=SHOWN_TESTS)
    assert shares(for_other)["execution accuracy"] == (1, 1)
    with pytest.raises(UserError, match="task 1 has 3 tests"):
        judge([dataclasses.replace(FIRST, tests=FIRST.tests[:3])], [None], shown=3)


def test_a_task_without_tests_has_no_execution_figures() -> None:
    found = shares(judge([dataclasses.replace(SUM, tests=())], [SUM.program]))
    assert found["exact match"] == (1, 1)
    assert found["execution accuracy"] == found["execution accuracy, clean tasks"] == (0, 0)


def test_workers_do_not_change_the_report() -> None:
    predictions = [parse("(reduce a (- 1 1) +)"), None, parse("(len a)"), parse("(head 1)")]
    assert judge([SUM, TOTAL, LENGTH, FIRST], predictions, workers=2) == judge(TASKS, predictions)


def test_as_many_predictions_as_tasks() -> None:
    with pytest.raises(ValueError, match="1 predictions for 4 tasks"):
        judge(TASKS, [None])


@pytest.mark.skipif("SAPS_ALGOLISP" not in os.environ, reason="SAPS_ALGOLISP names no folder with the real data")
def test_the_real_programs_judged_against_themselves() -> None:
    tasks = list(read_tasks(Path(os.environ["SAPS_ALGOLISP"]) / "metaset3.dev.jsonl.gz"))
    report = judge(tasks, [task.program for task in tasks], workers=2)
    found = shares(report)
    assert found["exact match"] == found["well-typed"] == (10_819, 10_819)
    assert found["execution accuracy"] == (10_551, 10_819)
    assert found["execution accuracy, clean tasks"] == (10_551, 10_551)
    assert report.clean == Share(10_551, 10_819)
    assert report.programs == 3_676
