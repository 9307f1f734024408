"""Getting the published splits: several addresses, resumed downloads, and no file kept that is not the right one."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from saps.errors import UserError, printable
from saps.tasks.atomic import atomic_writer, make_folder
from saps.tasks.download import download, size_of
from saps.tasks.locks import open_locked, stands_at, wait_for
from saps.tasks.splits import Split, verify


def mirror_address(mirror: str, split: Split) -> str:
    """The address of a split at a mirror: the mirror itself where it names the file, else the file below it.

    Raises:
        UserError: the mirror is no http or https address.
    """
    try:
        parts = urlsplit(mirror)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets of an address that is none, or a port that is no number
        is_address = False
    if not is_address or not mirror.isprintable() or " " in mirror:
        raise UserError(f"{mirror!r} is no address; write one that begins with https:// or http://", "mirror")
    return mirror if parts.path.endswith(split.file) else f"{mirror.rstrip('/')}/{split.file}"


def fetch_split(split: Split, folder: Path, mirrors: Sequence[str], say: Callable[[str], None]) -> Path:
    """Downloads a split into ``folder`` and returns its path; a right file that is there already is left alone.

    ``mirrors`` are tried before the addresses of the split. What has come of a broken-off download stays beside the
    target as ``FILE.part`` and is taken up by the next call. ``say`` is told, line by line, what goes on.

    Raises:
        UserError: no address gave the file, or another file of that name stands in the way.
    """
    target = folder / split.file
    addresses = [*(mirror_address(mirror, split) for mirror in mirrors), *split.addresses]
    if not target.exists():
        make_folder(folder, "folder")
        with _locked(target.with_name(f"{target.name}.part"), say) as part:
            if not target.exists():  # it may be there by now, if another process had the lock
                _fetch_from_first(addresses, split, part, say)
                os.replace(part, target)
                return target
    _verify_present(split, target)
    say(f"{target} is there already, and its {split.proof} is right")
    return target


def _fetch_from_first(addresses: Sequence[str], split: Split, part: Path, say: Callable[[str], None]) -> None:
    """Brings ``part`` to its end from the first address that gives it."""
    failure = "there is none"
    for address in addresses:
        say(f"fetching {printable(address)}")
        problem = _fetch_from(address, split, part)
        if problem is None:
            return
        failure = printable(problem)
        say(f"  {failure}")
    raise UserError(
        f"{split.name}: none of {len(addresses)} addresses gave {split.file} (the last: {failure}); "
        "get the file in another way and take it from there",
        "from_file",
    )


def copy_split(split: Split, source: Path, folder: Path) -> Path:
    """Takes a split from a file that is on this machine already, after checking that it is the right one.

    Raises:
        UserError: the file cannot be read or is not the published one.
    """
    if not source.is_file():
        raise UserError(f"{source}: no such file; give the path of {split.file}", "from_file")
    try:
        verify(split, source)
    except UserError as error:
        packed = ", packed" if split.file.endswith(".gz") else ""
        raise UserError(f"{error}; give the file as published{packed}", "from_file") from None
    except OSError as error:
        raise UserError(f"{source}: cannot be read ({error.strerror}); check its rights", "from_file") from None
    target = folder / split.file
    if not (target.exists() and target.samefile(source)):
        with source.open("rb") as readable, atomic_writer(target) as writable:
            shutil.copyfileobj(readable, writable)
    return target


@contextmanager
def _locked(part: Path, say: Callable[[str], None]) -> Iterator[Path]:
    """Holds the file of what has come, so that of two processes that fetch it one waits for the other.

    In the end it is removed if nothing has come.
    """
    with _open_locked(part, say) as file:
        try:
            yield part
        finally:
            if stands_at(file, part) and not part.stat().st_size:  # else it is another process's by now
                part.unlink()


def _open_locked(part: Path, say: Callable[[str], None]) -> IO[bytes]:
    def busy(file: IO[bytes]) -> None:
        say(f"another process is fetching {part.stem}; waiting for it")
        wait_for(file)

    try:
        return open_locked(part, "ab", busy)
    except OSError as error:
        raise UserError(f"{part}: cannot be written ({error.strerror}); choose another", "folder") from None


def _verify_present(split: Split, target: Path) -> None:
    try:
        verify(split, target)
    except UserError as error:
        raise UserError(f"{error}; move the file away and fetch again") from None


def _fetch_from(address: str, split: Split, part: Path) -> str | None:
    """Brings ``part`` to its end from one address; None when it is the right file, else why it is not.

    A file that turns out wrong after a resumption is fetched once more from its beginning: its first piece may have
    come from elsewhere.
    """
    resumed = size_of(part) > 0
    for _ in range(2 if resumed else 1):
        failure = download(address, part)
        if failure is not None:
            return failure
        try:
            verify(split, part)
        except UserError as error:
            failure = f"wrong content: {error}"
            os.truncate(part, 0)
        else:
            return None
    return failure
