"""Every way of launching that docs/cluster.md names, on a real Slurm of two nodes: stopped, requeued, gone on with."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.cluster.own_slurm import running_slurm, why_not
from tests.training.made import metrics, write_data
from tests.training.test_train_command import last_step

pytestmark = [pytest.mark.slurm, pytest.mark.skipif(bool(why_not()), reason=why_not() or "there is one")]
ROOT = Path(__file__).resolve().parents[2]
CONFIG = """\
data: {train: train.jsonl, validation: validation.jsonl, batch_size: 8}
model:
  class_path: saps.models.SAPS
  init_args: {word_embedding: 8, encoder_hidden: 8, encoder_layers: 1, label_embedding: 8, hidden: 16, max_nodes: 20}
trainer: {max_steps: STEPS, validate_every: STEPS, checkpoint_every: 100000, log_every: 1, accelerator: cpu}
tracking: {wandb: disabled}
"""

SWEEP = """\
base: short.yaml
space: {optimizer.learning_rate: {min: 1e-3, max: 0.1, log: true}}
trials: 5
"""


class Cluster:
    """Commands in a folder with data and a configuration, beside a Slurm."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        saps = folder / "saps"
        saps.write_text(f'#!/bin/sh\nexec {sys.executable} -m saps.cli "$@"\n')
        saps.chmod(0o755)
        self.folder = folder
        own = {"PYTHONPATH": str(ROOT), "SAPS": str(saps), "WANDB_MODE": "disabled", "OMP_NUM_THREADS": "1"}
        self.environment = environment | own

    def run(self, *words: str) -> str:
        done = subprocess.run(
            words, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sbatch(self, *words: str) -> str:
        return self.run("sbatch", "--parsable", "--cpus-per-task=1", *words).strip()

    def state(self, job: str) -> str:
        shown = self.run("scontrol", "show", "job", job)
        return next(word.partition("=")[2] for word in shown.split() if word.startswith("JobState="))

    def until(self, is_so: Callable[[], bool], seconds: int = 400) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, self.run("squeue") + self.logs()
            time.sleep(0.2)

    def until_done(self, job: str) -> None:
        """Requeued jobs have their old start time and the state PENDING first; Slurm lets them wait for two minutes."""
        self.until(lambda: self.state(job) not in ("PENDING", "RUNNING", "COMPLETING", "REQUEUED"))
        assert self.state(job) == "COMPLETED", self.logs()

    def logs(self) -> str:
        return "\n".join(path.read_text()[-2000:] for path in self.folder.rglob("*.log"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("work")
    write_data(folder, 200, 150)
    for name, steps in (("short", 40), ("long", 1200)):
        (folder / f"{name}.yaml").write_text(CONFIG.replace("STEPS", str(steps)))
    with running_slurm(tmp_path_factory.mktemp("slurm")) as environment:
        yield Cluster(folder, environment)


def alone(cluster: Cluster, name: str, *words: str) -> Path:
    """The run that nobody disturbs, in processes of this machine."""
    run = cluster.folder / f"alone-{name}"
    if not run.exists():
        config = f"{name.split('-')[0]}.yaml"
        cluster.run(cluster.environment["SAPS"], "train", "--config", config, "--run", str(run), *words)
    return run


def assert_equal(found: Path, expected: Path) -> None:
    """Bit for bit: weights, optimiser, and every line of the metrics."""
    one, two = (torch.load(run / "checkpoints" / "last.ckpt", weights_only=True) for run in (found, expected))
    assert one["global_step"] == two["global_step"]
    assert _same(one["state_dict"], two["state_dict"])
    assert _same(one["optimizer_states"], two["optimizer_states"])
    assert metrics(found) == metrics(expected)


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, two)
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(_same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(_same, one, two))
    return bool(one == two)


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_requeued_job_loses_no_step(cluster: Cluster, nodes: int) -> None:
    job = cluster.sbatch(f"--nodes={nodes}", str(ROOT / "experiments" / "slurm.sh"), "long.yaml")
    run = cluster.folder / "runs" / f"long-{job}"
    cluster.until(lambda: last_step(run) > 100)
    cluster.run("scontrol", "requeue", job)
    cluster.until(lambda: cluster.state(job) == "PENDING")
    stopped = last_step(run)
    assert torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["global_step"] == stopped
    cluster.until_done(job)
    assert_equal(run, alone(cluster, f"long-{nodes}", "--trainer.devices", str(nodes)))


def test_a_job_whose_time_is_nearly_over_requeues_itself(cluster: Cluster) -> None:
    job = cluster.sbatch(
        *("--time=2", "--signal=USR1@30", str(ROOT / "experiments" / "slurm.sh")),
        "long.yaml",
        "--trainer.max_steps=6000",
    )
    run = cluster.folder / "runs" / f"long-{job}"
    cluster.until(lambda: "(SIGUSR1)" in cluster.logs())
    cluster.until(lambda: cluster.state(job) in ("PENDING", "REQUEUED"))
    before = last_step(run)
    cluster.until(lambda: last_step(run) > before)
    cluster.run("scancel", job)
    steps = [int(row["step"]) for row in metrics(run) if row["train_loss"]]
    assert steps == [*range(1, len(steps) + 1)]


def test_the_command_sends_itself(cluster: Cluster) -> None:
    said = cluster.run(
        *(cluster.environment["SAPS"], "train", "--config", "short.yaml", "--run", "runs/sent"),
        *("--launcher", "slurm", "--slurm.nodes", "2", "--slurm.time", "10m"),
    )
    job = said.split("job ")[1].split(":")[0]
    cluster.until_done(job)
    assert_equal(cluster.folder / "runs" / "sent", alone(cluster, "short-2", "--trainer.devices", "2"))


def test_a_job_that_the_command_has_sent_requeues_itself(cluster: Cluster) -> None:
    """On two nodes, whose processes all are warned: only the first one may fail, after it has asked to be requeued."""
    said = cluster.run(
        *(cluster.environment["SAPS"], "train", "--config", "long.yaml", "--run", "runs/warned"),
        *("--trainer.max_steps", "6000", "--launcher", "slurm", "--slurm.nodes", "2", "--slurm.time", "2m"),
    )
    job = said.split("job ")[1].split(":")[0]
    run = cluster.folder / "runs" / "warned"
    cluster.until(lambda: "Restarts=1" in cluster.run("scontrol", "show", "job", job))
    before = last_step(run)
    assert torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["global_step"] == before
    cluster.until(lambda: last_step(run) > before)
    cluster.run("scancel", job)
    steps = [int(row["step"]) for row in metrics(run) if row["train_loss"]]
    assert steps == [*range(1, len(steps) + 1)]


def test_a_contradiction_with_slurm_names_both_numbers(cluster: Cluster) -> None:
    job = cluster.sbatch(str(ROOT / "experiments" / "slurm.sh"), "short.yaml", "--trainer.devices=4")
    cluster.until(lambda: cluster.state(job) == "FAILED")
    assert (
        "saps: error: --trainer.devices 4: srun has started 1 processes on each node; make them equal" in cluster.logs()
    )
    assert not (cluster.folder / "runs" / f"short-{job}").exists()


def test_a_comparison_is_one_job_a_row_and_seed_and_goes_on_where_one_was_killed(cluster: Cluster) -> None:
    (cluster.folder / "other.yaml").write_text(CONFIG.replace("STEPS", "40").replace("hidden: 16", "hidden: 12"))
    words = (cluster.environment["SAPS"], "compare", "short.yaml", "other.yaml", "--seeds", "2", "--budget", "40steps")
    sending = (*words, "--launcher", "slurm", "--slurm.time", "10m")
    jobs = _jobs(cluster.run(*sending))
    assert len(jobs) == 4
    cluster.run("scancel", "--signal=KILL", "--full", jobs[-1])
    cluster.run("scancel", jobs[-1])
    for job in jobs[:-1]:
        cluster.until_done(job)
    cluster.until(lambda: cluster.state(jobs[-1]) == "CANCELLED")
    (again,) = _jobs(cluster.run(*sending))
    cluster.until_done(again)
    table = cluster.run(*words, "--table")
    assert "short" in table
    assert "other" in table
    assert not _jobs(cluster.run(*sending))


def test_a_second_job_joins_a_sweep_and_ends_it_where_the_first_is_killed(cluster: Cluster) -> None:
    (cluster.folder / "sweep.yaml").write_text(SWEEP)
    words = (cluster.environment["SAPS"], "sweep", "sweep.yaml")
    sending = (*words, "--launcher", "slurm", "--jobs", "1", "--slurm.time", "10m")
    trials = cluster.folder / "runs" / "sweeps" / "sweep" / "trials"
    (first,) = _jobs(cluster.run(*sending))
    cluster.until(lambda: (trials / "0000" / "run" / "summary.json").exists())
    (second,) = _jobs(cluster.run(*sending))
    cluster.until(lambda: cluster.state(second) == "RUNNING" and (trials / "0002" / "run" / "config.yaml").exists())
    cluster.run("scancel", "--signal=KILL", "--full", first)
    cluster.until_done(second)
    cluster.run(*words)  # takes up what the first has left, if the second had drawn its last trial by then
    table = cluster.run(*words, "--table")
    assert table.count("| complete |") + table.count("| pruned |") == 5


def _jobs(said: str) -> list[str]:
    return [line.split(":")[0].removeprefix("job ") for line in said.splitlines() if line.startswith("job ")]
