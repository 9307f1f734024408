"""The page on reading shows what the code does."""

import re
import textwrap
from pathlib import Path

import pytest

from saps.cli import main
from saps.lang.spelling import to_lisp
from saps.resources import resource

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "generator-parser.md").read_text(encoding="utf-8")


def test_the_sentence_on_the_page_has_the_derivation_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    sentence, shown = re.search(r'explain --text "(.*)"', PAGE), re.search(r"(    reading 1 .*?)\n\n", PAGE, re.DOTALL)
    assert sentence
    assert shown
    assert main(["data", "explain", "--text", sentence[1]]) == 0
    _, *printed = capsys.readouterr().out.replace(f"{resource('data').parent}/", "").splitlines()
    assert printed == textwrap.dedent(shown[1]).splitlines()


def test_the_python_on_the_page_runs() -> None:
    block = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert block
    names: dict[str, object] = {}
    exec(block[1], names)  # our own page
    parsed = names["parsed"]
    assert to_lisp(parsed.best()) == "(reduce a 0 +)"  # type: ignore[attr-defined]
