"""The web server over a real socket: pages, answers, and what it refuses."""

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from saps.errors import UserError
from saps.playground import connection as connection_module
from saps.playground.server import MAX_BODY, PlaygroundServer
from saps.playground.service import Busy, Service
from tests.learned import SUM_OF_EVEN

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(learned_model: Path) -> Iterator[PlaygroundServer]:
    with PlaygroundServer("127.0.0.1", 0, Service.load(learned_model)) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening
        listening.shutdown()
        thread.join(10)


def fetch(
    server: PlaygroundServer, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def ask(server: PlaygroundServer, request: Any) -> tuple[int, Any]:
    status, _, body = fetch(server, "POST", "/api/synthesize", json.dumps(request), JSON)
    return status, json.loads(body)


def the_error(status_and_body: tuple[int, Any], status: int) -> str:
    """The one line of an error answer of that status."""
    assert status_and_body[0] == status
    assert list(status_and_body[1]) == ["error"]
    message = status_and_body[1]["error"]
    assert message
    assert "\n" not in message
    assert "Traceback" not in message
    return str(message)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/style.css", "text/css"),
        ("/page.js", "text/javascript"),
        ("/programs.js", "text/javascript"),
    ],
)
def test_the_page_is_served_with_headers_that_shut_others_out(server: PlaygroundServer, path: str, kind: str) -> None:
    status, headers, body = fetch(server, "GET", path)
    assert status == 200
    assert headers.get_content_type() == kind
    assert len(body) == int(headers["Content-Length"]) > 500
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_the_page_needs_nothing_from_elsewhere_and_nothing_that_the_policy_forbids(server: PlaygroundServer) -> None:
    page, style, *scripts = (
        fetch(server, "GET", path)[2].decode() for path in ("/", "/style.css", "/page.js", "/programs.js")
    )
    script = "".join(scripts)
    for address in re.findall(r"https?://[^\s\"')]+", page + style + script):
        assert address.startswith("http://www.w3.org/"), f"{address} is on another machine"
    assert not re.search(r"<script(?! src=)|<style| style=| on\w+=", page)
    assert "innerHTML" not in script  # answers are put in as text


def test_every_element_that_the_script_looks_for_is_on_the_page(server: PlaygroundServer) -> None:
    page, script = (fetch(server, "GET", path)[2].decode() for path in ("/", "/page.js"))
    wanted = set(re.findall(r'byId\("([\w-]+)"\)', script))
    assert len(wanted) > 10
    assert wanted <= set(re.findall(r' id="([\w-]+)"', page))


def test_a_question_gets_its_answer(server: PlaygroundServer) -> None:
    request = {"text": SUM_OF_EVEN, "examples": ['{"a": [1, 2, 3, 4]} -> 6'], "input": '{"a": [5, 6]}'}
    status, answer = ask(server, request)
    assert status == 200
    assert answer["passes"]
    best = answer["candidates"][answer["chosen"]]
    assert best["program"] == "(reduce (filter a (lambda1 (== (% arg1 2) 0))) 0 +)"
    assert best["result"] == {"kind": "value", "shown": "6"}


def test_the_models_to_choose_from_are_listed_and_described_by_name(server: PlaygroundServer) -> None:
    status, _, body = fetch(server, "GET", "/api/models")
    assert status == 200
    (model,) = json.loads(body)
    status, _, body = fetch(server, "GET", f"/api/model?name={model['name']}")
    assert (status, json.loads(body)["folder"]) == (200, model["name"])
    status, _, body = fetch(server, "GET", "/api/model?name=../model")
    assert "there is no model" in the_error((status, json.loads(body)), 400)


def test_the_model_is_described(server: PlaygroundServer) -> None:
    status, _, body = fetch(server, "GET", "/api/model")
    assert status == 200
    assert json.loads(body)["system"] == "SAPS"


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        ({"text": "given an aray of numbers a , reverse a"}, "'aray' (perhaps 'array')"),
        ({"text": ""}, "empty"),
        ({"text": "\ud800 \udfff"}, "empty"),
        ({"text": SUM_OF_EVEN, "examples": ["?"]}, "example 1"),
        (["text"], "JSON object"),
        (None, "JSON object"),
    ],
)
def test_a_mistake_gets_400_and_one_line(server: PlaygroundServer, request_: Any, complaint: str) -> None:
    assert complaint in the_error(ask(server, request_), 400)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b"[" * 60_000, b'{"candidates": ' + b"9" * 5000 + b"}"])
