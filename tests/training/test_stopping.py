"""A run that is told to stop: by a signal, by the end of its time on the machine, by another run in its folder."""

import errno
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from saps.cli import main
from saps.errors import UserError
from saps.models.registry import admit_path, environment_for_others, is_named, system_named
from saps.training.callbacks import ResumePoint
from saps.training.run_folder import locked, new_run
from tests.training.made import assert_same_end, checkpoint, metrics, write_data
from tests.training.started import Started
from tests.training.test_train_command import last_step, start, start_anew, words_for

LONG = {"max_steps": 160, "checkpoint_every": 1000, "validate_every": 150, "log_every": 1}


def stop_at(words: list[str], run: Path, step: int, number: signal.Signals) -> tuple[int, str]:
    """Starts a command, sends it a signal after a step, and gives back its exit code and what it said."""
    process = start(words, WANDB_MODE="disabled")
    deadline = time.monotonic() + 60
    while last_step(run) < step:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.kill(process.pid, number)
    return process.wait(timeout=60), process.communicate()[0]


def test_no_step_is_lost_to_a_signal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, run = write_data(tmp_path, 36, 12), tmp_path / "run"
    words = words_for(*files, run, **LONG)
    for step, number in ((7, signal.SIGTERM), (60, signal.SIGINT)):
        code, said = stop_at(words, run, step, number)
        assert code == 128 + number, said
        last = last_step(run)
        assert checkpoint(run)["global_step"] == last >= step
        assert f"saps: stopped after step {last} ({number.name}); go on with: saps train --resume {run}" in said
        assert "Traceback" not in said
        assert not (run / "summary.json").exists()
        assert not (run / "lock").exists()
        words = ["train", "--resume", str(run)]
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert main(words) == 0
    stopped = run.rename(tmp_path / "stopped")
    assert main(words_for(*files, run, **LONG)) == 0
    assert_same_end(stopped, run)
    assert metrics(stopped) == metrics(run)


def test_only_the_first_of_several_processes_fails_when_all_are_told_to_stop(tmp_path: Path) -> None:
    """As srun and torchrun tell them: whoever fails ends the others, the first one before it has said how it ended."""
    run = tmp_path / "run"
    words = words_for(*write_data(tmp_path, 36, 12), run, **LONG)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    common = {"WANDB_MODE": "disabled", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "0"}
    common |= {"MASTER_ADDR": "localhost", "MASTER_PORT": str(port), "TORCHELASTIC_RUN_ID": "27"}
    first, other = (start_anew(words, **common, RANK=rank, LOCAL_RANK=rank) for rank in "01")
    deadline = time.monotonic() + 60
    while last_step(run) < 5:
        assert first.poll() is None, first.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.002)
    for process in (other, first):
        os.kill(process.pid, signal.SIGUSR2)
    assert first.wait(timeout=60) == 128 + signal.SIGUSR2
    assert other.wait(timeout=60) == 0
    step = checkpoint(run)["global_step"]
    assert f"saps: stopped after step {step} (SIGUSR2); go on with" in first.communicate()[0]
    assert "stopped" not in other.communicate()[0]


def test_a_run_ends_with_its_time_on_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    files, run = write_data(tmp_path, 36, 12), tmp_path / "run"
    assert main([*words_for(*files, run, **LONG), "--trainer.max_wall", "0.001s"]) == 124
    assert "saps: stopped after step 1 (trainer.max_wall is over)" in capsys.readouterr().err
    assert checkpoint(run)["global_step"] == 1
    for wrong in ("soon", "10m-cpu"):
        assert main([*words_for(*files, tmp_path / "other"), "--trainer.max_wall", wrong]) == 2
        assert f"--trainer.max_wall {wrong}: is" in capsys.readouterr().err


def test_a_folder_is_trained_in_by_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    run, few = tmp_path / "run", {"max_steps": 2, "validate_every": 2}
    assert main(words_for(*write_data(tmp_path, 36, 12), run, **few)) == 0
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib, saps.training.run_folder as r\n"
            "with r.locked(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()",
            str(run),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    capsys.readouterr()
    assert main(["train", "--resume", str(run)]) == 2
    assert f"{run}: process {holder.pid} on " in (said := capsys.readouterr().err)
    assert "trains there already; stop that first" in said
    holder.kill()
    holder.communicate()
    with locked(run):  # a killed process keeps nobody out
        assert (run / "lock").read_text().startswith(f"process {os.getpid()} on ")
    assert not (run / "lock").exists()


