"""Commands as jobs: on a Slurm cluster, or as processes of this machine, through submitit."""

import io
import os
import shlex
import shutil
import signal
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from saps.cli.job import SapsCommand
from saps.cli.settings import add_settings, new_parser, parse, settings_of
from saps.errors import UserError
from saps.models.registry import environment_for_others
from saps.restricted import Count
from saps.tasks.atomic import make_folder
from saps.tasks.logs import last_line, last_line_of
from saps.training.budget import parse_wall_time

Settings = TypeVar("Settings")
Launcher = Literal["none", "local", "slurm"]
"""Where a command runs: in this process, as processes of this machine that are waited for, or on a cluster."""
_WARNING = 300  # seconds before the end of its time at which a job is warned; at most a third of it
_NO_LIMIT = 10 * 366 * 24 * 60  # minutes: a process of this machine takes as long as it takes
_OWN_FLAGS = ("--launcher", "--slurm")


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
        seconds = parse_wall_time(self.time, "--slurm.time")
        if seconds < 60:
            raise UserError(f"--slurm.time {self.time}: is counted in whole minutes; write 90m or 12h")
        return int(seconds // 60)

    @property
    def processes_per_node(self) -> int:
        """How many processes of a job run on each of its nodes."""
        return self.tasks_per_node or self.gpus_per_node or 1


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
    args, slurm = settings_of(parsed, settings), settings_of(parsed.slurm, SlurmSettings)
    launcher: Launcher = parsed.launcher
    check_slurm(launcher, slurm, argv)
    if launcher == "slurm" and slurm.nodes * slurm.processes_per_node > 1:
        raise UserError(f"--slurm: a job of saps {command} is one process; ask for one node, and one GPU at most")
    if launcher != "none" and parsed.table:
        raise UserError("--table and --launcher do not go together: one runs nothing; leave --launcher and --slurm out")
    return Sendable(args, slurm, without_launcher(argv))


def check_slurm(launcher: Launcher, slurm: SlurmSettings, words: Sequence[str]) -> None:
    """Checks what jobs ask for, before anything is read or sent.

    Raises:
        UserError: there is a word about Slurm without its launcher, or the time is none.
    """
    about = next((word for word in words if word.startswith("--slurm")), None)
    if about and launcher != "slurm":
        raise UserError(f"{about.partition('=')[0]}: is for --launcher slurm; add that, or leave this out")
    if launcher == "slurm":
        slurm.minutes()


def without_launcher(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a command but for those that say where it runs: what its jobs run."""
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        flag, equals, _ = word.partition("=")
        if flag in _OWN_FLAGS or flag.startswith("--slurm."):
            if not equals:
                next(rest, None)  # its value
        else:
            kept.append(word)
    return (*kept, "--launcher", "none")  # which a configuration may say otherwise


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
    if launcher == "slurm":
        for words in commands:
            _tell(_sent(executor, SapsCommand(words)), words)
        return 0
    return _run_here(executor, commands, at_once)


def _run_here(executor: Any, commands: Sequence[Sequence[str]], at_once: int) -> int:
    """Runs commands as processes of this machine, so many at a time, and waits for them.

    Ctrl-C at a terminal reaches them as it reaches this process, and each ends as it would by itself; no further one
    is begun. Whatever stands between them and this process is kept from it, since it would kill them within a second.
    """
    failed, running, waiting = 0, deque[Any](), deque(commands)
    try:
        while waiting or running:
            if waiting and len(running) < at_once:
                words = waiting.popleft()
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
                try:
                    job = _sent(executor, SapsCommand(words, keeps_gpus=True))
                finally:
                    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
                running.append(job)
                _tell(job, words)
            else:
                failed += _has_failed(running[0])
                running.popleft()
    except KeyboardInterrupt:
        print("saps: Ctrl-C: waiting for the jobs to stop; once more stops them at once", file=sys.stderr)
        for job in running:
            _has_failed(job)
        raise
    return 1 if failed else 0


def _executor(launcher: Launcher, slurm: SlurmSettings, name: str, logs: Path) -> Any:
    import submitit  # takes a moment

    if launcher == "slurm" and shutil.which("sbatch") is None:
        raise UserError("launcher slurm: there is no sbatch on this machine; use local, or a login node of the cluster")
    make_folder(logs)
    executor = submitit.AutoExecutor(folder=logs, cluster=launcher)
    asked = _asked(slurm) if launcher == "slurm" else {"timeout_min": _NO_LIMIT, "tasks_per_node": 1}
    executor.update_parameters(name=name, stderr_to_stdout=True, **asked)
    return executor


def _tell(job: Any, words: Sequence[str]) -> None:
    print(f"job {job.job_id}: saps {shlex.join(words)}; its output: {job.paths.stdout}", flush=True)


def _sent(executor: Any, command: SapsCommand) -> Any:
    """The job of a command.

    Raises:
        UserError: Slurm does not take it.
    """
    from submitit.core.utils import FailedJobError

    before = set(executor.folder.iterdir())
    said = io.StringIO()  # what sbatch says at length, with its last line in the error
    try:
        with redirect_stderr(said):
            return executor.submit(command)
    except FailedJobError as error:
        for path in set(executor.folder.iterdir()) - before:
            path.unlink(missing_ok=True)
        raise UserError(f"launcher slurm: the job was not taken ({last_line(str(error))})") from None


def _asked(slurm: SlurmSettings) -> dict[str, Any]:
    """The parameters of a job on a cluster, in submitit's words."""
    chosen = {
        "slurm_partition": slurm.partition,
        "slurm_gpus_per_node": slurm.gpus_per_node,
        "slurm_mem": slurm.memory,
        "slurm_account": slurm.account,
        "slurm_qos": slurm.qos,
        "slurm_constraint": slurm.constraint,
    }
    return {
        "timeout_min": slurm.minutes(),
        "nodes": slurm.nodes,
        "tasks_per_node": slurm.processes_per_node,
        "cpus_per_task": slurm.cpus_per_task,
        "slurm_signal_delay_s": min(_WARNING, slurm.minutes() * 60 // 3),
        "slurm_additional_parameters": {"requeue": True},
        "slurm_srun_args": ["--kill-on-bad-exit=1"],
        **{key: value for key, value in chosen.items() if value is not None},
    }


def _has_failed(job: Any) -> bool:
    """Waits for a job of this machine to end, and says so where it has failed."""
    job.wait()
    if job.exception() is None:
        return False
    log = Path(job.paths.stdout)
    print(f"job {job.job_id}: has failed: {last_line_of(log)}; all it said: {log}", file=sys.stderr, flush=True)
    return True
