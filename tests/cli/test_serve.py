"""`saps serve` as a user starts and stops it."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from saps.cli import main
from tests.learned import REVERSE


def test_it_answers_until_ctrl_c(learned_model: Path) -> None:
    command = [sys.executable, "-m", "saps.cli", "serve", "--model", str(learned_model), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            greeting = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/", greeting)
            assert found, greeting
            question = urllib.request.Request(
                found[0] + "api/synthesize",
                json.dumps({"text": REVERSE, "input": '{"a": [1, 2]}'}).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(question, timeout=30) as response:
                answer = json.load(response)
            assert answer["candidates"][0]["result"]["shown"] == "[2, 1]"
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0
    assert said == ("", "saps: stopped\n")


def test_a_taken_port_gets_one_line(learned_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", "--model", str(learned_model), "--port", port]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"127.0.0.1 port {port}: cannot listen there" in said
    assert said.endswith("(--port)\n")
    assert "address already in use" in said


@pytest.mark.parametrize(
    "host", ["203.0.113.7", "nowhere.invalid", "", "a b", "::zz", "é" * 80, "x..é", "\udc80", "x" * 300]
)
def test_an_address_that_is_none_of_this_machine_gets_one_line(
    host: str, learned_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--model", str(learned_model), "--host", host, "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("saps: error: ")
    assert said.count("\n") == 1
    assert "127.0.0.1" in said
    assert said.endswith("(--host)\n")
    assert len(said) < 250


@pytest.mark.parametrize(
    ("words", "complaint"),
    [(["--port", "70000"], "from 0 to 65535"), (["--port", "http"], "--port"), (["--model", "nowhere"], "nowhere")],
)
def test_a_mistake_gets_one_line_and_exit_code_2(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith("saps: error: ")
    assert said.count("\n") == 1
    assert complaint in said
