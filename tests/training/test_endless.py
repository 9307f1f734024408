"""`saps train` on fresh tasks without end: killed and resumed, with and without worker processes."""

from pathlib import Path

import pytest

from saps.cli import main
from saps.cli.train import parse_arguments, settings_of
from saps.generator import Switches, generate
from saps.tasks.files import write_tasks
from tests.training.made import SIZES, assert_same_end, checkpoint, metrics
from tests.training.test_train_command import kill_when, last_step

POINT = 55  # the resume point: within the second window of 50 batches
STEPS = {"max_steps": 64, "checkpoint_every": POINT, "validate_every": 64, "log_every": 1, "threads": 1}


def words_for(validation: Path, run: Path, **data: object) -> list[str]:
    """The command of a tiny run."""
    settings = {f"model.{name}": value for name, value in SIZES.items()}
    settings |= {f"trainer.{name}": value for name, value in STEPS.items()}
    settings |= {"data.validation": validation, "data.batch_size": 4, "data.generated.max_depth": 2}
    settings |= {f"data.{name}": value for name, value in data.items()}
    flags = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    return ["train", "--model", "saps.models.SAPS", *flags, "--run", str(run)]


@pytest.fixture
def validation(tmp_path: Path) -> Path:
    write_tasks(tmp_path / "validation.jsonl", generate(12, seed=8))
    return tmp_path / "validation.jsonl"


def test_a_run_killed_with_two_workers_ends_as_one_left_alone_without(
    validation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    run = tmp_path / "run"
    kill_when(words_for(validation, run, workers=2), lambda: last_step(run) >= POINT + 2, is_anew=True)
    assert checkpoint(run)["global_step"] == POINT
    assert POINT < last_step(run) < STEPS["max_steps"]
    assert main(["train", "--resume", str(run)]) == 0
    moved = run.rename(tmp_path / "resumed")

    assert main(words_for(validation, run)) == 0
    assert "fresh tasks without end to learn from" in capsys.readouterr().out
    assert_same_end(moved, run)
    assert metrics(moved) == metrics(run)
    assert [int(row["step"]) for row in metrics(run) if row["train_loss"]] == [*range(1, STEPS["max_steps"] + 1)]


def test_switches_come_from_yaml_and_a_flag_wins(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(
        "data: {validation: v.jsonl, generated: {max_depth: 2, root_share: {median: 0.5}, instances: {1: 2}}}\n"
        "model: {class_path: saps.models.SAPS}\n"
    )
    config = ["--config", str(tmp_path / "run.yaml")]
    wanted = Switches(max_depth=2, root_share={"median": 0.5}, instances={1: 2.0})
    assert settings_of(parse_arguments(config)).data.generated == wanted
    words = [*config, "--data.generated.typos", "0.1", "--data.generated.max_depth", "1"]
    changed = settings_of(parse_arguments(words)).data.generated
    assert changed == Switches(max_depth=1, root_share={"median": 0.5}, instances={1: 2.0}, typos=0.1)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"train": "train.jsonl"}, "--data.train and --data.generated: both are given"),
        ({"substitution": 0.5}, "--data.substitution is for tasks of a file"),
        ({"minimum_count": 3}, "--data.minimum_count is for tasks of a file"),
        ({"generated.paraphrases": 2}, "--data.generated.paraphrases: fresh tasks have one text each"),
        ({"generated.max_depth": 0}, "max_depth is 0"),
        ({"generated.only": "[medain]"}, "perhaps median"),
        ({"generated.max_dept": 2}, "max_dept"),
    ],
)
def test_mistakes(
    data: dict[str, object], complaint: str, validation: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words_for(validation, tmp_path / "run", **data)) == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_neither_a_file_nor_generated_tasks(
    validation: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--model", "saps.models.SAPS", "--data.validation", str(validation)]) == 2
    assert "neither is given; name a file of tasks, or have them generated" in capsys.readouterr().err
