"""The page on data shows what the code does."""

import json
import re
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.lang.spelling import parse
from saps.tasks.hashes import program_hash
from saps.tasks.records import record_of, task_from_record
from saps.tasks.splits import read_splits
from saps.tasks.tokens import tokenize

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_the_record_on_the_page_is_a_record() -> None:
    record = json.loads(block("json"))
    assert record_of(task_from_record(record)) == record
    record["short_tree"] = ["reduce", "a", "0"]
    with pytest.raises(UserError) as caught:
        task_from_record(record)
    assert str(caught.value) in PAGE


def test_the_tokens_on_the_page_are_the_tokens() -> None:
    call, shown = re.search(r'tokenize\("(.*)"\)  # (.*)', block("python")).groups()  # type: ignore[union-attr]
    assert str(tokenize(call)) == shown


def test_the_hash_on_the_page_is_the_hash(tmp_path: Path) -> None:
    spelled = re.search(r"printf '(.*)' \| sha256sum", PAGE)
    assert spelled
    assert program_hash(parse(spelled[1])).startswith("f65e676d39ac")


def test_the_table_of_splits_agrees_with_the_list() -> None:
    table = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for split in read_splits().values():
        size = f"{split.size:,}" if split.size else "not known"
        assert f"| {split.name} | `{split.file}` | {split.tasks:,} | {size} | " in table
        assert (split.sha256 or split.git_blob or "?") in table
