"""`saps train` as a user mistypes it, and which of several values of a setting counts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from saps.cli import main
from saps.cli.train import parse_arguments, settings_of
from saps.models.folder import shapes_of
from saps.sweeps.sweep_file import check_settings, read_sweep
from saps.tasks.vocabulary import Vocabularies, Vocabulary
from saps.training.fit import Fitted, RunSettings
from tests.training.made import write_data

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
FILES = "data: {train: train.jsonl, validation: validation.jsonl"


def settings_from(*words: object) -> RunSettings:
    return settings_of(parse_arguments([str(word) for word in words]))


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A YAML file beside two files of tasks, in the current folder."""
    write_data(tmp_path, train=12, validation=4)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "disabled")
    path = tmp_path / "small.yaml"
    model = "model: {class_path: saps.models.SAPS, init_args: {hidden: 12}}\noptimizer: {learning_rate: 0.5}"
    path.write_text(f"seed: 4\n{FILES}, batch_size: 3}}\n{model}\ntrainer: {{max_steps: 2}}\n")
    return path


SWEEPS = sorted((EXPERIMENTS / "sweeps").glob("*.yaml"))
OTHERS = {path for folder in ("studies", "other_toolkits") for path in (EXPERIMENTS / folder).glob("*.yaml")}
CONFIGS = sorted({*EXPERIMENTS.rglob("*.yaml")} - {*SWEEPS} - OTHERS)


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_every_sweep_has_settings_that_there_are(path: Path) -> None:
    check_settings(read_sweep(path), lambda words: settings_from(*words))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_experiment_parses_and_its_system_can_be_built(path: Path) -> None:
    settings = settings_from("--config", path)
    assert settings.trainer.max_steps >= settings.trainer.validate_every
    vocabulary = Vocabulary(["<pad>", "<unk>", "a/0"])
    assert shapes_of(settings.system, settings.sizes, Vocabularies(vocabulary, vocabulary))


def test_a_flag_wins_over_the_file_and_the_file_over_the_defaults(config: Path) -> None:
    words = ("--data.batch_size", 7, "--model.hidden", 20, "--optimizer.warmup_steps", 9, "--seed", 8)
    from_file, from_flags = settings_from("--config", config), settings_from("--config", config, *words)
    assert (from_file.seed, from_flags.seed) == (4, 8)
    assert (from_file.data.batch_size, from_flags.data.batch_size) == (3, 7)
    assert (from_file.sizes["hidden"], from_flags.sizes["hidden"]) == (12, 20)
    assert from_flags.optimizer.learning_rate == 0.5
    assert (from_file.optimizer.warmup_steps, from_flags.optimizer.warmup_steps) == (200, 9)
    assert from_flags.trainer.max_steps == 2
    assert (from_file.trainer.log_every, from_file.sizes["encoder_layers"]) == (50, 2)


def test_a_later_file_wins_over_an_earlier_one(config: Path) -> None:
    (config.parent / "more.yaml").write_text("data: {batch_size: 5}\n")
    settings = settings_from("--config", config, "--config", config.parent / "more.yaml")
    assert (settings.data.batch_size, settings.seed) == (5, 4)


def nothing(_: Path) -> None:
    """The files are as they should be."""


