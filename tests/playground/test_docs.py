"""What docs/playground.md says is so."""

import re
import shlex
from pathlib import Path

import pytest

from saps.cli import main
from saps.playground.server import MAX_BODY
from saps.playground.service import MAX_CANDIDATES, MAX_EXAMPLES, MAX_TEXT, MAX_WAITING

PAGE = (Path(__file__).parents[2] / "docs" / "playground.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    """As it is written: with the model that comes with saps."""
    command, shown = re.findall(r"(?:^    .+\n)+", PAGE, re.MULTILINE)[:2]
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "saps"
    assert main(words[1:]) == 0
    assert capsys.readouterr().out == re.sub(r"^    ", "", shown, flags=re.MULTILINE)


def test_the_bounds_are_those_of_the_server() -> None:
    bounds = f"{MAX_BODY // 1024} KiB, {MAX_TEXT:,} characters of text, {MAX_EXAMPLES} examples and {MAX_CANDIDATES}"
    assert bounds in PAGE
    assert MAX_WAITING == 8
    assert "seven more may wait" in PAGE
