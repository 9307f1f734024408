"""The predictions of any system: one line a task, in the order of the data file."""

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from saps.errors import UserError
from saps.lang.errors import ProgramError
from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import MAX_CHARACTERS, from_short, parse
from saps.lang.trees import Tree

_GZIP_MAGIC = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TOKEN = re.compile(r'"[^"\n]*"|[][(),]|[^][()",\s]+|"')  # those of grammar/algolisp.lark, and a stray quote
_ROUND = {"[": "(", "]": ")"}
_HEADS = frozenset(name for name, primitive in PRIMITIVES.items() if primitive.arity)
_KEYS = ("program", "short_tree", "candidates")  # where an object holds its program, the first that is there wins


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A line that is no program: the prediction is wrong, and counted as such."""

    line: int
    problem: str


PredictedProgram: TypeAlias = Tree | Unparsed | None
"""A program, a line that is none, or nothing (an empty line, or null)."""


def read_predictions(path: Path | str, tasks: int, data: Path | str = "the data file") -> list[PredictedProgram]:
    """One prediction a task, from a file (plain or gzip) in which every line stands for the task of the same place.

    A line is a program in any spelling, also in tokens such as ``[ map a [ partial1 b - ] ]``, or JSON: a tree as
    nested lists, a string holding a program, or an object with its program as ``program`` (any spelling or tree),
    ``short_tree`` (tree) or ``candidates`` (a list of such programs, best first, of which the first counts). An empty
    line or ``null`` is no prediction.

    Args:
        path: the file.
        tasks: how many predictions there must be.
        data: the file of the tasks, for the error.

    Raises:
        UserError: the file cannot be read, or has another number of lines.
    """
    predictions = read_all_predictions(path)
    if len(predictions) != tasks:
        raise wrong_number(path, len(predictions), tasks, data)
    return predictions


def read_all_predictions(path: Path | str) -> list[PredictedProgram]:
    """The predictions of a file, however many; ``read_predictions`` tells what a line may be.

    Raises:
        UserError: the file cannot be read.
    """
    return all_predictions(prediction_lines(path), path)


def all_predictions(lines: Sequence[bytes], path: Path | str) -> list[PredictedProgram]:
    """As ``read_all_predictions``, of the lines that ``prediction_lines`` gives.

    Raises:
        UserError: they are one report.
    """
    if lines and lines[0].strip() == b"{":
        wanted = "give predictions, one line a task, such as 'saps evaluate --save-predictions' writes"
        raise UserError(f"{path}: is one JSON object over many lines, such as a report of 'saps evaluate'; {wanted}")
    return list(parse_predictions(lines))


def prediction_lines(path: Path | str) -> list[bytes]:
    """The lines of a file of predictions, not yet parsed.

    Raises:
        UserError: the file cannot be read.
    """
    return _lines(Path(path))


def parse_predictions(lines: Sequence[bytes], places: Iterable[int] | None = None) -> Iterator[PredictedProgram]:
    """The predictions of some lines one after another, or of those only that have these places, from 0 on."""
    return (_prediction(place + 1, lines[place]) for place in (range(len(lines)) if places is None else places))


def wrong_number(path: Path | str, predictions: int, tasks: int, data: Path | str, hint: str = "") -> UserError:
    """The error of a file with another number of lines than there are tasks; a hint says more about it."""
    return UserError(
        f"{path}: {predictions} predictions for the {tasks} tasks of {data}{hint and f' ({hint})'}; "
        "write one line a task in the order of the tasks, an empty one for no prediction"
    )


def _lines(path: Path) -> list[bytes]:
    try:
        content = path.read_bytes()
        if content.startswith(_GZIP_MAGIC):
            content = gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise UserError(f"{path}: the gzip file breaks off or is damaged; write it again") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error}); check the path") from None
    if content.startswith(_UTF_16):
        raise UserError(f"{path}: text in UTF-16, in which no line can be read; save the file as UTF-8")
    lines = content.split(b"\n")
    return lines[:-1] if not lines[-1] else lines  # what follows the last line break is no line


def _prediction(number: int, line: bytes) -> PredictedProgram:
    """What a line says; whatever is wrong with it, it is only this one prediction that is wrong."""
    try:
        text = line.decode("utf-8-sig").strip()
        return program_in(text) if text else None
    except UnicodeDecodeError:
        return Unparsed(number, "not UTF-8 text")
    except UserError as error:
        return Unparsed(number, str(error))


def program_in(text: str) -> Tree | None:
    """The program that a line of predictions holds; None for JSON that says there is none.

    Raises:
        UserError: it is none; says why.
    """
    if text.startswith("{"):
        return _program_of(_object(text))
    if text == "null":
        return None
    if text.startswith('"') and text not in PRIMITIVES:  # a JSON string, not one of the language's literals
        return _program_of(_json(text))
    return _parsed(text)


def _parsed(text: str) -> Tree:
    """The program in any of the three spellings, or in tokens as other systems write them.

    ``[ map a [ partial1 b - ] ]`` or ``[map, a, [partial1, b, -]]``: the names of calls and arguments without quotes
    in square brackets, or in brackets of either kind with a comma between any two tokens: ``( , map , a , )``.

    Raises:
        ProgramError: it is none of these.
    """
    try:
        return parse(text)
    except ProgramError:
        tree = _of_tokens(text)
        if tree is None:
            raise
        return tree


def _of_tokens(text: str) -> Tree | None:
    """The program that tokens of other systems spell; None where they spell none."""
    if len(text) > MAX_CHARACTERS or not text.startswith(("[", "(")):
        return None
    tokens = _TOKEN.findall(text)
    if not {*tokens}.isdisjoint("[]") and not {*tokens}.isdisjoint("()"):
        return None
    if tokens[1::2] == [","] * (len(tokens) // 2):
        tokens = tokens[::2]
    try:
        tree = parse(" ".join(_ROUND.get(token, token) for token in tokens))
    except ProgramError:
        return None
    quoted = {node.label for node in tree.preorder() if node.label.startswith('"')}
    heads = {node.label for node in tree.preorder() if node.children}
    return tree if quoted <= PRIMITIVES.keys() and heads <= _HEADS else None


def _program_of(value: Any) -> Tree | None:
    """The program in a parsed JSON value: a string in any spelling, or a tree."""
    if value is None:
        return None
    if isinstance(value, str):
        return _parsed(value) if value.strip() else None
    return from_short(value)


def _object(text: str) -> Any:
    """What stands for the program in a JSON object."""
    record = _json(text)
    key = next((key for key in _KEYS if record.get(key) is not None), None)
    if key is None:
        if any(name in record for name in _KEYS):
            return None
        raise UserError(f"the object has none of the keys {', '.join(_KEYS)}")
    if key != "candidates":
        return record[key]
    if not isinstance(record[key], list):
        raise UserError("candidates must be a list of programs, the best first")
    return record[key][0] if record[key] else None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise UserError("JSON nested too deep to be a program") from None
    except ValueError as error:
        raise UserError(f"neither a program nor JSON ({error})") from None
