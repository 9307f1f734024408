"""docs/api.md is what the docstrings say, and its example runs."""

import re

import pytest

from tests.api_page import PAGE, page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.api_page"


def test_everything_on_the_page_is_explained() -> None:
    bare = re.findall(r"^- `\w+`$|^### .*\n\n\n", page(), re.MULTILINE)
    assert bare == []


def test_the_example_answers(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"(?s)```python\n(.*?)```", page())
    exec(example, {})
    assert capsys.readouterr().out == "(reduce (filter a (lambda1 (== (% arg1 2) 0))) 0 +)\n"
