"""Tasks read without their tests, for looking at very many of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from saps.errors import UserError
from saps.lang.spelling import from_short
from saps.tasks.files import parse_record, read_lines
from saps.tasks.skipped import SkippedRecords, leave_out
from saps.tasks.task import Task


def read_untested(path: Path | str, skipped: SkippedRecords | None = None) -> Iterator[Task]:
    """The tasks of a file, one at a time, with no tests: checking those is what takes time.

    With ``skipped`` a bad record is left out and counted there.

    Raises:
        UserError: ``file:line: what is wrong; what to do``; or the file cannot be read.
    """
    for number, line in read_lines(Path(path), skipped):
        try:
            task = _task(parse_record(line))
        except UserError as error:
            leave_out(error, path, number, skipped)
            continue
        yield task


def _task(record: Any) -> Task:
    if not isinstance(record, dict):
        raise UserError("a record is a JSON object; write one task a line")
    text, args, return_type = record.get("text"), record.get("args"), record.get("return_type")
    if not isinstance(text, list) or not all(isinstance(word, str) for word in text):
        raise UserError('"text" must be a list of strings; give the sentence as a list of tokens')
    if not isinstance(args, dict) or not all(isinstance(kind, str) for kind in args.values()):
        raise UserError('"args" must give a type to each name, such as {"a": "int[]"}')
    if not isinstance(return_type, str) or "short_tree" not in record:
        raise UserError('the record lacks "return_type" or "short_tree"; is this a file of tasks?')
    nodes = record.get("nodes")
    template = nodes[0] if isinstance(nodes, list) and nodes and isinstance(nodes[0], str) else ""
    return Task(tuple(text), from_short(record["short_tree"]), args, return_type, (), template)
