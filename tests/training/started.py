"""Commands as processes of their own that begin at once: forked from one process that has imported all they need.

``python -m saps.cli train`` spends most of a tiny run on its imports. What is killed and resumed here is the same
command; that it also starts from nothing is tested where several processes train.
"""

import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["saps.cli.train", "saps.training.fit", "saps.training.wandb_run"])


class Started:
    """A command that runs, with the methods of ``subprocess.Popen`` that the tests use."""

    def __init__(self, words: Sequence[str], environment: dict[str, str], most: int | None = None) -> None:
        """Starts ``saps`` with these words in this environment, where no file may have more than ``most`` bytes."""
        self._folder = tempfile.TemporaryDirectory()
        self.output, self.errors = (Path(self._folder.name) / name for name in ("output", "errors"))
        places = (self.output, self.errors)
        self.process = _FORKING.Process(target=_run, args=(list(words), environment, places, most))
        self.process.start()
        assert self.process.pid is not None
        self.pid = self.process.pid

    @property
    def returncode(self) -> int | None:
        """As in ``Popen``: negative where a signal has ended it, None while it runs."""
        return self.process.exitcode

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            self.process.kill()
            raise subprocess.TimeoutExpired("saps", timeout or 0)
        return self.process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """Waits for its end and gives back what it said, its errors last."""
        self.wait(timeout)
        return self.output.read_text() + self.errors.read_text(), None


def _run(words: list[str], environment: dict[str, str], places: Sequence[Path], most: int | None) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, place in enumerate(places, start=1):  # standard output, then standard error
        with place.open("wb") as file:
            os.dup2(file.fileno(), number)
    if most is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    from saps.cli import main

    sys.exit(main(words))
