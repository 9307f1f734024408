"""The web server of the page: Python's own, kept within bounds, and open to this machine alone unless told otherwise.

GET /, /style.css, /page.js   the page
GET /api/model                what is known of the model
POST /api/synthesize          a question as JSON -> the answer as JSON; mistakes as {"error": one line}
"""

import ipaddress
import json
import socket
import socketserver
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

from saps.errors import UserError
from saps.playground.service import Busy, Service

MAX_BODY = 64 * 1024  # bytes of a question
MAX_CONNECTIONS = 32
TIMEOUT = 10  # seconds that a connection may be silent
_PAGE = Path(__file__).parent / "page"
_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/style.css": ("style.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
_JSON = "application/json"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Refused(Exception):
    """A request that gets an error: the HTTP status, and one line for whoever sent it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class PlaygroundServer(ThreadingHTTPServer):
    """Listens as soon as it is made; ``serve_forever`` answers."""

    daemon_threads = True

    def __init__(self, host: str, port: int, service: Service) -> None:
        """Opens the port.

        Args:
            host: address to listen on; a loopback one keeps other machines out.
            port: 0 for any that is free.
            service: who answers.

        Raises:
            UserError: the address cannot be had.
        """
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.service = service
        self.host = host
        self.is_local = _is_loopback(host)
        self._connections = BoundedSemaphore(MAX_CONNECTIONS)
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UserError(
                f"{host} port {port}: cannot listen there ({str(reason).lower()}); choose another, such as 8081", "port"
            ) from None

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the page."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.server_address[1]}/"

    def server_bind(self) -> None:
        """Binds without asking the name service for the machine's name, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.host, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for the connection, or its end where there are too many."""
        if self._connections.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answers one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks or stays silent is nobody's mistake; all else is ours."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    server: PlaygroundServer
    server_version, sys_version = "saps", ""
    timeout = TIMEOUT

    def do_GET(self) -> None:
        """The page, or what is known of the model."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """A question."""
        self._answer(self._post)

    def _answer(self, respond: Any) -> None:
        """Sends what ``respond`` returns, or its error in one line; a traceback goes to our own terminal alone."""
        try:
            self._check_host()
            kind, body = respond()
            self._send(200, kind, body)
        except Refused as refused:
            self.send_error(refused.status, str(refused))
        except UserError as error:
            self.send_error(400, str(error))
        except Busy as busy:
            self.send_error(503, str(busy))
        except (ConnectionError, TimeoutError):
            raise
        except Exception:
            traceback.print_exc()
            self.send_error(500, "a mistake of the server; its terminal says more")

    def _get(self) -> tuple[str, bytes]:
        path = self.path.partition("?")[0]
        if path == "/api/model":
            return _JSON, _as_bytes(self.server.service.model())
        if path in _FILES:
            name, kind = _FILES[path]
            return kind, (_PAGE / name).read_bytes()
        raise Refused(404, "there is no such page; there are: /, /api/model and /api/synthesize")

    def _post(self) -> tuple[str, bytes]:
        body = self._read_body()
        if self.path != "/api/synthesize":
            raise Refused(404, "questions go to /api/synthesize")
        # Other sites can make a browser post forms here, but not JSON.
        if self.headers.get_content_type() != _JSON:
            raise Refused(415, f"a question has the content type {_JSON}")
        try:
            request = json.loads(body)
        except (ValueError, RecursionError):
            raise Refused(400, 'not JSON; a question is an object such as {"text": "given a number a , ..."}') from None
        return _JSON, _as_bytes(self.server.service.synthesize(request))

    def _read_body(self) -> bytes:
        """The body, if its length is told and within the bound."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or len(length) > 12:
            raise Refused(411, "a question needs its length in the header Content-Length")
        if int(length) > MAX_BODY:
            self.rfile.read(min(int(length), 16 * MAX_BODY))  # else the browser sees a broken connection, no answer
            raise Refused(413, f"a question of {int(length):,} bytes; at most {MAX_BODY:,} are allowed")
        return self.rfile.read(int(length))

    def _check_host(self) -> None:
        """Refuses names of other sites, which a browser is led to by a name that points to this machine."""
        try:
            name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        except ValueError:
            name = ""
        if self.server.is_local and not (name == self.server.host or _is_loopback(name)):
            raise Refused(403, f"the page is open to this machine alone, at {self.server.url}")

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in (*_HEADERS.items(), ("Content-Type", kind), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Every error is JSON with one line, those that the base class finds among them."""
        line = " ".join((message or self.responses[code][0]).split())
        self._send(code, _JSON, _as_bytes({"error": line}))

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: questions are the person's own affair."""


def _as_bytes(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False).encode("ascii")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
