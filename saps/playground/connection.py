"""A connection to the page: uvicorn's own, with a deadline for the whole request, and errors in one line of JSON."""

import asyncio
import json
import sys
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS = 256
DEADLINE = 10.0  # seconds in which a request must have arrived, and after its end the answer must have been taken


class BoundedConnection(H11Protocol):
    """One request and its answer.

    uvicorn bounds only the time between two requests, so that a client that sends a byte now and then stays for good.
    Here a request that has not arrived by the deadline is cut off, however often something of it comes; and where
    there are too many connections, the one that has been sending for the longest time makes room for the new one.
    """

    arriving: asyncio.TimerHandle | None = None
    """Cuts the connection off; None once the request has arrived."""
    leaving: asyncio.TimerHandle | None = None
    """The same for the answer; None until it has been handed to the system."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes the connection, and drops the slowest one where there are too many."""
        super().connection_made(transport)
        self.arriving = self.loop.call_later(DEADLINE, transport.abort)
        if len(self.connections) > MAX_CONNECTIONS:
            slow = [other for other in self.connections if isinstance(other, BoundedConnection) and other.arriving]
            min(slow, key=lambda other: other.arriving.when()).drop()  # type: ignore[union-attr]

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops both clocks."""
        self._stop_clocks()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whoever has sent a whole request may close its own side, and still gets the answer."""
        return self.arriving is None

    def handle_events(self) -> None:
        """Reads what has come, and stops the clock when the request is complete."""
        super().handle_events()
        if self.arriving and self.cycle is not None and not self.cycle.more_body:
            self.arriving.cancel()
            self.arriving = None

    def on_response_complete(self) -> None:
        """The answer is on its way; who does not take it is cut off, too."""
        super().on_response_complete()
        self._stop_clocks()
        self.leaving = self.loop.call_later(DEADLINE, self.transport.abort)

    def drop(self) -> None:
        """Ends the connection at once, without an answer."""
        self.connections.discard(self)
        self._stop_clocks()
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """The answer to what is no HTTP: two Host headers, a length that is no number, headers without end."""
        wrong = sys.exception()
        status, line = 400, "not a request that HTTP knows"
        if isinstance(wrong, h11.RemoteProtocolError):
            status, line = wrong.error_status_hint, f"not HTTP: {wrong}"
            if "Content-Length" in str(wrong):
                status, line = 411, "a question needs its length in the header Content-Length"
        body = error_body(line)
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            headers: list[Any] = [(b"content-type", b"application/json")]
            headers += [*self.config.encoded_headers, (b"content-length", str(len(body)).encode())]
            events = [
                h11.Response(status_code=status, headers=headers, reason=HTTPStatus(status).phrase.encode()),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ]
            for event in events:
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _stop_clocks(self) -> None:
        for clock in (self.arriving, self.leaving):
            if clock:
                clock.cancel()
        self.arriving = self.leaving = None


def error_body(message: str) -> bytes:
    """An error as JSON of one line."""
    return json.dumps({"error": " ".join(message.split())}).encode("ascii")
