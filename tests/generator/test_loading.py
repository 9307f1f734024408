"""Template files: what is refused, with file and line; and the page that says how to write one."""

import re
import shlex
from pathlib import Path

import pytest

from saps.cli import main
from saps.errors import UserError
from saps.generator import Library, extended_library, generate, load_library, shipped_library
from saps.lang.spelling import to_lisp

PAGE = Path(__file__).parents[2] / "docs" / "generator.md"
GOOD = """\
templates:
  twice:
    result: int
    program: (* number 2)
    slots:
      number: int
    singular: |
      twice {number}
"""


def library_of(folder: Path, text: str) -> Library:
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return extended_library(folder)


def test_the_shipped_templates_cover_all_types_with_many_variants() -> None:
    templates = shipped_library().templates
    assert len(templates) >= 70
    assert {template.result for template in templates} == {"int", "int[]", "string", "string[]", "bool"}
    assert {slot.type for template in templates for slot in template.slots} == {"int", "int[]", "string", "string[]"}


def test_truths_stand_only_at_the_root() -> None:
    assert all(slot.type != "bool" for template in shipped_library().templates for slot in template.slots)


def test_the_page_leads_from_a_file_to_a_task_with_the_new_template(tmp_path: Path) -> None:
    template_file, code = re.search(r"```yaml\n(.*?)```.*?```python\n(.*?)```", PAGE.read_text(), re.S).groups()  # type: ignore[union-attr]
    library = library_of(tmp_path, template_file)
    assert 'extended_library("my_templates")' in code
    found = [task for task in generate(200, seed=1, library=library) if "multiples" in task.text]
    assert any(task.template == "multiples" for task in found), "as a root"
    assert any(task.template != "multiples" for task in found), "inside another"
    assert all("(lambda1 (== (% arg1 " in to_lisp(task.program) for task in found)


def test_the_sentence_of_the_page_is_understood_with_the_new_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = re.search(r"```yaml\n(.*?)```.*?    saps (data explain .*?\n.*?)\n", PAGE.read_text(), re.S)
    assert found
    template_file, command = found.groups()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_templates").mkdir()
    (tmp_path / "my_templates" / "multiples.yaml").write_text(template_file)
    assert main(shlex.split(command.replace("\\\n", " "))) == 0
    assert "multiples -> int[]" in capsys.readouterr().out


def test_every_key_and_notation_is_on_the_page() -> None:
    page = PAGE.read_text()
    for key in ("result", "program", "slots", "letters", "root", "weight", "inner", "singular", "plural", "bare"):
        assert f"| `{key}` |" in page
    for key in ("clause", "truth", "question"):
        assert f"| `{key}` |" in page


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("program: (* number 2)", "program: (* number 2", 4, "closed|missing|bracket"),
        ("program: (* number 2)", "program: (len number)", 4, "expected"),
        ("program: (* number 2)", "program: (* other 2)", 4, "other"),
        ("program: (* number 2)", "program: (* 2 2)", 4, "slot number is not in the program"),
        ("result: int", "result: integer", 3, "integer"),
        ("number: int", "number: float", 6, "'float'"),
        ("number: int", "number: int huge", 6, "'huge' is no input mode"),
        ("number: int", "arg1: int", 6, "means something in programs"),
        ("number: int", "number: int\n      number: int", 7, "stands twice"),
        ("twice {number}", "twice {nubmer}", 8, "{nubmer} is neither a slot nor"),
        ("twice {number}", "x2 twice <elephants>", 8, "<elephants> is no word list"),
        ("twice {number}", "\n      ok {number}\n      [twice {number}|double]", 10, "{number} is not said"),
        ("twice {number}", "x0 twice {number}", 8, "weight 0"),
        ("twice {number}", "double {number} =>", 8, "nothing on one side"),
        ("singular:", "singluar:", 7, "'singluar' is not known here"),
        ("singular: |", "weight: -1\n    singular: |", 7, "weight"),
        ("    result: int\n", "", 3, "result is missing"),
        ("twice:", "Twice!:", 3, "small letters"),
        ("twice:", "sum:", 3, "'sum' is also in"),
        ("    slots:\n      number: int\n", "    slots: {}\n", 5, "needs a slot"),
        ("    program", "   program", 4, "not YAML"),
        ("templates:", "tempaltes:", 1, "'tempaltes' is not known here"),
    ],
)
def test_what_does_not_fit_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(UserError) as caught:
        library_of(tmp_path, GOOD.replace(old, new))
    text = str(caught.value)
    assert text.startswith(f"{tmp_path}/mine.yaml:{line}: ")
    assert re.search(re.escape(message) if "{" in message else message, text)
    assert "\n" not in text


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"templates: [\n"])
def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mine.yaml").write_bytes(content)
    with pytest.raises(UserError, match=r"mine\.yaml"):
        extended_library(tmp_path)


def test_a_folder_without_templates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder with"):
        load_library(tmp_path / "nowhere")


def test_own_templates_alone_lack_the_sentences_around_them(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD)
    with pytest.raises(UserError, match=r"plain|sentences"):
        load_library(tmp_path)
