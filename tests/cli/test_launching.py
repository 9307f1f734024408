"""`--launcher`: what is told before anything is sent, and jobs of this machine, which need no Slurm."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from saps.cli import main
from saps.cli.job import SapsCommand
from saps.cli.submitting import without_launcher
from tests.training.made import SIZES, checkpoint, write_data
from tests.training.test_train_command import last_step

SIZE_LINES = ", ".join(f"{name}: {value}" for name, value in SIZES.items())
CONFIG = f"""\
data: {{train: train.jsonl, validation: validation.jsonl, batch_size: 8}}
model: {{class_path: saps.models.SAPS, init_args: {{{SIZE_LINES}}}}}
trainer: {{max_steps: 100000, validate_every: 100000, log_every: 1, accelerator: cpu}}
tracking: {{wandb: disabled}}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of a long training beside its data, in the current folder."""
    write_data(tmp_path, train=24, validation=6)
    (tmp_path / "long.yaml").write_text(CONFIG)
    (tmp_path / "file").write_text("no folder")
    monkeypatch.chdir(tmp_path)
    return tmp_path


MISTAKES = {
    "a word about Slurm alone": ("train --slurm.nodes 2", "--slurm.nodes: is for --launcher slurm"),
    "and in a local job": ("train --launcher local --slurm.time=10m", "--slurm.time: is for --launcher slurm"),
    "no time": ("train --launcher slurm --slurm.time 10", "--slurm.time 10: is no time; write 10m, 90s or 2h"),
    "of the processor": ("compare --launcher slurm --slurm.time 9m-cpu", "--slurm.time 9m-cpu: is counted on the wall"),
    "less than a minute": ("compare --launcher slurm --slurm.time 9s", "--slurm.time 9s: is counted in whole minutes"),
    "other processes": (
        "train --launcher slurm --slurm.gpus_per_node 4 --trainer.devices 3",
        "--trainer.devices 3: --slurm asks for 4 processes on each node",
    ),
    "many for one row": ("compare --launcher slurm --slurm.nodes 2", "a job of saps compare is one process"),
    "a table of what is sent": ("compare --table --launcher local", "--table and --launcher do not go together"),
    "a file for a folder": ("train --launcher local --run file", "file: is not a folder"),
    "a file on the way": ("train --launcher local --run file/x", "file/x: is not a folder"),
    "a comparison in a file": ("compare --folder file", "file: is not a folder"),
    "no data": ("train --launcher local --data.exclude+ gone", "--data.exclude: gone: no such file"),
    "nobody on other nodes": ("train --trainer.nodes 2", "--trainer.nodes 2: on other nodes it is torchrun or srun"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_line_and_sends_nothing(
    mistake: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, complaint = MISTAKES[mistake]
    command, *flags = words.split()
    assert main([command, *(("long.yaml",) if command == "compare" else ("--config", "long.yaml")), *flags]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert complaint in error
    assert not (place / "runs").exists()


def test_jobs_of_another_budget_are_not_taken_for_done(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", "long.yaml", "--seeds", "1", "--launcher", "local", "--budget"]
    assert main([*words, "1steps"]) == 0
    capsys.readouterr()
    assert main([*words, "2steps"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "long/seed-1: was made by 'saps train" in line
    assert main([*words, "1steps"]) == 0
    assert "job " not in capsys.readouterr().out


def test_a_job_runs_the_same_command_without_its_launcher() -> None:
    launching = ("--launcher", "slurm", "--slurm.nodes=2", "--slurm.time", "9h", "--launcher=slurm")
    words = ("--seed", "3", *launching, "--skip-bad")
    assert without_launcher(words) == ("--seed", "3", "--skip-bad", "--launcher", "none")


@pytest.mark.parametrize("seen", ["5,6", None])
def test_a_job_of_this_machine_sees_the_gpus_of_its_sender(seen: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str | None] = []

    def main(words: Sequence[str]) -> int:
        found.append(os.environ.get("CUDA_VISIBLE_DEVICES"))
        return 0

    monkeypatch.setattr("saps.cli.job.main", main)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if seen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", seen)
    command = SapsCommand(["train"], keeps_gpus=True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")  # as submitit has it
    assert command() == 0
    assert found == [seen]


def test_a_job_of_this_machine_that_fails_says_why(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (place / "train.jsonl").write_text("{}\n")
    assert main(["train", "--config", "long.yaml", "--run", "runs/bad", "--launcher", "local"]) == 1
    said = capfd.readouterr()
    assert ": has failed: saps: error: --data.train: train.jsonl:1: " in said.err
    log = Path(said.err.split("all it said: ")[1].strip())
    assert log.parent == place / "runs" / "jobs"


def test_ctrl_c_at_a_terminal_stops_a_job_of_this_machine_after_a_step(place: Path) -> None:
    words = ("train", "--config", "long.yaml", "--run", "runs/long", "--launcher", "local")
    process = subprocess.Popen(
        [sys.executable, "-m", "saps.cli", *words], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    run = place / "runs" / "long"
    deadline = time.monotonic() + 120
    while not (run / "metrics.csv").exists() or last_step(run) < 3:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    job = next(path for path in (place / "runs" / "jobs").glob("*_log.out"))
    os.killpg(process.pid, signal.SIGINT)  # to all processes of the terminal, as Ctrl-C does
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130, said
    assert "waiting for the jobs to stop" in said
    assert "Traceback" not in said + job.read_text()
    assert f"saps: stopped after step {checkpoint(run)['global_step']} (SIGINT)" in job.read_text()
    assert not (run / "lock").exists()
