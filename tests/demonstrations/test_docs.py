"""The page on cells names the cells that there are, and its example runs."""

import re
from pathlib import Path

import pytest

from saps.cli.demo import DEMONSTRATIONS
from saps.demonstrations.cells import CELLS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_cell_has_its_row() -> None:
    text = (DOCS / "cells.md").read_text(encoding="utf-8")
    named = [
        name for cell in re.findall(r"^\| (`[^|]*)\|", text, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    ]
    assert sorted(named) == sorted(CELLS)


def test_the_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    text = (DOCS / "cells.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(code, {})
    assert f"prints `{capsys.readouterr().out.strip()}`" in text


def test_every_demonstration_has_its_command() -> None:
    text = (DOCS / "demonstrations.md").read_text(encoding="utf-8")
    assert re.findall(r"^    saps demo (\S+)", text, re.MULTILINE) == list(DEMONSTRATIONS)
