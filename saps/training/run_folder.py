"""The folder of a run: everything that is needed to trust it, go on with it, or share its model.

config.yaml       every setting, resolved
versions.json     versions of the software, the commit, the command
metrics.csv       one line a look at the metrics
checkpoints/      last.ckpt to resume from, best.ckpt of the best validation
model/            the exported model of the best validation
validations/      examples of what each validation found, where the run is tracked by W&B
summary.json      what the run took and how it ended; there only once it has come to its end
lock              which process trains; there only while one does
"""

import csv
import io
import itertools
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO

from safetensors import SafetensorError

from saps import __version__
from saps.errors import UserError
from saps.tasks.atomic import atomic_writer, dump_json, make_folder
from saps.tasks.locks import open_locked

CONFIG, VERSIONS, METRICS = "config.yaml", "versions.json", "metrics.csv"
CHECKPOINTS, LAST, MODEL = "checkpoints", "last.ckpt", "model"
SUMMARY, LOCK, VALIDATIONS = "summary.json", "lock", "validations"
_PACKAGES = ("torch", "pytorch-lightning", "numpy", "wandb", "nltk", "lark")


def new_run(folder: Path, config: str, command: Sequence[str] = ()) -> Path:
    """Makes the folder and writes down what is known before the first step, ``command`` included.

    Raises:
        UserError: there is a run already, or something that is no folder, or no room.
    """
    check_new(folder)
    make_folder(folder)
    make_folder(folder / CHECKPOINTS)
    dump_json(folder / VERSIONS, versions(command))
    with atomic_writer(folder / CONFIG) as file:  # last and whole: where it is, there is a run
        file.write(config.encode("utf-8"))
    return folder


def check_new(folder: Path) -> None:
    """Checks that a folder holds no run yet.

    Raises:
        UserError: it does.
    """
    if (folder / CONFIG).exists():
        raise UserError(f"{folder}: holds a run already; resume that one, or give the new run another folder")


def existing_run(folder: Path) -> Path:
    """Checks that a folder holds a run that can go on.

    Raises:
        UserError: it does not exist, or holds no run.
    """
    if not (folder / CONFIG).is_file():
        raise UserError(f"{folder}: holds no run ({CONFIG} is missing); name the folder of a run")
    return folder


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other processes from training in a run's folder; a killed process keeps nobody out.

    Raises:
        UserError: another process trains there.
    """
    path = folder / LOCK

    def busy(file: IO[str]) -> None:
        file.seek(0)
        holder = file.read().strip() or "another process"
        raise UserError(f"{folder}: {holder} trains there already; stop that first")

    with open_locked(path, "a+", busy) as file:
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def disk_errors_in_one_line(folder: Path) -> Iterator[None]:
    """Turns what a full or failing disk raises into a mistake that a user can mend.

    Raises:
        UserError: something could not be written, or read.
    """
    try:
        yield
    except (OSError, SafetensorError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise UserError(f"{folder}: the run cannot go on ({problem}); mend that, then resume it") from None


def last_checkpoint(folder: Path) -> Path | None:
    """The checkpoint to go on from; None where the run was stopped before its first one."""
    path = folder / CHECKPOINTS / LAST
    return path if path.is_file() else None


def versions(command: Sequence[str] = ()) -> dict[str, object]:
    """What the run was made with."""
    return {
        "saps": __version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {package: version(package) for package in _PACKAGES},
        "command": [*command] or ["saps", *sys.argv[1:]],
    }


def _commit() -> str | None:
    """The commit of the checkout that the package is run from, marked where files differ from it."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    answers = [
        subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False).stdout.strip()
        for words in (("rev-parse", "HEAD"), ("--no-optional-locks", "status", "--porcelain"))
    ]
    return answers[0] + (" with changes" if answers[1] else "") or None


def unfinished(folder: Path) -> None:
    """Takes back that the run has ended, until it has ended again."""
    (folder / SUMMARY).unlink(missing_ok=True)


def write_summary(folder: Path, summary: dict[str, object]) -> None:
    """Says that the run has ended, and how."""
    dump_json(folder / SUMMARY, summary)


def forget_metrics_after(folder: Path, step: int) -> None:
    """Drops the lines of ``metrics.csv`` that were written after a checkpoint's step: they will be written again.

    Raises:
        UserError: the file holds something else than numbers.
    """
    path = folder / METRICS
    if not path.exists():
        return
    try:
        kept = _lines_until(path, step)
    except (ValueError, csv.Error) as error:
        raise UserError(
            f"{path}: is broken ({error}); mend it, or remove it: then the run goes on without its earlier lines"
        ) from None
    if not kept:  # killed before the first line was whole
        path.unlink()
        return
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(kept)
    with atomic_writer(path) as file:
        file.write(text.getvalue().encode())


def _lines_until(path: Path, step: int) -> list[list[str]]:
    """The header and the whole lines up to a step; nothing where the header is not whole.

    Raises:
        ValueError: a value is no number, or the file no text.
    """
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    if "step" not in header:
        return []
    kept = [row for row in rows if len(row) == len(header) and int(row[header.index("step")]) <= step]
    for value in filter(None, itertools.chain(*kept)):
        float(value)
    return [header, *kept]
