"""What must hold on the published dev split; skipped where it is not at hand."""

import json
import os
from pathlib import Path

import pytest

from saps.tasks.files import read_lines, read_tasks, write_tasks
from saps.tasks.hashes import program_hash
from saps.tasks.records import record_of
from saps.tasks.split import assign_programs
from saps.tasks.splits import read_splits, verify
from saps.tasks.statistics import describe
from saps.tasks.task import Task
from saps.tasks.tokens import tokenize

FOLDER = os.environ.get("SAPS_ALGOLISP")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="SAPS_ALGOLISP names no folder with metaset3.dev.jsonl.gz")


@pytest.fixture(scope="module")
def dev() -> Path:
    return Path(FOLDER or "") / "metaset3.dev.jsonl.gz"


@pytest.fixture(scope="module")
def tasks(dev: Path) -> list[Task]:
    return list(read_tasks(dev))


def test_the_file_is_the_published_one(dev: Path) -> None:
    verify(read_splits()["dev"], dev)


def test_the_figures_are_the_known_ones(tasks: list[Task]) -> None:
    figures = describe(tasks)
    assert (figures.tasks, figures.programs, figures.texts) == (10_819, 3_676, 10_819)
    assert (figures.texts_per_program.median, figures.texts_per_program.max) == (1, 1_272)
    nodes, depth, length = figures.nodes, figures.depth, figures.text_tokens
    assert (round(nodes.mean, 1), nodes.median, nodes.percentile_95, nodes.max) == (21.8, 17, 54, 177)
    assert (round(depth.mean, 1), depth.percentile_95, depth.max) == (6.9, 12, 19)
    assert (round(length.mean, 1), length.percentile_95, length.max) == (36.3, 65, 119)
    assert (figures.words, figures.symbols, figures.arities) == (284, 71, (1, 2, 3))
    assert len(figures.templates) == 31


def test_records_go_through_tasks_unchanged(dev: Path, tasks: list[Task], tmp_path: Path) -> None:
    for (_, line), task in zip(read_lines(dev), tasks, strict=True):
        assert record_of(task) == json.loads(line)
    write_tasks(tmp_path / "again.jsonl", tasks[:500])
    assert list(read_tasks(tmp_path / "again.jsonl")) == tasks[:500]


def test_every_text_tokenised_again_is_itself(tasks: list[Task]) -> None:
    changed = [task.text for task in tasks if tokenize(" ".join(task.text)) != task.text]
    assert changed == []


def test_a_division_meets_its_shares(tasks: list[Task]) -> None:
    counts: dict[str, int] = {}
    for task in tasks:
        name = program_hash(task.program)
        counts[name] = counts.get(name, 0) + 1
    part_of = assign_programs(counts, {"train": 0.9, "dev": 0.1}, seed=1)
    assert sum(count for name, count in counts.items() if part_of[name] == "dev") == 1_082
