"""Getting the published splits: several addresses, resumed downloads, and no file kept that is not the right one."""

import http.client
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from saps import __version__
from saps.errors import UserError
from saps.tasks.atomic import atomic_writer
from saps.tasks.splits import Split, verify

TIMEOUT = 30.0
"""Seconds without an answer after which an address counts as dead."""
_CHUNK = 1 << 16
_LARGEST = 1 << 30  # bytes; no split comes near it, and a wrong address must not fill the disk
_TURNS = 5  # how often a download that breaks off is taken up again at one address
_OK, _PARTIAL, _RANGE_REFUSED = 200, 206, 416

_NetworkError = (urllib.error.URLError, http.client.HTTPException, OSError)


class _TooLargeError(Exception):
    """More came than any split has."""


def mirror_address(mirror: str, split: Split) -> str:
    """The address of a split at a mirror: the mirror itself where it names the file, else the file below it.

    Raises:
        UserError: the mirror is no http or https address.
    """
    parts = urlsplit(mirror)
    if parts.scheme not in ("http", "https") or not parts.netloc:
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
    if target.exists():
        _verify_present(split, target)
        say(f"{target} is there already, and its checksum is right")
        return target
    part, failures = _part_file(target), []
    for address in (*(mirror_address(mirror, split) for mirror in mirrors), *split.addresses):
        say(f"fetching {address}")
        failure = _fetch_from(address, split, part)
        if failure is None:
            os.replace(part, target)
            return target
        say(f"  {failure}")
        failures.append(failure)
    raise UserError(
        f"{split.name}: none of {len(failures)} addresses gave {split.file} (the last: {failures[-1]}); "
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
        raise UserError(f"{error}; give the file as published, packed", "from_file") from None
    except OSError as error:
        raise UserError(f"{source}: cannot be read ({error.strerror}); check its rights", "from_file") from None
    target = folder / split.file
    if not (target.exists() and target.samefile(source)):
        with source.open("rb") as readable, atomic_writer(target) as writable:
            shutil.copyfileobj(readable, writable)
    return target


def _part_file(target: Path) -> Path:
    """The file beside the target that holds what has come so far."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{target.parent}: cannot be made ({error.strerror}); choose another", "folder") from None
    return target.with_name(f"{target.name}.part")


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
    resumed = part.exists() and part.stat().st_size > 0
    for _ in range(2 if resumed else 1):
        failure = _download(address, part)
        if failure is not None:
            return failure
        try:
            verify(split, part)
        except UserError as error:
            failure = f"wrong content: {error}"
            part.unlink()
        else:
            return None
    return failure


def _download(address: str, part: Path) -> str | None:
    """Downloads to the end, resuming as long as each turn brings something; None or why it failed."""
    failure = "no answer"
    for _ in range(_TURNS):
        before = part.stat().st_size if part.exists() else 0
        try:
            _download_once(address, part, before)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == _RANGE_REFUSED and before:  # nothing is left to send; the checksum will tell
                return None
            return f"the server answers {error.code} {error.reason}"
        except _TooLargeError:
            part.unlink()
            return f"more than {_LARGEST} bytes came; this is not the file"
        except _NetworkError as error:
            failure = _reason(error)
            if (part.stat().st_size if part.exists() else 0) <= before:
                return failure
        else:
            return None
    return failure


def _download_once(address: str, part: Path, begin: int) -> None:
    """Asks for the bytes from ``begin`` on and adds them to ``part``; a server that sends all starts it anew."""
    headers = {"User-Agent": f"saps/{__version__}", "Accept-Encoding": "identity"}
    if begin:
        headers["Range"] = f"bytes={begin}-"
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        continues = answer.status == _PARTIAL
        expected = answer.length  # bytes still to come, None where the server does not say
        with part.open("ab" if continues else "wb") as file:
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                if expected is not None:
                    expected -= len(chunk)
                if file.tell() > _LARGEST:
                    raise _TooLargeError
    if expected:
        raise http.client.HTTPException(f"the connection broke off {expected} bytes before the end")


def _reason(error: Exception) -> str:
    """Why a download failed, in a line."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"no answer within {TIMEOUT:g} seconds"
    text = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return " ".join(text.split()) or type(cause).__name__
