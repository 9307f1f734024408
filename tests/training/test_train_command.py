"""`saps train` as a process of its own: killed, resumed, killed again."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from saps.cli import main
from saps.errors import UserError
from saps.training.csv_tracker import CsvTracker
from saps.training.run_folder import forget_metrics_after
from saps.training.settings import TrackingSettings
from saps.training.tracking import make_trackers
from tests.training.made import OPTIMIZER, SIZES, assert_same_end, checkpoint, metrics, write_data
from tests.training.started import Started

POINT = 98  # the resume point between validations: within an epoch, which has 5 batches
SETTINGS = {"max_steps": 180, "checkpoint_every": POINT, "validate_every": 119, "log_every": 1, "threads": 1}


def words_for(train: Path, validation: Path, run: Path, **trainer: int) -> list[str]:
    """The command of a tiny run, without its name."""
    settings = {
        **{f"model.{name}": value for name, value in SIZES.items()},
        **{f"optimizer.{name}": value for name, value in asdict(OPTIMIZER).items()},
        **{f"trainer.{name}": value for name, value in (SETTINGS | trainer).items()},
        "data.train": train,
        "data.validation": validation,
        "data.batch_size": 8,
        "data.substitution": 0.5,
    }
    flags = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    return ["train", "--model", "saps.models.SAPS", *flags, "--run", str(run)]


def start_anew(words: list[str], **environment: str) -> subprocess.Popen[str]:
    """The command as a user's shell would start it."""
    return subprocess.Popen(
        [sys.executable, "-m", "saps.cli", *words],
        env=_without_wandb() | {"OMP_NUM_THREADS": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def start(words: list[str], **environment: str) -> Started:
    """The command as a process of its own, without waiting for its imports."""
    return Started(words, _without_wandb() | environment)


def _without_wandb() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("WANDB")}


def finish(words: list[str], is_anew: bool = False, **environment: str) -> str:
    """Runs the command to its end and gives back what it said."""
    process = (start_anew if is_anew else start)(words, **environment)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    return output


def kill_when(words: list[str], is_time: Callable[[], bool], is_anew: bool = False) -> None:
    """Starts the command and kills it with SIGKILL as soon as it is time; where it is started anew, others end too."""
    process = (start_anew if is_anew else start)(words, WANDB_MODE="disabled")
    deadline = time.monotonic() + 60
    while not is_time():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=20) == -signal.SIGKILL
    process.communicate(timeout=20)  # the pipe of one started anew has an end once no process holds it


def last_step(run: Path) -> int:
    """The step of the last complete line of metrics.csv; 0 where there is none."""
    path = run / "metrics.csv"
    lines = path.read_text().split("\n")[1:-1] if path.exists() else []
    return int(lines[-1].split(",")[0]) if lines else 0


def test_a_run_killed_before_and_after_its_first_resume_point_ends_as_one_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, run, last = write_data(tmp_path, 36, 12), tmp_path / "run", tmp_path / "run" / "checkpoints" / "last.ckpt"
    kill_when(words_for(*files, run), lambda: last_step(run) >= 5)
    assert not last.exists()
    assert 5 <= last_step(run) < POINT
    kill_when(["train", "--resume", str(run)], lambda: last_step(run) >= POINT + 4)
    assert checkpoint(run)["global_step"] == POINT
    assert POINT < last_step(run) < SETTINGS["validate_every"]
    finish(["train", "--resume", str(run)], WANDB_MODE="disabled")

    moved = run.rename(tmp_path / "resumed")
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert main(words_for(*files, run)) == 0
    assert_same_end(moved, run)
    assert metrics(moved) == metrics(run)
    assert [int(row["step"]) for row in metrics(run) if row["train_loss"]] == [*range(1, SETTINGS["max_steps"] + 1)]


