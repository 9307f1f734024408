"""Commands as jobs: on a Slurm cluster, or as processes of this machine, through submitit."""

import os
import shlex
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from saps.cli import main
from saps.cli.settings import add_settings, new_parser, parse, settings_of
from saps.errors import UserError
from saps.models.registry import environment_for_others
from saps.restricted import Count
from saps.training.budget import parse_time
from saps.training.run_folder import CONFIG

Settings = TypeVar("Settings")
Launcher = Literal["none", "local", "slurm"]
"""Where a command runs: in this process, as a process in the background of this machine, or on a cluster."""
_TOLD = 128 + signal.SIGUSR2  # the exit code of a training that submitit's warning has stopped
_WARNING = 300  # seconds before the end of its time at which a job is warned; at most a third of it


@dataclass(frozen=True)
class SlurmSettings:
    """What a job asks of the cluster; one process a GPU, or one a node where there are none."""

    partition: str | None = None
    """Which partition; unset, the cluster's default."""
    nodes: Count = 1
    """Machines of a job."""
    tasks_per_node: Count | None = None
    """Processes on each; unset, one a GPU, else one."""
    gpus_per_node: Count | None = None
    """GPUs of each; unset, none is asked for."""
    cpus_per_task: Count = 1
    """Cores of a process."""
    memory: str | None = None
    """Memory of a node, such as 32GB; unset, the cluster's default."""
    time: str = "12h"
    """Time on the wall's clock; a job that needs more requeues itself and goes on."""
    account: str | None = None
    """Who pays."""
    qos: str | None = None
    """Quality of service."""
    constraint: str | None = None
    """Which kind of machine."""

    def minutes(self) -> int:
        """The time in whole minutes.

        Raises:
            UserError: it is none.
        """
        budget = parse_time(self.time, "slurm.time")
        if budget.unit != "wall seconds" or budget.amount < 60:
            raise UserError(f"slurm.time {self.time}: is counted in minutes of the wall's clock; write 90m or 12h")
        return int(budget.amount // 60)


@dataclass(frozen=True)
class Sendable(Generic[Settings]):
    """A command line that may be sent as jobs."""

    args: Settings
    slurm: SlurmSettings
    words: tuple[str, ...]
    """As the user gave them, without the command's name."""


def read_sendable(command: str, about: str | None, settings: type[Settings], argv: Sequence[str]) -> Sendable[Settings]:
    """The settings of a command line, and what its jobs ask for; ``--help`` prints and exits.

    Raises:
        UserError: an unknown flag, a value of another type, or a flag that is missing.
    """
    parser = new_parser(command, about)
    add_settings(parser, settings)
    parser.add_class_arguments(SlurmSettings, "slurm")
    parsed = parse(parser, argv)
    return Sendable(settings_of(parsed, settings), settings_of(parsed.slurm, SlurmSettings), tuple(argv))


class SapsCommand:
    """A ``saps`` command as submitit runs it in every task of a job; a requeued job runs it again."""

    def __init__(self, words: Sequence[str]) -> None:
        """Takes the words of a command that goes on where it stopped, when it is given once more."""
        self.words = list(words)

    def __call__(self) -> int:
        """Runs it and gives its exit code; where it was stopped since its time is nearly over, requeues the job."""
        try:
            code = main(self._words_now())
        except SystemExit as stopped:  # a comparison ends so when its training was told to stop
            code = int(stopped.code or 0)
        if code == _TOLD and os.environ.get("SLURM_PROCID") == "0":
            subprocess.run(["scontrol", "requeue", os.environ["SLURM_JOB_ID"]], check=True)
        if code:
            raise SystemExit(code)
        return code

    def _words_now(self) -> list[str]:
        """A training that has begun in an earlier start of the job is resumed."""
        if self.words[0] == "train" and "--run" in self.words and os.environ.get("SLURM_RESTART_COUNT", "0") != "0":
            folder = self.words[-1]
            if (Path(folder) / CONFIG).exists():
                return ["train", "--resume", folder]
        return self.words

    def checkpoint(self, *args: Any, **kwargs: Any) -> Any:
        """What submitit asks for when a job is warned before it trains: the same once more."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


def submit(
    commands: Sequence[Sequence[str]],
    launcher: Launcher,
    slurm: SlurmSettings,
    name: str,
    logs: Path,
    at_once: int = 1,
) -> int:
    """Sends each command as a job, and says what it is called and where its output goes.

    Jobs of a cluster are left to it; those of this machine are waited for.

    Args:
        commands: words of ``saps`` commands.
        launcher: ``local`` or ``slurm``.
        slurm: what a job asks for.
        name: of the jobs.
        logs: the folder of their output.
        at_once: how many jobs of this machine may run at the same time.

    Returns:
        The exit code: 1 if a job of this machine has failed.

    Raises:
        UserError: Slurm is not installed here, or does not take the job.
    """
    os.environ.update(environment_for_others())  # which the jobs get
    executor = _executor(launcher, slurm, name, logs)
    failed, running = 0, deque[Any]()
    for words in commands:
        if len(running) == at_once:
            failed += _has_failed(running.popleft())
        job = _sent(executor, words, launcher)
        print(f"job {job.job_id}: saps {shlex.join(words)}; its output: {job.paths.stdout}", flush=True)
        if launcher == "local":
            running.append(job)
    failed += sum(map(_has_failed, running))
    return 1 if failed else 0


def _executor(launcher: Launcher, slurm: SlurmSettings, name: str, logs: Path) -> Any:
    import submitit  # takes a moment

    if launcher == "slurm" and shutil.which("sbatch") is None:
        raise UserError("launcher slurm: there is no sbatch on this machine; use local, or a login node of the cluster")
    executor = submitit.AutoExecutor(folder=logs, cluster=launcher)
    executor.update_parameters(name=name, timeout_min=slurm.minutes(), nodes=slurm.nodes, **_cluster(launcher, slurm))
    return executor


def _sent(executor: Any, words: Sequence[str], launcher: Launcher) -> Any:
    """The job of a command."""
    from submitit.core.utils import FailedJobError

    try:
        return executor.submit(SapsCommand(words))
    except FailedJobError as error:
        raise UserError(f"launcher {launcher}: the job was not taken ({_last_line(str(error))})") from None


def _cluster(launcher: Launcher, slurm: SlurmSettings) -> dict[str, Any]:
    """The parameters that only Slurm knows."""
    tasks = slurm.tasks_per_node or slurm.gpus_per_node or 1
    if launcher == "local":
        return {"tasks_per_node": 1}
    warning = min(_WARNING, slurm.minutes() * 60 // 3)
    chosen = {
        "slurm_partition": slurm.partition,
        "slurm_gpus_per_node": slurm.gpus_per_node,
        "slurm_mem": slurm.memory,
        "slurm_account": slurm.account,
        "slurm_qos": slurm.qos,
        "slurm_constraint": slurm.constraint,
    }
    return {
        "tasks_per_node": tasks,
        "cpus_per_task": slurm.cpus_per_task,
        "slurm_signal_delay_s": warning,
        "slurm_additional_parameters": {"requeue": True},
        "slurm_srun_args": ["--kill-on-bad-exit=1"],
        **{key: value for key, value in chosen.items() if value is not None},
    }


def _has_failed(job: Any) -> bool:
    """Waits for a job to end."""
    job.wait()
    return job.exception() is not None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
