"""Runs one command: bash takes the line apart, and a fork of this process, which has torch loaded, runs its words."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.docs_check.words import shortened

MOST_SECONDS = 240.0
_ASIDE = 'saps() { printf "%s\\0" "$@" >&9; printf "\\n\\0" >&9; }; '


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    output: str
    seconds: float


def run_line(line: str, folder: Path, until: str = "") -> Ended:
    """Runs a line of a page in a folder; ends it by Ctrl-C once it has printed ``until``."""
    start, log = time.monotonic(), folder.with_suffix(".log")
    if "saps " not in line:
        done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False)
        return Ended(done.returncode, done.stdout + done.stderr, time.monotonic() - start)
    log.write_bytes(b"")
    code = 0
    for words in _words_of(line, folder):
        code = code or _run(words, folder, log, until)
    return Ended(code, log.read_text(encoding="utf-8", errors="replace"), time.monotonic() - start)


def run_words(words: Sequence[str], folder: Path) -> None:
    """Runs the words of a ``saps`` command that must go well."""
    ended = run_line(shlex.join(["saps", *words]), folder)
    if ended.code:
        raise SystemExit(f"saps {shlex.join(words)}: exit code {ended.code}\n{ended.output}")


def _words_of(line: str, folder: Path) -> list[list[str]]:
    """The words of each ``saps`` command of a line, as bash expands them."""
    read, write = os.pipe()
    script = f"exec 9>&{write}; {_ASIDE}{line}"
    subprocess.run(["bash", "-c", script], cwd=folder, pass_fds=[write], stdin=subprocess.DEVNULL, check=True)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as file:
        found = file.read().split("\n\0")[:-1]
    return [words.split("\0")[:-1] for words in found]


def _run(words: Sequence[str], folder: Path, log: Path, until: str) -> int:
    sys.stdout.flush()
    child = os.fork()
    if not child:
        os._exit(_in_child(shortened(words), folder, log))
    ends = time.monotonic() + MOST_SECONDS
    while time.monotonic() < ends:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if until and until in log.read_text(encoding="utf-8", errors="replace"):
            os.kill(child, signal.SIGINT)
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGKILL


def _in_child(words: Sequence[str], folder: Path, log: Path) -> int:
    """The exit code of a command, all that it says in the log."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.chdir(folder)
    sys.path.insert(0, str(folder))  # where the pages keep systems of one's own
    sys.argv = ["saps", *words]
    from saps.cli import main

    try:
        code = main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 70
    sys.stdout.flush()
    return code
