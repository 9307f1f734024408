"""Writing a file so that readers see the old one or the whole new one, never a part."""

import errno
import io
import json
import os
import re
import signal
import stat
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NoReturn

from saps.errors import UserError

_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")
IMAGES = (".png", ".svg", ".pdf")
"""Endings of the names of images."""
_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}


@contextmanager
def atomic_writer(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the place of ``path`` when the block ends well, and leaves no trace when it does not.

    Missing folders on the way are made. A symbolic link stays, and the file that it names is replaced. A device, a
    pipe or an open stream such as ``/dev/stdout`` is written into as it is. A command that is told to end (SIGTERM)
    ends here as by an exception, with exit code 143, unless something else handles the signal.

    Raises:
        UserError: the place cannot be written.
    """
    try:
        with _ended_by_exception():
            if _is_stream(path):
                with _open_stream(path) as file:
                    yield file
            else:
                with _replacement(path) as file:
                    yield file
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from None


@contextmanager
def _replacement(path: Path) -> Iterator[IO[bytes]]:
    """A new file that takes the place of an old one, which need not be there."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, "its symbolic links go round in a circle")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        raise IsADirectoryError(0, "it is a folder")
    beside = _beside(target)
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    finally:
        with suppress(OSError):
            beside.unlink()


def _beside(target: Path) -> Path:
    """Where a file is written before it takes its place."""
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def _is_stream(path: Path) -> bool:
    """Whether it is a device, a pipe or an open stream: nothing that another file could take the place of."""
    if str(path) in _STREAMS or _DESCRIPTOR.fullmatch(str(path)):
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _open_stream(path: Path) -> IO[bytes]:
    """The device or pipe; of an open stream a duplicate, which goes on where the stream stands."""
    match = _DESCRIPTOR.fullmatch(str(path))
    number = int(match[1]) if match else _STREAMS.get(str(path))
    if number is None:
        return path.open("wb")
    sys.stdout.flush()
    return os.fdopen(os.dup(number), "wb")


@contextmanager
def _ended_by_exception() -> Iterator[None]:
    """SIGTERM ends the block by an exception instead of at once, so that what it has begun is cleared away."""
    is_ours = threading.current_thread() is threading.main_thread() and (
        signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    )
    if not is_ours:
        yield
        return
    signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


def make_folder(folder: Path, setting: str = "") -> None:
    """Makes a folder where there is none, with those on the way to it, or none of them.

    Args:
        folder: to make.
        setting: that names it, for the complaint.

    Raises:
        UserError: it, or one on the way, is something else, or it cannot be made.
    """
    missing = [place for place in (folder, *folder.parents) if not os.path.lexists(place)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UserError(f"{folder}: is not a folder; name another", setting) from None
    except OSError as error:
        for place in missing:
            with suppress(OSError):
                place.rmdir()
        raise UserError(f"{folder}: cannot be made ({error.strerror}); name another folder", setting) from None


def check_outputs(outputs: Iterable[tuple[str, Path | None]], inputs: Iterable[Path | None]) -> None:
    """Checks, before anything is done, that what a command writes takes the place of nothing that it reads.

    Args:
        outputs: each with the name of its setting; None where nothing is written.
        inputs: None where nothing is read.

    Raises:
        UserError: an output is one of the inputs, the same file as another output, a folder, or where none can be made.
    """
    taken = {_identity(path): "read" for path in inputs if path is not None}
    for setting, path in outputs:
        if path is None or _is_stream(path):
            continue
        if os.path.isdir(path):  # which says no of a name that is too long
            raise UserError(f"{path}: is a folder; name a file", setting)
        if use := taken.get(_identity(path)):
            raise UserError(f"{path}: is {use} by the same command; write to another place", setting)
        if reason := _why_not(Path(os.path.realpath(path))):
            raise UserError(f"{path}: cannot be written ({reason}); choose another place", setting)
        taken[_identity(path)] = f"written as --{setting.replace('_', '-')}"


def _why_not(path: Path) -> str:
    """Why no file can be made at a place, as far as its name and folders tell; empty where they say nothing."""
    try:
        _beside(path).exists()
        nearest = next(folder for folder in path.parents if folder.exists())
    except OSError as error:  # a name is too long
        return error.strerror or str(error)
    if not nearest.is_dir():
        return os.strerror(errno.ENOTDIR)
    return "" if os.access(nearest, os.W_OK | os.X_OK) else os.strerror(errno.EACCES)


def _identity(path: Path) -> object:
    """What two names of the same file have in common."""
    try:
        status = path.stat()
        return (status.st_dev, status.st_ino)
    except OSError:
        return os.path.realpath(path)


def check_image(setting: str, path: Path | None) -> None:
    """Checks, before anything is done, that the ending of a name is that of an image that can be drawn.

    Raises:
        UserError: it is not.
    """
    if path is not None and path.suffix not in IMAGES:
        raise UserError(f"{path}: is no image; let its name end in {', '.join(IMAGES)}", setting)


def write_plot(figure: Any, path: Path, kind: str = "png", dpi: int = 150) -> None:
    """Writes a figure of matplotlib as an image, the whole file or nothing.

    Raises:
        UserError: the place cannot be written.
        ValueError: matplotlib knows no such kind of image.
    """
    image = io.BytesIO()
    figure.savefig(image, dpi=dpi, format=kind)
    with atomic_writer(path) as file:
        file.write(image.getbuffer())


def dump_json(path: Path, content: Any) -> None:
    """Writes plain values as JSON, the whole file or nothing.

    Raises:
        UserError: the place cannot be written.
    """
    with atomic_writer(path) as file:
        file.write(json.dumps(content, indent=2).encode("ascii") + b"\n")
