"""The page on reading shows what the code does."""

import re
from pathlib import Path

from saps.generator import shipped_library
from saps.generator.parser import TextParser
from saps.lang.spelling import to_lisp
from saps.tasks.tokens import tokenize

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "generator-parser.md").read_text(encoding="utf-8")


def test_the_sentence_on_the_page_has_the_reading_on_the_page() -> None:
    sentence, program = re.search(r'explain --text "(.*)"', PAGE), re.search(r"reading 1 of the text: (.*)", PAGE)
    assert sentence
    assert program
    best = TextParser(shipped_library()).parse(tokenize(sentence[1])).best()
    assert best
    assert to_lisp(best) == program[1]


def test_the_python_on_the_page_runs() -> None:
    block = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert block
    names: dict[str, object] = {}
    exec(block[1], names)  # our own page
    parsed = names["parsed"]
    assert to_lisp(parsed.best()) == "(reduce a 0 +)"  # type: ignore[attr-defined]
