"""The quickstart's commands are ones that a user could type; what is done stays; Ctrl-C says how to go on."""

import importlib
import json
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from saps.cli import COMMANDS, _parse, main, quickstart
from saps.cli.quickstart import QuickstartFolder, steps
from saps.cli.side_by_side import side_by_side

Command = Callable[[Sequence[str]], int]


def words_of(folder: Path) -> list[tuple[str, ...]]:
    return [step.words for step in steps(QuickstartFolder(folder), 1_000, 1)]


def writes_its_outcome(words: Sequence[str]) -> int:
    """A command that does nothing but to leave what it is known by."""
    outcomes = {"--save-predictions": "", "--output": "", "--output-folder": "split.json", "--run": "summary.json"}
    for flag, name in (outcomes | {"--report": ""}).items():
        if flag in words:
            path = Path(words[words.index(flag) + 1]) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"weights": "weights"}))
            if flag == "--report":
                path.with_suffix(".jsonl").touch()
    return 0


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Sequence[str]]:
    """The commands that a quickstart in an empty folder runs, each in place of a fake."""
    found: list[Sequence[str]] = []

    def fake(words: Sequence[str]) -> int:
        found.append(words)
        return writes_its_outcome(words)

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAKELEVEL", raising=False)
    monkeypatch.setattr(quickstart, "main", fake)
    monkeypatch.setattr("saps.models.folder.weights_hash", lambda folder: "weights")
    monkeypatch.setattr("saps.cli.side_by_side.side_by_side", lambda *_: ["side by side"])
    return found


def test_every_command_of_the_road_is_accepted(tmp_path: Path) -> None:
    commands = words_of(tmp_path / "quickstart")
    assert [words[0] for words in commands] == ["synthesize", "data", "data", "train", "evaluate", "evaluate"]
    for words in commands:
        _parse(importlib.import_module(COMMANDS[words[0]][0]), words)


def test_the_model_that_comes_with_saps_answers_first(tmp_path: Path) -> None:
    assert "--model" not in words_of(tmp_path)[0]


def test_the_judged_programs_are_kept_from_training(tmp_path: Path) -> None:
    commands = words_of(tmp_path)
    train = next(words for words in commands if words[0] == "train")
    for judged in (words for words in commands if words[0] == "evaluate"):
        assert judged[judged.index("--data") + 1] in train[train.index("--data.exclude") + 1]


def test_a_second_call_does_nothing_again_and_says_so(
    ran: list[Sequence[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quickstart"]) == 0
    assert [words[0] for words in ran] == ["synthesize", "data", "data", "train", "evaluate", "evaluate"]
    assert "done before" not in capsys.readouterr().out
    ran.clear()
    assert main(["quickstart"]) == 0
    assert [words[0] for words in ran] == ["synthesize"]
    out = capsys.readouterr().out
    assert out.count("done before: runs/quickstart/") == 5
    assert "side by side" in out


@pytest.mark.parametrize("missing", ["report.html", "report.jsonl"])
def test_a_judging_that_was_stopped_before_its_page_goes_on(missing: str, ran: list[Sequence[str]]) -> None:
    assert main(["quickstart"]) == 0
    ran.clear()
    (Path("runs/quickstart") / missing).unlink()
    assert main(["quickstart"]) == 0
    assert [words[0] for words in ran] == ["synthesize", "evaluate"]
    assert "--report" in ran[1]


def test_a_page_of_an_earlier_judging_is_written_anew(ran: list[Sequence[str]]) -> None:
    assert main(["quickstart"]) == 0
    ran.clear()
    os.utime("runs/quickstart/report.jsonl", (0, 0))  # as where the model was judged again and stopped before the page
    assert main(["quickstart"]) == 0
    assert "--report" in ran[1]


def test_a_training_that_was_stopped_goes_on(tmp_path: Path) -> None:
    place = QuickstartFolder(tmp_path)
    place.run.mkdir()
    (place.run / "config.yaml").touch()
    assert ("train", "--resume", str(place.run)) in words_of(tmp_path)


def test_other_flags_take_another_folder(ran: list[Sequence[str]]) -> None:
    for flags in ([], ["--seed", "2"], [], ["--seed", "2"], ["--tasks", "500"]):
        assert main(["quickstart", *flags]) == 0
    assert [words[-1] for words in ran if words[0] == "train"] == [
        "runs/quickstart/run",
        "runs/quickstart-2/run",
        "runs/quickstart-3/run",
    ]


def test_a_file_is_no_folder(ran: list[Sequence[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes").write_text("mine")
    assert main(["quickstart", "--folder", str(tmp_path / "notes")]) == 2
    assert "notes: is not a folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]
    assert not ran


def test_a_folder_of_somebody_else_is_left_alone(ran: list[Sequence[str]]) -> None:
    Path("runs/quickstart").mkdir(parents=True)
    assert main(["quickstart"]) == 0
    assert list(Path("runs/quickstart").iterdir()) == []


def test_a_folder_whose_note_cannot_be_read_is_somebody_elses(ran: list[Sequence[str]]) -> None:
    Path("runs/quickstart").mkdir(parents=True)
    Path("runs/quickstart/quickstart.json").write_text("{")
    assert main(["quickstart"]) == 0
    assert "runs/quickstart-2/run" in {words[-1] for words in ran}
    assert Path("runs/quickstart/quickstart.json").read_text() == "{"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_whoever_stops_it_is_told_how_to_go_on(
    number: signal.Signals,
    code: int,
    ran: list[Sequence[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(quickstart, "main", lambda words: os.kill(os.getpid(), number))
    assert main(["quickstart", "--seed", "3", "--folder", "a place"]) == code
    error = capsys.readouterr().err
    assert error == "saps: what is done stays; go on with: saps quickstart --seed 3 --folder 'a place'\n"


def test_a_command_that_fails_ends_it(ran: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quickstart, "main", lambda words: 2)
    assert main(["quickstart"]) == 2


def test_too_few_tasks_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quickstart", "--tasks", "10"]) == 2
    assert "--tasks 10" in capsys.readouterr().err


def test_two_models_stand_side_by_side(learned_model: Path, tmp_path: Path) -> None:
    verdicts = (("exact match", "exact match"), ("wrong value", "passes all tests"), ("exact match", "wrong value"))
    lines = [json.dumps({"wanted": "a", "verdict": one, "against": {"verdict": other}}) for one, other in verdicts]
    (tmp_path / "report.jsonl").write_text("\n".join(lines))
    sample = {"text": "given an array of numbers a , reverse a", "examples": '{"a": [1, 2]} -> [2, 1]'}
    told = list(side_by_side(learned_model, learned_model, tmp_path / "report.html", [sample]))
    assert [line.split()[-4:] for line in told[1:3]] == [["66.67", "%", "66.67", "%"], ["33.33", "%", "66.67", "%"]]
    assert told[3].startswith("difference in exact match: +33.33 points")
    assert sample["text"] in told[5]
    assert "(reverse a)  (passes" in told[6]