def rewrite(name: str, content: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(content) and None  # type: ignore[return-value]


def share_a_program(folder: Path) -> None:
    (folder / "train.jsonl").write_text(
        (folder / "train.jsonl").read_text() + (folder / "validation.jsonl").read_text()
    )


def exclude_all(folder: Path) -> None:
    (folder / "out.jsonl").write_text((folder / "train.jsonl").read_text())


MISTAKES: dict[str, tuple[Callable[[Path], None], list[str], str]] = {
    "a misspelt setting": (nothing, ["--trainer.max_step", "5"], "max_step"),
    "a misspelt setting of the model": (nothing, ["--model.hiden", "5"], "hiden"),
    "a misspelt section in the file": (rewrite("small.yaml", "sead: 1\n"), [], "sead"),
    "a wrong type": (nothing, ["--trainer.max_steps", "many"], "max_steps"),
    "a wrong choice": (nothing, ["--model.attention", "dot"], "attention"),
    "a system that is none": (nothing, ["--model", "saps.models.Nothing"], "Nothing"),
    "no steps": (nothing, ["--trainer.max_steps", "-5"], "--trainer.max_steps -5: give a number above 0"),
    "no validation": (nothing, ["--trainer.validate_every", "0"], "--trainer.validate_every 0: give a number above 0"),
    "no checkpoints": (nothing, ["--trainer.checkpoint_every", "0"], "--trainer.checkpoint_every 0: give"),
    "no batches a step": (nothing, ["--trainer.accumulate", "0"], "--trainer.accumulate 0: give a number above 0"),
    "less than no patience": (nothing, ["--trainer.patience", "-1"], "--trainer.patience -1: give"),
    "an empty batch": (nothing, ["--data.batch_size", "0"], "--data.batch_size 0: give a number above 0"),
    "a share above 1": (nothing, ["--data.substitution", "1.5"], "--data.substitution 1.5: give a number from 0 to 1"),
    "a share that is no number": (nothing, ["--data.substitution", ".nan"], "--data.substitution .nan: give a number"),
    "a negative size": (nothing, ["--model.hidden", "-4"], "--model.hidden is -4"),
    "a size beyond memory": (nothing, ["--model.hidden", "10000000"], "--model.hidden is 10000000"),
    "all dropped": (nothing, ["--model.dropout", "1"], "--model.dropout is 1"),
    "a rate below zero": (nothing, ["--optimizer.learning_rate", "-1"], "learning_rate -1: give a number"),
    "a negative seed": (nothing, ["--seed", "-1"], "--seed -1: give a number from 0 to 4294967295"),
    "a file that is not there": (nothing, ["--data.train", "none.jsonl"], "--data.train: none.jsonl"),
    "a validation that is not there": (nothing, ["--data.validation", "none.jsonl"], "--data.validation: none.jsonl"),
    "an exclusion that is not there": (nothing, ["--data.exclude", "[none.txt]"], "none.txt"),
    "a configuration that is not there": (nothing, ["--config", "none.yaml"], "none.yaml"),
    "a broken configuration": (rewrite("small.yaml", "trainer: {max_steps: \n"), [], "small.yaml"),
    "a broken line": (rewrite("train.jsonl", '{"text": ["a"\n'), [], "train.jsonl:1"),
    "an empty file": (rewrite("train.jsonl", ""), [], "train.jsonl"),
    "an empty validation": (rewrite("validation.jsonl", ""), [], "validation.jsonl"),
    "programs on both sides": (share_a_program, [], "4 tasks of the first have a program that the second is to judge"),
    "everything excluded": (exclude_all, ["--data.exclude", "[out.jsonl]"], "leaves none of its 12 tasks"),
    "a run to go on with that is none": (nothing, ["--resume", "nowhere"], "nowhere: holds no run"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_line_and_leaves_no_folder(
    mistake: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, words, complaint = MISTAKES[mistake]
    change(config.parent)
    start = [] if "--resume" in words else ["--config", str(config), "--run", "made"]
    assert main(["train", *start, *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith("saps: error: ")
    assert error.count("\n") == 1
    assert complaint in error
    assert not (config.parent / "made").exists()
    assert not (config.parent / "runs").exists()


def test_a_wrong_mode_of_wandb_is_named(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_MODE", "sometimes")
    assert main(["train", "--config", str(config), "--run", "made"]) == 2
    assert "WANDB_MODE=sometimes: must be one of offline, online, disabled" in capsys.readouterr().err
    assert not (config.parent / "made").exists()


def test_a_place_where_no_folder_can_be_is_named(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place, complaint in ((config, "is not a folder"), (config / "below", "is not a folder"), ("/proc/x", "cannot")):
        assert main(["train", "--config", str(config), "--run", str(place)]) == 2
        assert f"saps: error: {place}: {complaint}" in capsys.readouterr().err


@pytest.mark.skipif(torch.accelerator.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there_is_not_waited_for(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--config", str(config), "--run", "made", "--trainer.accelerator", "gpu"]) == 2
    assert "--trainer.accelerator gpu: torch sees no GPU" in capsys.readouterr().err
    assert not (config.parent / "made").exists()


def test_a_folder_with_a_run_is_not_written_over(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "made").mkdir()
    (config.parent / "made" / "config.yaml").write_text("seed: 1\n")
    assert main(["train", "--config", str(config), "--run", "made"]) == 2
    assert "holds a run already; resume that one" in capsys.readouterr().err
    assert (config.parent / "made" / "config.yaml").read_text() == "seed: 1\n"


def test_a_run_writes_down_its_own_command_whoever_called_it(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The quickstart calls `saps train` within its own process."""
    monkeypatch.chdir(config.parent)
    monkeypatch.setattr("sys.argv", ["saps", "quickstart"])
    monkeypatch.setattr("saps.cli.train.fit", lambda *_: Fitted(0, -1.0, Path("model")))
    words = ["train", "--config", str(config), "--run", "made", "--tracking.wandb", "disabled"]
    assert main(words) == 0
    assert json.loads((config.parent / "made" / "versions.json").read_text())["command"] == ["saps", *words]