def test_a_resumed_run_tracks_offline_under_its_old_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, few = tmp_path / "run", {"max_steps": 4, "validate_every": 2, "checkpoint_every": 1}
    with monkeypatch.context() as patched:
        patched.setenv("WANDB_MODE", "disabled")
        assert main(words_for(*write_data(tmp_path, 36, 12), run, **few)) == 0
    present = {path.name for path in run.iterdir()}
    assert present == {"config.yaml", "versions.json", "metrics.csv", "checkpoints", "model", "summary.json"}
    before = metrics(run)
    (run / "checkpoints" / "last.ckpt").unlink()  # as if it had been killed early
    (run / "wandb-run-id.txt").write_text("c0ffee12\n")

    said = finish(["train", "--resume", str(run)])
    assert re.search(r"4 steps; best val_exact_match 0\.\d+", said)
    assert "\x1b" not in said  # no colours or moving bars where nobody looks
    assert [path.name.rpartition("-")[2] for path in (run / "wandb").glob("offline-run-*")] == ["c0ffee12"]
    assert metrics(run) == before


def test_the_identity_of_a_run_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    trackers = [make_trackers(tmp_path, TrackingSettings(), {})[1] for _ in range(2)]
    assert {tracker.version for tracker in trackers} == {(tmp_path / "wandb-run-id.txt").read_text().strip()}
    assert len(make_trackers(tmp_path, TrackingSettings(wandb="disabled"), {})) == 1  # the setting wins


@pytest.mark.parametrize("cut", ["", "st", "step,epoch,seconds,train_loss\n1,0,0.1,2.0\n2,0"])
def test_lines_that_a_kill_cut_off_are_forgotten(cut: str, tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text(cut)
    forget_metrics_after(tmp_path, 2)
    left = (tmp_path / "metrics.csv").read_text() if (tmp_path / "metrics.csv").exists() else ""
    assert left == cut.removesuffix("2,0") * ("step" in cut)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"\n2,", b"\ntwo,", "invalid literal for int() with base 10: 'two'"),
        (b",0.5", b",half", "could not convert string to float: 'half'"),
        (b"0.5", b"\xff", "'utf-8' codec can't decode byte 0xff"),
        (b"0.5", b"1" * 200_000, "field larger than field limit"),
    ],
)
def test_metrics_that_are_no_numbers_are_told_in_one_line_and_stay(
    old: bytes, new: bytes, told: str, tmp_path: Path
) -> None:
    broken = b"step,epoch,seconds,train_loss\n1,0,0.1,2.0\n2,0,0.2,0.5\n".replace(old, new)
    (tmp_path / "metrics.csv").write_bytes(broken)
    with pytest.raises(UserError) as caught:
        forget_metrics_after(tmp_path, 2)
    assert str(caught.value).startswith(f"{tmp_path}/metrics.csv: is broken ({told}")
    assert str(caught.value).endswith("mend it, or remove it: then the run goes on without its earlier lines")
    assert (tmp_path / "metrics.csv").read_bytes() == broken
    CsvTracker(tmp_path)  # which reads the seconds of earlier lines


def test_a_spoilt_resume_point_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    run = tmp_path / "run"
    few = {"max_steps": 2, "validate_every": 2, "checkpoint_every": 1}
    assert main(words_for(*write_data(tmp_path, 36, 12), run, **few)) == 0
    last = run / "checkpoints" / "last.ckpt"
    last.write_bytes(last.read_bytes()[:1000])
    assert main(["train", "--resume", str(run)]) == 2
    assert f"{last}: cannot be read" in capsys.readouterr().err
    assert main(["train", "--resume", str(run), "--trainer.max_steps", "9"]) == 2
    assert "a run keeps its own" in capsys.readouterr().err


@pytest.mark.slow
def test_two_processes_train_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each learns from its own batches, one of them writes."""
    monkeypatch.chdir(tmp_path)
    words = words_for(*write_data(tmp_path, 36, 12), tmp_path, max_steps=6, validate_every=3, devices=2)
    unnamed = [*words[: words.index("--run")], "--trainer.accelerator", "cpu"]
    said = finish(unnamed, is_anew=True, WANDB_MODE="disabled")
    assert said.count("run folder: ") == said.count("trainable parameters") == said.count("6 steps; best") == 1
    (run,) = (tmp_path / "runs").iterdir()
    assert [int(row["step"]) for row in metrics(run) if row["train_loss"]] == [1, 2, 3, 4, 5, 6]
    assert [int(row["step"]) for row in metrics(run) if row["val_exact_match"]] == [3, 6]
    assert (run / "model" / "model.safetensors").exists()
    finish(["train", "--resume", str(run)], is_anew=True, WANDB_MODE="disabled")
