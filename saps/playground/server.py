"""The web server of the page: Starlette on uvicorn, within bounds, open to this machine alone unless told otherwise.

GET /, /style.css, /page.js   the page
GET /api/models               the models to choose from, the one that answers where none is named first
GET /api/model                what is known of that model, or with ?name=NAME of another one
POST /api/synthesize          a question as JSON -> the answer as JSON; mistakes as {"error": one line}
"""

import errno
import ipaddress
import json
import re
import socket
import traceback
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from saps.errors import UserError, printable
from saps.playground.chooser import Chooser
from saps.playground.connection import BoundedConnection, error_body
from saps.playground.service import Busy, Service

MAX_BODY = 64 * 1024  # bytes of a question
_PAGE = Path(__file__).parent / "page"
_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/style.css": ("style.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/programs.js": ("../../web/programs.js", "text/javascript; charset=utf-8"),
}
_JSON = "application/json"
_OF_PORTS = (errno.EADDRINUSE, errno.EACCES)
_SHOWN = 60  # characters of an address in a message
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "saps",
    "Connection": "close",
}
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?")  # and no user@ before it
_WRONG_PATH = {
    "GET": "there is no such page; there are: /, /api/models, /api/model and /api/synthesize",
    "POST": "questions go to /api/synthesize",
}


class PlaygroundServer:
    """Listens as soon as it is made; ``serve_forever`` answers."""

    def __init__(self, host: str, port: int, service: Service | Chooser) -> None:
        """Opens the port.

        Args:
            host: address to listen on; a loopback one keeps other machines out.
            port: 0 for any that is free.
            service: who answers.

        Raises:
            UserError: the address cannot be had.
        """
        self.host, self.service = host, service
        self.is_local = _is_loopback(host)
        self._socket = _listen(host, port)
        self.server_address = self._socket.getsockname()
        config = uvicorn.Config(
            _application(self),
            http=BoundedConnection,
            headers=[*_HEADERS.items()],
            ws="none",
            lifespan="off",
            log_config=None,  # questions are the person's own affair
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the page."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.server_address[1]}/"

    def serve_forever(self) -> None:
        """Answers until ``shutdown`` or a signal, which is raised again when all connections are closed."""
        self._server.run(sockets=[self._socket])

    def shutdown(self) -> None:
        """Ends ``serve_forever`` in another thread."""
        self._server.should_exit = True

    def __enter__(self) -> "PlaygroundServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def _listen(host: str, port: int) -> socket.socket:
    if not host:
        raise UserError("an empty address; listen on 127.0.0.1, or on 0.0.0.0 for other machines", "host")
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()
    except (OSError, OverflowError, TypeError, UnicodeError) as error:
        listening.close()
        raise _not_there(host, port, error) from None
    return listening


def _not_there(host: str, port: int, error: Exception) -> UserError:
    """Why nothing can listen there, and whether another port or another address mends it."""
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    if isinstance(error, TypeError | UnicodeError):  # it cannot be written as a name of the net
        reason = "no name of a machine"
    is_port = isinstance(error, OverflowError) or (isinstance(error, OSError) and error.errno in _OF_PORTS)
    mend = "choose another, such as 8081" if is_port else "give an address of this machine, such as 127.0.0.1"
    where = f"{printable(host[:_SHOWN])} port {port}"
    return UserError(f"{where}: cannot listen there ({reason.lower()}); {mend}", "port" if is_port else "host")


def _application(server: PlaygroundServer) -> Starlette:
    """The routes of the page, with every mistake answered in one line of JSON."""

    async def models(_: Request) -> Response:
        return Response(_as_bytes(await run_in_threadpool(server.service.models)), media_type=_JSON)

    async def model(request: Request) -> Response:
        name = request.query_params.get("name", "")
        return Response(_as_bytes(await run_in_threadpool(lambda: server.service.model(name))), media_type=_JSON)

    async def page_file(request: Request) -> Response:
        name, kind = _FILES[request.url.path]
        return Response((_PAGE / name).read_bytes(), media_type=kind)

    async def synthesize(request: Request) -> Response:
        question = await _question(request)
        answer = await run_in_threadpool(lambda: server.service.synthesize(question))
        return Response(_as_bytes(answer), media_type=_JSON)

    application = Starlette(
        routes=[
            *(Route(path, page_file) for path in _FILES),
            Route("/api/models", models),
            Route("/api/model", model),
            Route("/api/synthesize", synthesize, methods=["POST"]),
        ],
        middleware=[Middleware(_OwnNames, server=server)],
        exception_handlers={
            HTTPException: _answer_refused,
            UserError: lambda _, error: _error(400, str(error)),
            Busy: lambda _, busy: _error(503, str(busy)),
            ClientDisconnect: lambda _, __: _error(400, "the question breaks off"),
            Exception: _answer_broken,
        },
    )
    application.router.redirect_slashes = False
    return application


class _OwnNames:
    """Refuses names of other sites, which a browser is led to by a name that points to this machine."""

    def __init__(self, app: ASGIApp, server: PlaygroundServer) -> None:
        self.app, self.server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _HOST.fullmatch(Request(scope).headers.get("Host", ""))
        name = found["name"].strip("[]").lower() if found else ""
        if self.server.is_local and not (name == self.server.host or _is_loopback(name)):
            refusal = _error(403, f"the page is open to this machine alone, at {self.server.url}")
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def _answer_refused(request: Request, refused: Exception) -> Response:
    """An error that we raised with its line, or one of Starlette's, which finds no route."""
    assert isinstance(refused, HTTPException)  # what it is registered for
    if refused.status_code not in (404, 405):
        return _error(refused.status_code, refused.detail)
    if request.method not in _WRONG_PATH:
        return _error(501, f"the page knows GET and POST, not {request.method[:20]}")
    return _error(404, _WRONG_PATH[request.method])


def _answer_broken(_: Request, mistake: Exception) -> Response:
    """A mistake of ours: the traceback goes to our own terminal alone."""
    traceback.print_exception(mistake)
    return _error(500, "a mistake of the server; its terminal says more")


async def _question(request: Request) -> object:
    """The question in the body of a request, as JSON."""
    body = await _read_body(request)
    # Other sites can make a browser post forms here, but not JSON.
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _JSON:
        raise HTTPException(415, f"a question has the content type {_JSON}")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise HTTPException(
            400, 'not JSON; a question is an object such as {"text": "given a number a , ..."}'
        ) from None


async def _read_body(request: Request) -> bytes:
    """The body, if its length is told and within the bound."""
    length = request.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit()):
        raise HTTPException(411, "a question needs its length in the header Content-Length")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > 16 * MAX_BODY:  # up to there the rest is read, else the browser sees no answer
            break
    if int(length) > MAX_BODY:
        raise HTTPException(413, f"a question of {int(length):,} bytes; at most {MAX_BODY:,} are allowed")
    return bytes(body)


def _error(status: int, message: str) -> Response:
    return Response(error_body(message), status, media_type=_JSON)


def _as_bytes(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False).encode("ascii")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
