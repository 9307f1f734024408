"""saps evaluate: predictions of any system, and models."""

import json
from pathlib import Path

import pytest

from saps.cli import main
from saps.lang.spelling import to_comma, to_lisp
from saps.tasks.files import write_tasks
from saps.tasks.generator import generate


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.jsonl"
    write_tasks(path, generate(8, seed=3))
    return path


def test_predictions_are_judged_and_reported(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = list(generate(8, seed=3))
    lines = [to_lisp(task.program) for task in tasks[:4]] + [to_comma(task.program) for task in tasks[4:6]] + ["(", ""]
    predictions = tmp_path / "mine.txt"
    predictions.write_text("\n".join(lines) + "\n", encoding="utf-8")
    code = main(["evaluate", "--predictions", str(predictions), "--data", str(data), "--workers", "0"])
    assert code == 0
    assert "6 of 8" in capsys.readouterr().out
    report = json.loads((tmp_path / "mine-evaluation-tasks.json").read_text(encoding="utf-8"))
    assert report["data"] == "tasks.jsonl"
    assert report["tasks"] == 8


def test_a_wrong_number_of_predictions_names_both(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predictions = tmp_path / "mine.txt"
    predictions.write_text("(+ 1 2)\n", encoding="utf-8")
    assert main(["evaluate", "--predictions", str(predictions), "--data", str(data)]) == 2
    error = capsys.readouterr().err
    assert "1" in error
    assert "8" in error
