"""A Slurm of two nodes on this machine, for the time of the tests: Debian's packages, root, one core a node."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "munged")
NODES = ("saps-n1", "saps-n2")
_CONFIG = """\
ClusterName=saps
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=1,sched_interval=2
MpiDefault=none
ReturnToService=2
KillWait=20
MinJobAge=600
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
"""


def why_not() -> str:
    """Why there can be no Slurm here; empty where there can."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"Slurm is not installed ({', '.join(missing)} missing; Debian's slurm-wlm and munge have them)"
    return "" if os.geteuid() == 0 else "only root may start a Slurm"


@contextmanager
def running_slurm(folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which the commands of Slurm find it; everything ends with the context.

    Raises:
        RuntimeError: the nodes do not become idle.
    """
    _start_munge()
    ports = [_free_port() for _ in range(3)]
    text = _CONFIG.format(host=socket.gethostname(), port=ports[0], folder=folder)
    for node, port in zip(NODES, ports[1:], strict=True):
        (folder / node).mkdir()
        text += f"NodeName={node} NodeHostname={socket.gethostname()} NodeAddr=127.0.0.1 Port={port} CPUs=1\n"
    text += f"PartitionName=main Nodes={','.join(NODES)} Default=YES State=UP\n"
    (folder / "state").mkdir()
    (folder / "slurm.conf").write_text(text)
    _know_names()
    environment = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}
    try:
        subprocess.run(["slurmctld"], env=environment, check=True)
        for node in NODES:
            subprocess.run(["slurmd", "-N", node], env=environment, check=True)
        _wait_for_nodes(environment)
        yield environment
    finally:
        subprocess.run(["scancel", "--user", "root"], env=environment, check=False)
        for name in (*NODES, "slurmctld"):
            pid = folder / f"{name}.pid"
            if pid.exists():
                subprocess.run(["kill", pid.read_text().strip()], check=False)


def _wait_for_nodes(environment: dict[str, str]) -> None:
    for _ in range(60):
        done = subprocess.run(
            ["sinfo", "-h", "-o", "%D", "-t", "idle"], env=environment, capture_output=True, text=True, check=False
        )
        if done.stdout.strip() == str(len(NODES)):
            return
        time.sleep(0.5)
    raise RuntimeError("the nodes of Slurm do not become idle")


def _start_munge() -> None:
    """The service by which Slurm's parts trust each other."""
    if subprocess.run(["munge", "-n"], capture_output=True, check=False).returncode == 0:
        return
    key, run = Path("/etc/munge/munge.key"), Path("/run/munge")
    if not key.exists():
        key.write_bytes(os.urandom(1024))
    run.mkdir(exist_ok=True)
    for path in (key, run):
        shutil.chown(path, "munge", "munge")
    key.chmod(0o400)
    subprocess.run(["su", "-s", "/bin/sh", "munge", "-c", "munged"], check=True)


def _know_names() -> None:
    """The processes of a job find each other by the names of its nodes."""
    hosts = Path("/etc/hosts")
    if NODES[0] not in hosts.read_text():
        with hosts.open("a") as file:
            file.write(f"127.0.0.1 {' '.join(NODES)}\n")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