def test_what_is_not_json_gets_400(server: PlaygroundServer, body: bytes) -> None:
    status, _, answer = fetch(server, "POST", "/api/synthesize", body, JSON)
    assert "not JSON" in the_error((status, json.loads(answer)), 400)


def test_a_large_question_is_refused(server: PlaygroundServer) -> None:
    status, _, answer = fetch(server, "POST", "/api/synthesize", b" " * (MAX_BODY + 1), JSON)
    assert "65,537 bytes; at most 65,536" in the_error((status, json.loads(answer)), 413)


@pytest.mark.parametrize("length", ["", "-1", "many", "9" * 400, "²"])
def test_a_question_without_its_length_is_refused(server: PlaygroundServer, length: str) -> None:
    with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=20) as connection:
        head = f"POST /api/synthesize HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        connection.sendall(head.encode("utf-8"))
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.split()[1] == b"411"
    assert b'{"error": ' in answer


def test_forms_of_other_sites_are_refused(server: PlaygroundServer) -> None:
    form = {"Content-Type": "text/plain"}
    status, _, answer = fetch(server, "POST", "/api/synthesize", json.dumps({"text": SUM_OF_EVEN}), form)
    assert "application/json" in the_error((status, json.loads(answer)), 415)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[", "192.0.2.1", "evil.com@127.0.0.1",
        "127.0.0.1@evil.com", "127.0.0.1:80:80", "127.0.0.1/evil.com", "localhost,evil.com", "[::1].evil.com",
    ],
)  # fmt: skip
def test_names_that_were_led_here_are_refused(server: PlaygroundServer, host: str) -> None:
    status, _, answer = fetch(server, "GET", "/", headers={"Host": host})
    assert server.url in the_error((status, json.loads(answer)), 403)


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:1", "[::1]:8080"])
def test_names_of_this_machine_are_welcome(server: PlaygroundServer, host: str) -> None:
    assert fetch(server, "GET", "/", headers={"Host": host})[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/../server.py", 404),
        ("GET", "/index.html/../../server.py", 404),
        ("GET", "/[", 404),
        ("GET", "/api/synthesize", 404),
        ("POST", "/", 404),
        ("DELETE", "/", 501),
    ],
)
def test_other_paths_and_methods_get_one_line(server: PlaygroundServer, method: str, path: str, status: int) -> None:
    found, _, answer = fetch(server, method, path, b"{}" if method == "POST" else None, JSON)
    the_error((found, json.loads(answer)), status)


def test_a_mistake_of_ours_shows_no_traceback_to_the_reader(
    server: PlaygroundServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(_: Any) -> Any:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(server.service, "synthesize", broken)
    message = the_error(ask(server, {"text": "x"}), 500)
    assert "secret" not in message
    assert "a secret" in capfd.readouterr().err


def test_too_many_questions_get_503(server: PlaygroundServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_: Any) -> Any:
        raise Busy("ask again in a moment")

    monkeypatch.setattr(server.service, "synthesize", busy)
    assert the_error(ask(server, {"text": "x"}), 503) == "ask again in a moment"


def test_a_silent_connection_is_closed(server: PlaygroundServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "DEADLINE", 0.05)
    with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=20) as connection:
        connection.sendall(b"POST /api/synthesize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{")
        assert cut_off(connection)


def cut_off(connection: socket.socket) -> bool:
    """Whether the server ends the connection without an answer."""
    try:
        return connection.recv(4096) == b""
    except ConnectionResetError:
        return True


def exchange(server: PlaygroundServer, sent: bytes) -> bytes:
    """All that the server says to these bytes."""
    with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=20) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.com\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\n\r\n", 403),
        (b"GET http://localhost/ HTTP/1.1\r\nHost: evil.com\r\n\r\n", 403),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000, 431),
        (b"POST /api/synthesize HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    ],
)
def test_what_is_not_a_plain_request_gets_one_line(server: PlaygroundServer, sent: bytes, status: int) -> None:
    head, _, body = exchange(server, sent).partition(b"\r\n\r\n")
    the_error((int(head.split()[1]), json.loads(body)), status)
    assert b"x-content-type-options: nosniff" in head.lower()


