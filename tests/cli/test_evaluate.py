"""saps evaluate: predictions of any system, and models."""

import json
from pathlib import Path

import pytest

from saps.cli import main
from saps.generator import generate
from saps.lang.example import Example
from saps.lang.spelling import parse, to_comma, to_lisp
from saps.tasks.files import write_tasks
from saps.tasks.task import Task
from tests.learned import COMBINE
from tests.tasks.piped import piped


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


def known_tasks(tmp_path: Path) -> Path:
    """Tasks that the learned model knows: a sum and a product, which it thinks less probable."""
    inputs = [{"a": a, "b": b} for a, b in zip(range(2, 12), range(13, 3, -1), strict=True)]
    tasks = []
    for code, name in (("(+ a b)", int.__add__), ("(* a b)", int.__mul__)):
        tests = tuple(Example(values, name(values["a"], values["b"])) for values in inputs)
        tasks.append(Task(tuple(COMBINE.split()), parse(code), {"a": "int", "b": "int"}, "int", tests))
    path = tmp_path / "known.jsonl"
    write_tasks(path, tasks)
    return path


@pytest.mark.parametrize(
    ("flags", "right", "tests", "how"),
    [
        ([], 1, 20, "greedy"),
        (["--decode", "constrained", "--examples", "3"], 1, 14, "constrained, 3 examples"),
        (["--decode", "beam", "--candidates", "5", "--examples", "3"], 2, 14, "beam of 5, 3 examples"),
        (["--decode", "beam"], 1, 20, "beam of 10"),
        (["--decode", "search", "--budget", "20"], 2, 14, "search of 20 programs, 3 examples"),
    ],
)
def test_a_model_is_decoded_as_asked_and_judged_on_what_it_has_not_seen(
    learned_model: Path, tmp_path: Path, flags: list[str], right: int, tests: int, how: str
) -> None:
    data, report = known_tasks(tmp_path), tmp_path / "report.json"
    words = ["--model", str(learned_model), "--data", str(data), "--workers", "0", "--output", str(report)]
    assert main(["evaluate", *words, *flags]) == 0
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found["overall"]["execution accuracy"]["count"] == right
    assert sum(found["outcomes"].values()) == tests
    assert found["system"] == f"model ({how})"


def test_a_curve_tells_what_each_program_visited_is_worth(learned_model: Path, tmp_path: Path) -> None:
    data, curve = known_tasks(tmp_path), tmp_path / "curve.json"
    words = ["--model", str(learned_model), "--data", str(data), "--workers", "0", "--output", str(tmp_path / "r.json")]
    search = ["--decode", "search", "--budget", "12", "--curve", str(curve), "--best-lists"]
    assert main(["evaluate", *words, *search]) == 0
    found = json.loads(curve.read_text(encoding="utf-8"))
    assert found["visited"] == [0.5] + [1.0] * 11
    assert found["run"] == [0.5] + [1.0] * 11
    assert found["best_lists"] == {"1": 0.5, "10": 1.0}


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--budget", "5"], "--budget 5: goes with --decode search"),
        (["--decode", "beam", "--candidates", "0"], "--candidates 0: give a number from 1 to 1000"),
        (["--decode", "beam", "--curve", "x.json"], "add --decode search"),
        (["--decode", "search", "--best-lists"], "add --curve FILE"),
        (["--examples", "-1"], "--examples -1: give a number of at least 0"),
        (["--decode", "best"], "--decode"),
        (["--decode", "search", "--plot", "x.jpeg2000"], "x.jpeg2000: is no image"),
        (["--save-predictions", "{data}/mine.txt"], "mine.txt: cannot be written (Not a directory)"),
        (["--output", "{data}/report.json"], "report.json: cannot be written (Not a directory)"),
        (["--examples", "10"], "task 1 has 10 tests, of which 10 were shown"),
        (["--model", "nowhere"], "nowhere: no such folder"),
    ],
)
def test_flags_that_make_no_sense_are_refused_before_anything_is_decoded(
    data: Path,
    learned_model: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    flags: list[str],
    complaint: str,
) -> None:
    monkeypatch.setattr("saps.evaluation.decoded.decode", lambda *_: pytest.fail("was decoded"))
    flags = [flag.format(data=data) for flag in flags]
    assert main(["evaluate", "--model", str(learned_model), "--data", str(data), *flags]) == 2
    assert complaint in capsys.readouterr().err


def test_too_few_tests_are_refused_before_any_prediction_is_judged(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saps.cli.evaluate.judged_tasks", lambda *_: pytest.fail("was judged"))
    assert main(["evaluate", "--predictions", str(data), "--data", str(data), "--examples", "10"]) == 2
    assert "task 1 has 10 tests, of which 10 were shown" in capsys.readouterr().err


@pytest.mark.parametrize("against", [False, True])
def test_tasks_and_predictions_may_come_through_pipes(data: Path, tmp_path: Path, against: bool) -> None:
    lines = "".join(to_lisp(task.program) + "\n" for task in generate(8, seed=3)).encode()
    report, page = tmp_path / "report.json", tmp_path / "page.html"
    compared = ["--against", str(data), "--report", str(page)] if against else []
    with piped(data.read_bytes()) as tasks, piped(lines) as predictions:
        words = ["--data", str(tasks), "--predictions", str(predictions), "--workers", "0", "--output", str(report)]
        assert main(["evaluate", *words, *compared]) == 0
    assert json.loads(report.read_text(encoding="utf-8"))["overall"]["exact match"]["count"] == 8
    assert page.exists() == against


def test_a_model_reads_tasks_from_a_pipe_and_compares(learned_model: Path, tmp_path: Path) -> None:
    tasks, other, report = known_tasks(tmp_path), tmp_path / "other.txt", tmp_path / "report.json"
    other.write_text("(+ a b)\n\n", encoding="utf-8")
    with piped(tasks.read_bytes()) as pipe:
        words = ["--data", str(pipe), "--model", str(learned_model), "--workers", "0", "--output", str(report)]
        assert main(["evaluate", *words, "--against", str(other)]) == 0
    assert json.loads(report.read_text(encoding="utf-8"))["tasks"] == 2


def test_a_wrong_number_of_predictions_from_a_pipe_is_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with piped(b"(+ 1 2)\n" * 3) as predictions:
        assert main(["evaluate", "--predictions", str(predictions), "--data", str(data)]) == 2
    assert "3 predictions for the 8 tasks" in capsys.readouterr().err


def test_decoding_flags_go_with_a_model(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--predictions", "x", "--data", str(data), "--decode", "beam"]) == 2
    assert "--decode goes with --model" in capsys.readouterr().err
    assert main(["evaluate", "--predictions", "x", "--data", str(data), "--system", "a.B"]) == 2
    assert "--system goes with --model" in capsys.readouterr().err


def test_a_folder_is_no_place_for_a_page(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--predictions", str(data), "--data", str(data), "--report", str(data.parent)]) == 2
    assert f"{data.parent}: is a folder; name a file (--report)" in capsys.readouterr().err
