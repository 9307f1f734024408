"""The language on the published data: every program is typed as declared, and passes the tests that it should."""

import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from saps.lang.inference import check
from saps.lang.interpreter import run, same_value
from saps.lang.spelling import from_short, parse, to_comma, to_json, to_lisp
from saps.lang.trees import Tree
from saps.lang.types import parse_type

FOLDER = os.environ.get("SAPS_ALGOLISP", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="SAPS_ALGOLISP does not name a folder with metaset3.dev.jsonl.gz")


def records() -> Iterator[dict[str, Any]]:
    with gzip.open(Path(FOLDER) / "metaset3.dev.jsonl.gz", "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def test_every_program_has_its_declared_type_and_survives_its_spellings() -> None:
    seen: set[Tree] = set()
    count = 0
    for record in records():
        tree = from_short(record["short_tree"])
        check(
            tree,
            {name: parse_type(text) for name, text in record["args"].items()},
            parse_type(record["return_type"]),
        )
        count += 1
        if tree not in seen:
            seen.add(tree)
            assert json.loads(to_json(tree)) == record["short_tree"]
            if len(seen) % 10 == 0:
                assert parse(to_lisp(tree)) == parse(to_comma(tree)) == parse(to_json(tree)) == tree
    assert (count, len(seen)) == (10_819, 3_676)


def test_10551_of_10819_programs_pass_all_of_their_tests_and_none_fails_all() -> None:
    passed: Counter[str] = Counter()
    for record in records():
        tree = from_short(record["short_tree"])
        outcomes = [(run(tree, test["input"]), test["output"]) for test in record["tests"]]
        assert {outcome.kind for outcome, _ in outcomes} <= {"value", "runtime error"}
        good = sum(outcome.kind == "value" and same_value(outcome.value, output) for outcome, output in outcomes)
        passed["all" if good == len(outcomes) else "some" if good else "none"] += 1
    assert passed == {"all": 10_551, "some": 268}
