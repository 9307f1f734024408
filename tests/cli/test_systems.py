"""Every system on the whole road: trained, exported, judged and asked by the commands."""

import csv
import json
from pathlib import Path

import pytest

from saps.cli import main
from saps.tasks.files import read_tasks
from tests.training.made import write_data

SIZES = [
    "--model.hidden",
    "12",
    "--model.encoder_hidden",
    "8",
    "--model.encoder_layers",
    "1",
    "--model.max_tokens",
    "30",
]
SYSTEMS = {
    "Seq2Seq": [*SIZES],
    "IO2Seq": [*SIZES],
    "Seq2Tree": ["--model.size", "12", "--model.max_nodes", "20"],
    "Transformer": ["--model.width", "16", "--model.encoder_layers", "1", "--model.max_tokens", "30"],
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Files of tasks to train and to validate on."""
    return write_data(tmp_path_factory.mktemp("data"), 24, 12)


@pytest.fixture(autouse=True)
def untracked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tracked here."""
    monkeypatch.setenv("WANDB_MODE", "disabled")


def train(system: str, files: tuple[Path, Path], run: Path, *words: str) -> int:
    data = ["--data.train", str(files[0]), "--data.validation", str(files[1]), "--data.batch_size", "8"]
    steps = ["--trainer.max_steps", "2", "--trainer.validate_every", "2", "--trainer.log_every", "1"]
    return main(["train", "--model", f"saps.models.{system.split()[0]}", *data, *steps, *words, "--run", str(run)])


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_is_trained_judged_and_asked(
    system: str, files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert train(system, files, run, *SYSTEMS[system]) == 0
    task = next(read_tasks(files[1]))
    assert main(["evaluate", "--model", str(run), "--data", str(files[1]), "--workers", "0"]) == 0
    report = json.loads((run / "evaluation-validation.json").read_text())
    is_shown = system == "IO2Seq"
    assert ("but the first 3" in report["rules"]["tests"]) == is_shown
    example = f"{json.dumps(dict(task.tests[0].input))} -> {json.dumps(task.tests[0].output)}"
    declared = [word for name, kind in task.args.items() for word in ("--arg", f"{name}:{kind}")]
    question = ["synthesize", " ".join(task.text), "--model", str(run), *declared, "--candidates", "2"]
    capsys.readouterr()
    assert main([*question, "--allow-unknown", "--example", example, "--seconds", "1", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["candidates"]
    if is_shown:
        assert main([*question, "--allow-unknown"]) == 2
        assert "reads examples instead of the sentence; give at least one (--example)" in capsys.readouterr().err
        curve, search = str(tmp_path / "curve.json"), ["--decode", "search", "--budget", "2", "--best-lists"]
        data = ["--data", str(files[1]), "--first", "1", "--workers", "0"]
        assert main(["evaluate", "--model", str(run), *data, *search, "--curve", curve]) == 0
        assert set(json.loads(Path(curve).read_text())["best_lists"]) == {"1"}


def test_what_an_untrained_sequence_writes_is_counted_where_it_is_no_program(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    run, programs = tmp_path / "run", tmp_path / "programs.txt"
    assert train("Seq2Seq", files, run, *SIZES, "--model.max_tokens", "1") == 0
    words = ["--data", str(files[1]), "--workers", "0"]
    assert main(["evaluate", "--model", str(run), "--save-predictions", str(programs), *words]) == 0
    report = json.loads((run / "evaluation-validation.json").read_text())
    unfinished = sum(line == "" for line in programs.read_text().splitlines())
    assert report["overall"]["not parsed"] == {"share": unfinished / 12, "count": unfinished, "of": 12}
    assert unfinished


def test_an_autoencoder_is_judged_by_its_own_reconstruction(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert train("TreeAutoencoder", files, run, "--model.hidden", "12", "--model.max_nodes", "20") == 0
    with (run / "metrics.csv").open(newline="") as file:
        assert [row["val_exact_match"] for row in csv.DictReader(file) if row["val_exact_match"]] == ["0.0"]
    assert main(["evaluate", "--model", str(run), "--data", str(files[1])]) == 2
    assert "answers no sentence" in capsys.readouterr().err


def test_a_system_that_needs_examples_refuses_tasks_composed_without_them(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train("IO2Seq", files, tmp_path / "run", "--data.substitution", "0.5") == 2
    assert "--data.substitution is 0.5; a system that reads examples" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
