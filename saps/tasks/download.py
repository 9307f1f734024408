"""One file over HTTP: resumed where it broke off, and given up where nothing or next to nothing comes."""

import http.client
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from saps import __version__

TIMEOUT = 30.0
"""Seconds without an answer after which an address counts as dead."""
SLOWEST = 1024.0
"""Bytes a second, on average over so many seconds; what is slower counts as dead as well."""
_CHUNK = 1 << 16
_LARGEST = 1 << 30  # bytes; no split comes near it, and a wrong address must not fill the disk
_TURNS = 5  # how often a download that breaks off is taken up again
_PARTIAL, _RANGE_REFUSED = 206, 416

_NetworkError = (urllib.error.URLError, http.client.HTTPException, OSError, ValueError)  # ValueError: no address


class _TooLargeError(Exception):
    """More came than any split has."""


class _TooSlowError(Exception):
    """Less came than ``SLOWEST``."""


class _WebRedirects(urllib.request.HTTPRedirectHandler):
    """Redirects from web addresses to web addresses; urllib's own would go on to FTP."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme not in ("http", "https"):
            fp.close()
            raise urllib.error.URLError(f"it redirects to {newurl}, which is no web address")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _web_opener() -> urllib.request.OpenerDirector:
    """What opens http and https addresses and no others."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
        _WebRedirects(),
    ):
        opener.add_handler(handler)
    return opener


def download(address: str, part: Path) -> str | None:
    """Brings a file to its end from where it stands, as long as each turn brings something; None or why it failed."""
    failure = "no answer"
    for _ in range(_TURNS):
        before = size_of(part)
        try:
            _Transfer(address, part, before).finish()
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == _RANGE_REFUSED and before:  # nothing is left to send; the checksum will tell
                return None
            return f"the server answers {error.code} {error.reason}"
        except _TooLargeError:
            part.write_bytes(b"")
            return f"more than {_LARGEST} bytes came; this is not the file"
        except _TooSlowError:
            return f"less than {SLOWEST:g} bytes a second came"
        except _NetworkError as error:
            failure = _reason(error)
            if size_of(part) <= before:
                return failure
        else:
            return None
    return failure


def size_of(part: Path) -> int:
    """Bytes of a file, 0 where it is not there."""
    return part.stat().st_size if part.exists() else 0


class _Transfer(threading.Thread):
    """One turn, in a thread: however a server drips its bytes, who waits for it can turn away."""

    def __init__(self, address: str, part: Path, begin: int) -> None:
        super().__init__(daemon=True)
        self.address, self.part, self.begin = address, part, begin
        self.received = 0
        self.error: Exception | None = None
        self.is_abandoned = False
        self._lock = threading.Lock()

    def finish(self) -> None:
        """Waits for the end of the turn, or for too little to come."""
        self.start()
        seen = 0
        try:
            while self.is_alive():
                self.join(TIMEOUT)
                if self.is_alive() and self.received - seen < SLOWEST * TIMEOUT:
                    raise _TooSlowError if self.received else TimeoutError
                seen = self.received
        finally:
            with self._lock:
                self.is_abandoned = True
        if self.error is not None:
            raise self.error

    def run(self) -> None:
        """Asks for the bytes from ``begin`` on and adds them; a server that sends all starts the file anew."""
        headers = {"User-Agent": f"saps/{__version__}", "Accept-Encoding": "identity"}
        if self.begin:
            headers["Range"] = f"bytes={self.begin}-"
        try:
            request = urllib.request.Request(self.address, headers=headers)
            with _web_opener().open(request, timeout=TIMEOUT) as answer:
                mode = "ab" if answer.status == _PARTIAL else "wb"
                with self._lock:
                    file = None if self.is_abandoned else self.part.open(mode, buffering=0)
                if file is not None:
                    with file:
                        self._copy(answer, file)
        except Exception as error:  # for the thread that waits
            self.error = error

    def _copy(self, answer: Any, file: IO[bytes]) -> None:
        expected = answer.length  # bytes still to come, None where the server does not say
        while chunk := answer.read1(_CHUNK):
            with self._lock:
                if self.is_abandoned:
                    return
                file.write(chunk)
                self.received += len(chunk)
            if file.tell() > _LARGEST:
                raise _TooLargeError
        if expected and self.received < expected:
            missing = expected - self.received
            raise http.client.HTTPException(f"the connection broke off {missing} bytes before the end")


def _reason(error: Exception) -> str:
    """Why a download failed, in a line."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"no answer within {TIMEOUT:g} seconds"
    text = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return " ".join(text.split()) or type(cause).__name__
