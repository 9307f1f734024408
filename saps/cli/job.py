"""What a job runs: a ``saps`` command that is requeued, or stopped at Ctrl-C, as one that was typed would be."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saps.cli import main
from saps.training.run_folder import CONFIG

_GPUS = "CUDA_VISIBLE_DEVICES"
_TOLD = 128 + signal.SIGUSR2  # the exit code of a training that submitit's warning has stopped


class SapsCommand:
    """A ``saps`` command as submitit runs it in every task of a job; a requeued job runs it again."""

    def __init__(self, words: Sequence[str], keeps_gpus: bool = False) -> None:
        """Takes the words of a command that goes on where it stopped, when it is given once more.

        Args:
            words: of the command.
            keeps_gpus: whether it sees the GPUs that this process sees, all of which submitit would hide.
        """
        self.words = list(words)
        self.keeps_gpus, self.gpus = keeps_gpus, os.environ.get(_GPUS)

    def __call__(self) -> int:
        """Runs it and gives its exit code; where it was stopped since its time is nearly over, requeues the job."""
        if self.keeps_gpus:
            self._show_gpus()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        try:
            code = main(self._words_now())
        except SystemExit as stopped:  # a comparison ends so when its training was told to stop
            code = int(stopped.code or 0)
        if code == _TOLD and os.environ.get("SLURM_PROCID") == "0":
            subprocess.run(["scontrol", "requeue", os.environ["SLURM_JOB_ID"]], check=True)
        if code:
            raise SystemExit(code)
        return code

    def checkpoint(self, *args: Any, **kwargs: Any) -> Any:
        """What submitit asks for when a job is warned before it trains: the same once more."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)

    def _show_gpus(self) -> None:
        os.environ.pop(_GPUS, None)
        if self.gpus is not None:
            os.environ[_GPUS] = self.gpus

    def _words_now(self) -> list[str]:
        """A training that has begun in an earlier start of the job is resumed."""
        if self.words[0] == "train" and "--run" in self.words and os.environ.get("SLURM_RESTART_COUNT", "0") != "0":
            folder = self.words[-1]
            if (Path(folder) / CONFIG).exists():
                return ["train", "--resume", folder]
        return self.words