def test_a_checkpoint_of_other_sizes_or_parts_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled")
    run = tmp_path / "run"
    assert main(words_for(*write_data(tmp_path, 36, 12), run, max_steps=2, validate_every=2, checkpoint_every=1)) == 0
    found, path = checkpoint(run), run / "checkpoints" / "last.ckpt"
    reshaped = found["state_dict"] | {"system.readout.to_label.weight": torch.zeros(2, 3)}
    for change, complaint in (
        ({"state_dict": reshaped}, "is (2, 3) there"),
        ({"state_dict": {}}, "is None there and"),
        (_with_moments(found, exp_avg=torch.zeros(2, 3)), "exp_avg of encoder.embedding.weight is (2, 3) there"),
        (_with_moments(found), "exp_avg of encoder.embedding.weight is None there and"),
        ({"optimizer_states": []}, "what it holds of the optimiser is damaged"),
        ({"loops": None}, None),
    ):
        changed = found | change
        if complaint is None:
            del changed["loops"]
        torch.save(changed, path)
        capsys.readouterr()
        assert main(["train", "--resume", str(run)]) == 2
        error = capsys.readouterr().err
        assert (complaint or "is no checkpoint of a run (loops is missing)") in error
        assert error.count("\n") == 1


def _with_moments(found: dict[str, Any], **moments: torch.Tensor) -> dict[str, Any]:
    """The optimiser's part of a checkpoint, with other moments of the first weight."""
    (kept,) = found["optimizer_states"]
    state = kept["state"] | {0: {"step": kept["state"][0]["step"]} | moments}
    return {"optimizer_states": [kept | {"state": state}]}


def test_settings_that_found_no_room_make_no_run(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))
    try:
        with pytest.raises(UserError, match=r"config\.yaml: cannot be written \(File too large\)"):
            new_run(tmp_path / "run", "#" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    new_run(tmp_path / "run", "seed: 1\n")  # the same command again, with room


def test_half_a_checkpoint_does_not_keep_a_full_disk_full(tmp_path: Path) -> None:
    def save_half(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    trainer: Any = SimpleNamespace(save_checkpoint=save_half, is_global_zero=True)
    unused: Any = None
    with pytest.raises(OSError, match="No space left"):
        ResumePoint(tmp_path / "last.ckpt", unused, unused, unused).save(trainer)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("most", [300, 20_000])  # bytes of a file: for the settings and metrics, or for any weights
def test_a_full_disk_is_told_in_one_line(tmp_path: Path, most: int) -> None:
    words = words_for(*write_data(tmp_path, 36, 12), tmp_path / "run", **LONG | {"validate_every": 3, "log_every": 1})
    process = Started(words, {**os.environ, "WANDB_MODE": "disabled"}, most)
    assert process.wait(timeout=60) == 2
    errors = [line for line in process.errors.read_text().splitlines() if line]
    assert len(errors) == 1, errors
    assert errors[0].startswith("saps: error: ")
    assert "File too large" in errors[0] or "cannot" in errors[0]


def test_a_run_folder_does_not_choose_the_code_that_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "intruder.py").write_text("open('ran', 'w')\nclass System: pass\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    run = tmp_path / "run"
    run.mkdir()
    for text in ("model: {class_path: intruder.System}", "model: intruder.System"):
        (run / "config.yaml").write_text(text)
        assert main(["train", "--resume", str(run)]) == 2
        assert "'intruder.System' is no system of saps but somebody's own code" in capsys.readouterr().err
        assert not Path("ran").exists()
    (run / "config.yaml").write_text("a: [")
    assert main(["train", "--resume", str(run)]) == 2
    assert "names no system (model.class_path)" in capsys.readouterr().err


def test_a_system_that_the_configuration_names_is_known_to_what_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text("from saps.models import SAPS\n\n\nclass Mine(SAPS):\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("SAPS_SYSTEM", "other.System")
    monkeypatch.setattr("saps.models.registry._own", {})
    for path in ("mine.Mine", "mine.Mine", "saps.models.SAPS"):
        admit_path(path)
    named = environment_for_others()["SAPS_SYSTEM"]
    assert named == "other.System,mine.Mine"
    monkeypatch.setattr("saps.models.registry._own", {})  # as in a process of its own
    assert not is_named("mine.Mine")
    monkeypatch.setenv("SAPS_SYSTEM", named)
    assert is_named("mine.Mine")
    assert not is_named("mine.Other")
    assert system_named("mine.Mine").__name__ == "Mine"
