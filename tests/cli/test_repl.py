"""`saps repl`: what it answers, where it points, and that nothing ends it but the end."""

import io
import json
from pathlib import Path

import pytest

from saps.cli import main
from saps.cli.repl import PROMPT, Session, _history, drawn, history_file
from saps.errors import UserError
from saps.lang.spelling import parse
from saps.resources import resource


def answers(*lines: str) -> list[str]:
    session = Session()
    return [session.answer(line) for line in lines]


def transcript(text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed where a text comes from a pipe."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(["repl"]) == 0
    return capsys.readouterr().out.splitlines()


def test_long_values_are_cut_unless_all_is_asked_for() -> None:
    session = Session()
    session.answer(f"a = {json.dumps(list(range(5_000)))}")
    assert len(session.answer("a")) == 10_004
    assert len(session.answer(":inputs")) == 10_008
    assert json.loads(session.answer(":full a")) == list(range(5_000))


def test_programs_see_the_inputs() -> None:
    assert answers("a = [1, 2]", "(reduce a 0 +)", '["reverse","a"]', "a=[5]", "(head, a)")[1:] == [
        "3",
        "[2, 1]",
        "",
        "5",
    ]
    assert answers("(== 1 1)", "(/ 1 0)", "(+ 1 int)") == [
        "true",
        "runtime error: division by zero",
        "type error: + needs a number, found a type",
    ]
    assert answers("a = [1]", "b = 2", ":inputs")[-1] == "a = [1]\nb = 2"


def test_types_are_those_of_the_inputs_or_inferred() -> None:
    assert answers('a = ["x"]', ":type (map a strlen)")[-1].splitlines()[0] == "int[]"
    lines = answers(":type (reduce a 0 +)")[0].splitlines()
    assert lines[0] == "int where a: int[]"
    assert [line.split(maxsplit=1) for line in lines[1:]] == [
        ["reduce", "int"],
        ["a", "int[]"],
        ["0", "int"],
        ["+", "(int, int) -> int"],
    ]


def test_a_tree_is_drawn_with_its_operands_in_order() -> None:
    picture = drawn(parse("(slice (map a abs) 0 b)"))
    assert picture.splitlines()[-1].split() == ["a", "abs", "0", "b"]
    assert picture.index("slice") < picture.index("map") < picture.index("abs")
    assert "..." not in picture


def test_a_task_is_loaded_with_the_inputs_of_a_test() -> None:
    path = resource("data/sample.jsonl")
    record = json.loads(path.read_text(encoding="utf-8").splitlines()[1])
    session = Session()
    said = session.answer(f":load {path} 2 3")
    assert said.splitlines()[0] == " ".join(record["text"])
    assert session.inputs == record["tests"][2]["input"]
    assert session.answer(said.splitlines()[1]) == json.dumps(record["tests"][2]["output"])
    for wrong in ("", f"{path}", f"{path} 0", f"{path} 65", f"{path} 1 11", "nowhere.jsonl 1"):
        with pytest.raises(UserError):
            session.answer(f":load {wrong}")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("(+ q 1)", "'q' has no value; give it one"),
        ("(+ 3 1)", "the language has no number 3; write one of 0, 1, 2, 10"),
        ("(squar 1)", "'squar' is no function of the language; write square or sqrt"),
        (":nothing", "there is no :nothing; :help"),
        ("a = [1", "not JSON"),
        ("arg1 = 3", "arg1 means something"),
    ],
)
def test_mistakes_are_said_with_their_mend(line: str, part: str) -> None:
    with pytest.raises(UserError, match=part.replace("(", r"\(")):
        Session().answer(line)


@pytest.mark.parametrize(
    ("line", "mark"), [("(+ 1 ]", 5), (":type (+ 1 ]", 11), ("  (+ ,, 1)", 6), ("(reduce a 0 +", 13)]
)
def test_the_mark_stands_below_the_mistake(
    line: str, mark: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    echo, pointer, message, value = transcript(f"{line}\n1\n", monkeypatch, capsys)[:4]
    assert echo == PROMPT + line
    assert pointer == " " * (len(PROMPT) + mark) + "^"
    assert message.startswith("error: ")
    assert value == PROMPT + "1"


def test_the_language_page_shows_what_happens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = resource("grammar").parent / "docs" / "language.md"
    if not page.exists():
        pytest.skip("the docs lie in a checkout only")
    block = page.read_text(encoding="utf-8").partition("`saps repl` answers line by line:\n\n")[2].partition("\n\n")[0]
    shown = [line.removeprefix("    ") for line in block.splitlines()]
    typed = [line.removeprefix(PROMPT) for line in shown if line.startswith(PROMPT)]
    assert len(typed) == 3
    assert transcript("\n".join(typed), monkeypatch, capsys) == shown


def test_it_ends_when_it_is_told_to(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert transcript("\n(abs 1)\n:quit\n(abs 2)\n", monkeypatch, capsys) == [
        PROMPT,
        PROMPT + "(abs 1)",
        "1",
        PROMPT + ":quit",
    ]


def test_the_history_has_a_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert history_file() == tmp_path / "saps" / "history"


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ("nowhere.jsonl 1", "nowhere.jsonl: no such file"),
        ("~no-such-user/x.jsonl 1", "~no-such-user is no user's home here"),
        (f"{'x' * 300} 1", "cannot be read (File name too long)"),
        ("a\0b 1", "no such file"),
        ("data 1", "a folder"),
        ("README.md 1", "README.md:1: not JSON"),
        (f"data/sample.jsonl {'9' * 30}", "write :load FILE N"),
        (f"data/sample.jsonl 1 {'9' * 5_000}", "write :load FILE N"),
    ],
)
def test_a_task_that_cannot_be_loaded_gets_a_line_and_the_session_goes_on(
    asked: str, complaint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, mistake, *rest = transcript(f":load {asked}\n(+ 1 1)\n", monkeypatch, capsys)
    assert complaint in mistake
    assert rest == [f"{PROMPT}(+ 1 1)", "2"]


def test_a_user_without_a_home_has_no_history(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    with _history():
        ...