def test_whoever_has_closed_his_side_gets_the_answer(server: PlaygroundServer) -> None:
    body = json.dumps({"text": SUM_OF_EVEN}).encode()
    head = "POST /api/synthesize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}"
    with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=20) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 OK")


BAD = (
    b"GET / HTTP/1.1\r\nX: ",
    b"POST /api/synthesize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n{",
    b"",
)


@pytest.mark.parametrize(
    "count", [12, pytest.param(200, marks=pytest.mark.hostile), pytest.param(600, marks=pytest.mark.hostile)]
)
def test_connections_that_drip_do_not_block_others(server: PlaygroundServer, count: int) -> None:
    """Bytes now and then, in heads and bodies and not at all; 600 are more than may be open."""
    seconds = []
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.server_address[1]))) for _ in range(count)
        ]
        for number, connection in enumerate(slow):
            connection.sendall(BAD[number % len(BAD)])
        for _ in range(3):
            for connection in slow:
                with suppress(OSError):  # some were cut off
                    connection.sendall(b"x")
            start = time.monotonic()
            assert fetch(server, "GET", "/")[0] == 200
            assert ask(server, {"text": SUM_OF_EVEN})[0] == 200
            seconds.append(time.monotonic() - start)
        assert min(seconds) < 1  # the others may be those of a machine at other work


def test_a_request_that_drips_is_over_at_the_deadline(
    server: PlaygroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes well before a time-out that counts from the last one would be over."""
    monkeypatch.setattr(connection_module, "DEADLINE", 0.2)
    with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=20) as connection:
        start = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - start < 5:
                connection.sendall(b"G")
                time.sleep(0.05)
        assert time.monotonic() - start < 1


def test_a_connection_too_many_takes_the_place_of_the_slowest(
    server: PlaygroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "MAX_CONNECTIONS", 3)
    with ExitStack() as stack:
        slow = []
        for _ in range(3):
            slow.append(
                stack.enter_context(socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=20))
            )
            slow[-1].sendall(b"GET")
            time.sleep(0.02)
        assert fetch(server, "GET", "/")[0] == 200
        assert cut_off(slow[0])
        slow[1].sendall(b" / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert slow[1].recv(4096).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("field", ["text", "input", "arguments", "examples"])
def test_nothing_of_a_question_is_run_as_python(server: PlaygroundServer, field: str, tmp_path: Path) -> None:
    there = tmp_path / "there"
    code = f"__import__('pathlib').Path({str(there)!r}).touch()"
    value = [code] if field in ("arguments", "examples") else code
    the_error(ask(server, {"text": SUM_OF_EVEN, field: value}), 400)
    assert not there.exists()


def test_a_taken_port_gets_one_line(server: PlaygroundServer) -> None:
    port = server.server_address[1]
    with pytest.raises(UserError, match=rf"port {port}: cannot listen there \(address already in use\)"):
        PlaygroundServer("127.0.0.1", port, server.service)


def test_a_host_that_is_none_gets_one_line(server: PlaygroundServer) -> None:
    with pytest.raises(UserError, match="cannot listen there"):
        PlaygroundServer("256.0.0.1", 0, server.service)


def test_only_a_loopback_address_is_local(server: PlaygroundServer) -> None:
    assert server.is_local
    with PlaygroundServer("0.0.0.0", 0, server.service) as open_server:
        assert not open_server.is_local


def test_the_page_neither_cuts_what_is_typed_nor_speaks_of_flags(server: PlaygroundServer) -> None:
    page, script = (fetch(server, "GET", path)[2].decode() for path in ("/", "/page.js"))
    assert "maxlength" not in (page + script).lower()
    assert not re.search(r"--(?!weight)[a-z]", page + script)  # a property of the style is no flag
    long = the_error(ask(server, {"text": "a " * 600}), 400)
    assert "1,200 characters; at most 1,000" in long


def test_nodes_words_and_steps_have_roles_and_names(server: PlaygroundServer) -> None:
    page, script = (fetch(server, "GET", path)[2].decode() for path in ("/", "/page.js"))
    assert 'id="words" class="words" role="toolbar" aria-label=' in page
    assert page.count('role="status"') >= 2
    assert 'role: "button", "aria-label": nodeWords' in script
