"""`saps sweep` as a user types it, with real trainings of a few steps."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from saps.cli import main
from saps.cli.train import parse_arguments, settings_of
from tests.training.made import SIZES, write_data

SIZE_LINES = ", ".join(f"{name}: {value}" for name, value in SIZES.items() if name != "optimizer")
BASE = f"""\
data: {{train: train.jsonl, validation: validation.jsonl, batch_size: 8}}
model: {{class_path: saps.models.SAPS, init_args: {{{SIZE_LINES}}}}}
trainer: {{max_steps: 2, validate_every: 1}}
"""
SWEEP = """\
base: base.yaml
settings:
  trainer.max_steps: 2
space:
  optimizer.learning_rate: {min: 1e-4, max: 0.1, log: true}
  model.init_args.dropout: {choices: [0.0, 0.1]}
trials: 2
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A base configuration, its data and a sweep in the current folder."""
    write_data(tmp_path, train=24, validation=6)
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "disabled")
    monkeypatch.setattr("saps.cli.sweep.as_process", in_this_process)
    return tmp_path


def in_this_process(words: Sequence[str], log: Path, lock: int, is_enough: Callable[[], bool]) -> int:
    return main(words)


def test_trials_are_trained_and_the_best_is_a_configuration(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "sweep.yaml"]) == 0
    folder = place / "runs" / "sweeps" / "sweep"
    assert (folder / "trials" / "0001" / "run" / "summary.json").exists()
    assert "2 trials trained to the end, 0 pruned, 0 others." in (folder / "trials.md").read_text()
    assert (folder / "progress.png").read_bytes().startswith(b"\x89PNG")
    best = settings_of(parse_arguments(["--config", str(folder / "best.yaml")]))
    assert best.trainer.max_steps == 2
    assert f"learning_rate {best.optimizer.learning_rate:.4g}," in (folder / "best.yaml").read_text()
    capsys.readouterr()
    assert main(["sweep", "sweep.yaml", "--table"]) == 0
    assert capsys.readouterr().out.count("| complete |") == 2


MISTAKES = {
    "an unknown setting": ("optimizer.learning_rate:", "optimizer.learning_rat:", "sweep.yaml:5: ", "learning_rate"),
    "an unknown override": ("trainer.max_steps:", "trainer.max_step:", "sweep.yaml:3: ", "perhaps max_steps"),
    "a value that it does not take": ("[0.0, 0.1]", "[0.0, many]", "sweep.yaml:6: ", "dropout"),
    "a range that is none": ("min: 1e-4", "min: 1", "sweep.yaml:5: ", "min must be the smaller one"),
    "a logarithm of nothing": ("min: 1e-4", "min: 0", "sweep.yaml:5: ", "begins above 0"),
    "no base": ("base.yaml", "nowhere.yaml", "sweep.yaml:1: ", "nowhere.yaml: no such file"),
    "a misspelt key": ("trials: 2", "trails: 2", "sweep.yaml:7: ", "perhaps trials"),
    "no end": ("trials: 2", "", "sweep.yaml: ", "neither trials nor time"),
    "a date": ("[0.0, 0.1]", "[2026-11-29]", "sweep.yaml:6: ", "dropout: holds a date"),
    "a kind of Python": ("[0.0, 0.1]", "[!!python/tuple [1]]", "sweep.yaml:6: ", "could not determine a constructor"),
    "the same twice": ("trials: 2", "trials: 2\ntrials: 3", "sweep.yaml:8: ", "trials: stands in line 7 as well"),
    "a setting twice": (
        "  trainer.max",
        "  trainer.max_steps: 3\n  trainer.max",
        "sweep.yaml:4: ",
        "line 3 as well",
    ),
    "what is no setting": (
        "  trainer.max_steps: 2",
        "  launcher: slurm",
        "sweep.yaml:3: ",
        "launcher: is no setting",
    ),
    "no data": ("trainer.max_steps: 2", "data.validation: no.jsonl", "", "data.validation: no.jsonl: no such file"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_line_and_leaves_nothing(
    mistake: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, where, complaint = MISTAKES[mistake]
    (place / "sweep.yaml").write_text(SWEEP.replace(old, new))
    assert main(["sweep", "sweep.yaml"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"saps: error: {where}")
    assert complaint in error
    assert error.count("\n") == 1
    assert not (place / "runs").exists()


def test_a_table_of_what_is_no_sweep_is_refused_and_begins_none(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "other").mkdir()
    assert main(["sweep", "sweep.yaml", "--table", "--folder", "other"]) == 2
    told = "other: holds no sweep (journal.log is missing); name that of a sweep by --folder"
    assert capsys.readouterr().err == f"saps: error: {told}\n"
    assert not any((place / "other").iterdir())


def test_flags_that_do_not_go_together_are_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "sweep.yaml", "--jobs", "2"]) == 2
    assert "--jobs 2: is for a launcher" in capsys.readouterr().err
    assert main(["sweep", "sweep.yaml", "--launcher", "slurm", "--slurm.gpus_per_node", "4"]) == 2
    assert "a job of saps sweep is one process" in capsys.readouterr().err


def test_the_file_for_wandb_has_the_same_space(place: Path) -> None:
    assert main(["sweep", "sweep.yaml", "--wandb-file", "wandb.yaml"]) == 0
    found = yaml.safe_load((place / "wandb.yaml").read_text())
    rate = {"distribution": "log_uniform_values", "min": 0.0001, "max": 0.1}
    assert found["parameters"] == {"optimizer.learning_rate": rate, "model.init_args.dropout": {"values": [0.0, 0.1]}}
    assert found["metric"] == {"name": "val_exact_match", "goal": "maximize"}
    given = ["--optimizer.learning_rate=0.01", "--model.init_args.dropout=0.1"]
    command = [word for word in found["command"] if word != "${args}"]
    assert command[:2] == ["saps", "train"]
    assert settings_of(parse_arguments([*command[2:], *given])).optimizer.learning_rate == 0.01
