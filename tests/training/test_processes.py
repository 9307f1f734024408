"""Several processes that train together give what one gives; they talk by gloo, each with one thread."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from saps.cli import main
from saps.errors import UserError
from saps.training.checkpoint import check_processes
from saps.training.launching import launch_of
from saps.training.settings import TrainerSettings
from tests.training.made import metrics, write_data
from tests.training.test_train_command import finish, last_step, start_anew, words_for

STEPS = {"max_steps": 20, "validate_every": 10, "checkpoint_every": 7, "log_every": 1}
SAME = ["--model.init_args.dropout", "0", "--model.init_args.word_dropout", "0", "--trainer.accelerator", "cpu"]
SAME += ["--trainer.average", "0.9"]
TORCHRUN = {"TORCHELASTIC_RUN_ID": "7", "WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "4"}
SRUN = {"SLURM_JOB_ID": "12", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "6", "SLURM_STEP_NUM_NODES": "3"}


def words_of_size(files: tuple[Path, Path], run: Path, batch: int, **trainer: Any) -> list[str]:
    words = [*words_for(*files, run, **STEPS | trainer), *SAME]
    words[words.index("--data.batch_size") + 1] = str(batch)
    return words


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """More validation tasks than one batch of 128, and not as many as two."""
    return write_data(tmp_path_factory.mktemp("data"), 100, 150)


@pytest.fixture(scope="module")
def alone(files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One process with batches of 16."""
    run = tmp_path_factory.mktemp("alone") / "run"
    finish(words_of_size(files, run, 16), WANDB_MODE="disabled")
    return run


def assert_alike(found: Path, expected: Path) -> None:
    """The same weights, losses and figures after the same steps, to rounding; counts are the same exactly."""
    before, after = (torch.load(run / "checkpoints" / "last.ckpt", weights_only=True) for run in (expected, found))
    assert after["global_step"] == before["global_step"] == STEPS["max_steps"]
    for name, value in before["state_dict"].items():
        assert torch.allclose(after["state_dict"][name], value, rtol=0, atol=1e-6), name
    averages = [run["callbacks"]["WeightAverage"]["weights"] for run in (after, before)]
    torch.testing.assert_close(*averages, rtol=0, atol=1e-6)
    rows = list(zip(metrics(found), metrics(expected), strict=True))
    for row, wanted in rows:
        assert row.keys() == wanted.keys()
        assert (row["step"], row["val_exact_match"]) == (wanted["step"], wanted["val_exact_match"])
        for name in ("train_loss", "val_loss", "gradient_norm", "val_label_accuracy"):
            assert row[name] == wanted[name] == "" or float(row[name]) == pytest.approx(float(wanted[name]), abs=1e-5)
    assert (
        load_file(found / "model" / "model.safetensors").keys()
        == load_file(expected / "model" / "model.safetensors").keys()
    )


def test_two_processes_equal_one_with_batches_twice_as_large(
    files: tuple[Path, Path], alone: Path, tmp_path: Path
) -> None:
    finish(words_of_size(files, tmp_path / "run", 8, devices=2), is_anew=True, WANDB_MODE="disabled")
    assert_alike(tmp_path / "run", alone)


def test_torchrun_says_how_many_processes_there_are(files: tuple[Path, Path], alone: Path, tmp_path: Path) -> None:
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-id", "27"]
    address = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    words = words_of_size(files, tmp_path / "run", 8)
    done = subprocess.run(
        [*launcher, *address, "-m", "--", "saps.cli", *words],
        env=os.environ | {"OMP_NUM_THREADS": "1", "WANDB_MODE": "disabled"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("trainable parameters") == 1
    assert_alike(tmp_path / "run", alone)


def test_a_run_goes_on_with_as_many_processes_as_before(
    files: tuple[Path, Path], alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a run that is told the number by its settings, these are changed; torchrun and srun tell it anew each time."""
    run = Path(shutil.copytree(alone, tmp_path / "run"))
    config = run / "config.yaml"
    config.write_text(config.read_text().replace("trainer:\n", "trainer:\n  devices: 2\n"))
    before = (run / "metrics.csv").read_bytes()
    with (run / "checkpoints" / "last.ckpt").open("rb") as file:
        assert torch.load(file, weights_only=True)["DataModule"]["processes"] == 1
    assert main(["train", "--resume", str(run)]) == 2
    said = "last.ckpt: was written by 1 process, and now there are 2, which would learn from other batches; start as"
    [line] = capsys.readouterr().err.splitlines()
    assert said in line
    assert (run / "metrics.csv").read_bytes() == before
    checkpoint = {"DataModule": {"batches_done": 3, "processes": 4}}
    with pytest.raises(UserError, match=r"c: was written by 4 processes, and now there is 1, which"):
        check_processes(checkpoint, 1, Path("c"))
    check_processes({"DataModule": {"batches_done": 3}}, 2, Path("of a version that did not say"))


@pytest.mark.hostile
def test_one_dead_process_ends_the_others_in_one_line(files: tuple[Path, Path], tmp_path: Path) -> None:
    run = tmp_path / "run"
    words = words_of_size(files, run, 8, devices=2, max_steps=5000, validate_every=5000)
    process = start_anew(words, WANDB_MODE="disabled")
    deadline = time.monotonic() + 100
    while last_step(run) < 3:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (other,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(other), signal.SIGKILL)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 2
    assert "saps: error: another process of this run has ended before its time" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(("environment", "devices", "nodes"), [({}, 1, 1), (TORCHRUN, 4, 2), (SRUN, 2, 3)])
def test_devices_and_nodes_are_those_of_the_launcher(
    environment: dict[str, str], devices: int, nodes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = launch_of(TrainerSettings())
    assert (found.devices, found.nodes, found.processes) == (devices, nodes, devices * nodes)
    assert launch_of(TrainerSettings(devices=devices, nodes=nodes))[:2] == (devices, nodes)
    if environment:
        with pytest.raises(UserError, match=rf"trainer.devices 5: (torchrun|srun) has started {devices} processes on"):
            launch_of(TrainerSettings(devices=5))
        with pytest.raises(UserError, match=rf"trainer.nodes 9: (torchrun|srun) has started {nodes} nodes; make them"):
            launch_of(TrainerSettings(nodes=9))


def test_a_batch_script_is_no_task_of_srun(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SRUN.items():
        monkeypatch.setenv(name, value)
    for step in ("4294967291", "4294967290"):  # the batch step, an interactive one
        monkeypatch.setenv("SLURM_STEP_ID", step)
        assert launch_of(TrainerSettings())[:2] == (1, 1)
    monkeypatch.setenv("SLURM_STEP_ID", "0")
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "7")
    with pytest.raises(UserError, match="srun runs 7 tasks on 3 nodes"):
        launch_of(TrainerSettings())


def test_a_contradiction_is_one_line(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in SRUN.items():
        monkeypatch.setenv(name, value)
    assert main(words_of_size(files, tmp_path / "run", 8, devices=4)) == 2
    error = capsys.readouterr().err
    said = "--trainer.devices 4: srun has started 2 processes on each node; make them equal, or leave it out"
    assert error == f"saps: error: {said}\n"
    assert not (tmp_path / "run").exists()
