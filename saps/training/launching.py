"""How many processes train together, and who has started them: this command itself, torchrun, or Slurm's srun.

Where one of the two has started them, the numbers are theirs; settings that say something else are refused.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from lightning_fabric.plugins.environments import (
    ClusterEnvironment,
    LightningEnvironment,
    SLURMEnvironment,
    TorchElasticEnvironment,
)

from saps.errors import UserError
from saps.training.settings import TrainerSettings

_LOST = re.compile(r"gloo|NCCL|(closed|reset) by peer", re.IGNORECASE)
_NO_STEP = 4_294_967_280  # Slurm numbers the steps that no srun has started (batch, interactive) from here on


class Launch(NamedTuple):
    """The processes of a run."""

    devices: int  # processes of each node
    nodes: int
    environment: ClusterEnvironment  # how Lightning finds the other processes

    @property
    def processes(self) -> int:
        """How many there are."""
        return self.devices * self.nodes


def launch_of(settings: TrainerSettings) -> Launch:
    """The processes of this run, by the environment where torchrun or srun has started it, else by its settings.

    Raises:
        UserError: settings and environment contradict each other, nobody has started processes on other nodes, or
            Slurm's nodes have different numbers of tasks.
    """
    if "TORCHELASTIC_RUN_ID" in os.environ:
        world, devices = int(os.environ["WORLD_SIZE"]), int(os.environ["LOCAL_WORLD_SIZE"])
        return _agreed(settings, devices, world // devices, "torchrun", TorchElasticEnvironment())
    if is_srun():
        tasks, nodes = int(os.environ["SLURM_STEP_NUM_TASKS"]), int(os.environ["SLURM_STEP_NUM_NODES"])
        if tasks % nodes:
            raise UserError(f"srun runs {tasks} tasks on {nodes} nodes; give it --ntasks-per-node, as many on each")
        return _agreed(settings, tasks // nodes, nodes, "srun", SLURMEnvironment(auto_requeue=False))
    if (settings.nodes or 1) > 1:
        raise UserError(f"trainer.nodes {settings.nodes}: on other nodes it is torchrun or srun that starts processes")
    return Launch(settings.devices or 1, 1, LightningEnvironment())


def is_srun() -> bool:
    """Whether this process is a task of srun; a batch script, and a shell on a node, are none."""
    return int(os.environ.get("SLURM_STEP_ID", _NO_STEP)) < _NO_STEP and "SLURM_STEP_NUM_TASKS" in os.environ


def job_name() -> str | None:
    """What all processes that others have started call this run alike; None where this command starts them."""
    if is_srun():
        return os.environ["SLURM_JOB_ID"]
    return os.environ.get("TORCHELASTIC_RUN_ID")


@contextmanager
def lost_processes_in_one_line() -> Iterator[None]:
    """Turns what torch raises where another process of the run has died into a line; that process said why.

    Raises:
        UserError: one has.
    """
    try:
        yield
    except RuntimeError as error:
        if not _LOST.search(str(error)):
            raise
        raise UserError(
            "another process of this run has ended before its time, and so does this one; look at what it said, then "
            "resume the run from its last checkpoint"
        ) from None


def check_agreement(settings: TrainerSettings, devices: int, nodes: int, started: str) -> None:
    """Checks that settings say as many processes as there are, where they say any.

    Args:
        settings: of the run.
        devices: processes of each node.
        nodes: how many there are.
        started: who has started them, as in "srun has started".

    Raises:
        UserError: they say another number.
    """
    for name, told, found in (("devices", settings.devices, devices), ("nodes", settings.nodes, nodes)):
        if told is not None and told != found:
            what = "processes on each node" if name == "devices" else "nodes"
            raise UserError(f"trainer.{name} {told}: {started} {found} {what}; make them equal, or leave it out")


def _agreed(
    settings: TrainerSettings, devices: int, nodes: int, launcher: str, environment: ClusterEnvironment
) -> Launch:
    check_agreement(settings, devices, nodes, f"{launcher} has started")
    return Launch(devices, nodes, environment if devices * nodes > 1 else LightningEnvironment())
