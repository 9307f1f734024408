"""What a benchmark's own file says of each task: its id, its sentence and its tests as Python writes them."""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from saps.errors import UserError
from saps.tasks.benchmarks.asserts import NotLiteralError, parse_python
from saps.tasks.files import parse_record, read_lines

_MAX_FILE = 1 << 26  # characters, unpacked; the largest of the benchmarks' files has half a million
_MAX_TESTS = 1000  # of a task of MBPP, which has three as a rule
_EXAMPLE_BEGINS = (">>>", "example", "for example", "e.g.", "note:")


@dataclass(frozen=True, slots=True)
class Problem:
    """A task as its benchmark publishes it."""

    id: int
    text: str
    tests: tuple[str, ...]
    """Pieces of Python that hold asserts; read by ``asserts.read_asserts``."""
    function: str | None = None
    """The name that the asserts call; None where any will do."""


def read_problems(path: Path, layout: str) -> dict[int, Problem]:
    """The problems of a file by id: JSON lines or one JSON list, plain or packed.

    Raises:
        UserError: ``file:line: what is wrong``; or the file is missing, empty or broken off.
    """
    read = _LAYOUTS[layout]
    problems: dict[int, Problem] = {}
    for place, record in _records(path):
        try:
            problem = read(record)
        except UserError as error:
            raise UserError(f"{path}:{place}: {error}") from None
        if problem.id in problems:
            raise UserError(f"{path}:{place}: task {problem.id} stands in the file twice; get it again")
        problems[problem.id] = problem
    return problems


def _records(path: Path) -> Iterator[tuple[int, Any]]:
    """Each record with its line; of a JSON list, with its place from 1 on."""
    lines = _bounded_lines(path)
    first = next(lines, None)
    if first is None:
        raise UserError(f"{path}: holds no task; get it again")
    if first[1].lstrip().startswith("["):
        whole = "".join([first[1], *(line for _, line in lines)])
        yield from enumerate(_parsed(whole, str(path)), start=1)
        return
    for number, line in chain([first], lines):
        yield number, _parsed(line, f"{path}:{number}")


def _bounded_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file, which must not be far larger than a benchmark is."""
    size = 0
    for number, line in read_lines(path):
        size += len(line)
        if size > _MAX_FILE:
            raise UserError(f"{path}: more than {_MAX_FILE:,} characters; this is not the benchmark's file")
        yield number, line


def _parsed(written: str, place: str) -> Any:
    try:
        return parse_record(written)
    except UserError as error:
        raise UserError(f"{place}: {error}") from None


def _mbpp(record: Any) -> Problem:
    """MBPP: ``text`` in the full file, ``prompt`` in the sanitized one, and a list of asserts."""
    fields = _fields(record)
    text = fields.get("text", fields.get("prompt"))
    tests = fields.get("test_list")
    if type(fields.get("task_id")) is not int or not isinstance(text, str):
        raise UserError('a task of MBPP has a number "task_id" and a "text" or "prompt"; get the file again')
    if not isinstance(tests, list) or not all(isinstance(test, str) for test in tests):
        raise UserError('a task of MBPP has a list of asserts, "test_list"; get the file again')
    if len(tests) > _MAX_TESTS:
        raise UserError(f"{len(tests):,} asserts for one task; is this the benchmark's file?")
    return Problem(fields["task_id"], text, tuple(tests))


def _humaneval(record: Any) -> Problem:
    """HumanEval: the sentence is in the docstring of ``prompt``, the asserts are in the function ``test``."""
    fields = _fields(record)
    task_id, prompt, test = (fields.get(name) for name in ("task_id", "prompt", "test"))
    if not (isinstance(task_id, str) and isinstance(prompt, str) and isinstance(test, str)):
        raise UserError('a task of HumanEval has the strings "task_id", "prompt" and "test"; get the file again')
    name, _, number = task_id.partition("/")
    if name != "HumanEval" or not (number.isascii() and number.isdigit() and len(number) < 10):
        raise UserError(f'"task_id" is {ascii(task_id)[:60]}, not such as HumanEval/7; get the file again')
    return Problem(int(number), _description(prompt), (test,), "candidate")


def _fields(record: Any) -> Mapping[str, Any]:
    if not isinstance(record, dict):
        raise UserError("a task is a JSON object; is this the benchmark's file?")
    return record


def _description(prompt: str) -> str:
    """The docstring of the last function up to its examples, which would give the tests away; empty if it has none."""
    try:
        functions = [node for node in parse_python(prompt).body if isinstance(node, ast.FunctionDef)]
    except NotLiteralError:
        return ""
    docstring = ast.get_docstring(functions[-1]) if functions else None
    kept: list[str] = []
    for line in (docstring or "").splitlines():
        if line.strip().lower().startswith((*_EXAMPLE_BEGINS, f"{functions[-1].name.lower()}(")):
            break
        kept.append(line.strip())
    return " ".join(" ".join(kept).split())


_LAYOUTS: Mapping[str, Callable[[Any], Problem]] = {"mbpp": _mbpp, "humaneval": _humaneval}
