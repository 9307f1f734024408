"""The report as text and as JSON."""

import json
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.evaluation.judge import judge
from saps.evaluation.predictions import Unparsed
from saps.evaluation.report import Source, as_text, write_json
from saps.lang.spelling import parse
from tests.evaluation.made import SUM, TASKS

SOURCE = Source(data="made.jsonl", system="mine.txt")
PREDICTIONS = [SUM.program, parse("(len a)"), Unparsed(3, "column 1: broken"), None]


def test_text_names_sources_rules_and_counts() -> None:
    text = as_text(judge(TASKS, PREDICTIONS), SOURCE)
    assert text.startswith("mine.txt on made.jsonl: 4 tasks, 3 distinct programs\n")
    assert "a task is clean when its own program passes all its tests" in text
    assert "(3 of 4)" in text
    assert "lines that are no program: 1; the first, line 3: column 1: broken" in text
    line = next(line for line in text.splitlines() if line.startswith("exact match"))
    assert line.split() == ["exact", "match", "25.00", "%", "1", "of", "4", "16.67", "%", "mean", "of", "3"]
    assert "\x1b" not in text


def test_columns_are_aligned() -> None:
    block = as_text(judge(TASKS, PREDICTIONS), SOURCE).split("\n\n")[1].splitlines()
    assert len({line.index("%") for line in block[1:]}) == 1


def test_json_holds_counts_beside_shares_and_where_they_come_from(tmp_path: Path) -> None:
    write_json(judge(TASKS, PREDICTIONS), SOURCE, tmp_path / "new" / "report.json")
    report = json.loads((tmp_path / "new" / "report.json").read_text())
    assert report["overall"]["exact match"] == {"share": 0.25, "count": 1, "of": 4}
    assert report["per_program"]["exact match"] == {"mean": pytest.approx(1 / 6), "programs": 3}
    assert report["by_template"]["len"]["not parsed"] == {"share": 1.0, "count": 1, "of": 1}
    assert (report["data"], report["system"], report["tasks"], report["programs"]) == ("made.jsonl", "mine.txt", 4, 3)
    assert report["clean"] == {"share": 0.75, "count": 3, "of": 4}
    assert set(report["versions"]) == {"saps", "python", "nltk"}
    assert report["unparsed"] == [{"line": 3, "problem": "column 1: broken"}]
    assert list(tmp_path.rglob("*")) == [tmp_path / "new", tmp_path / "new" / "report.json"]


def test_a_place_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        write_json(judge(TASKS, PREDICTIONS), SOURCE, tmp_path)


def test_no_tasks_no_crash() -> None:
    assert "0 tasks" in as_text(judge([], []), SOURCE)
