"""The benchmarks that `data/benchmarks.toml` lists, and our own programs for them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from saps.errors import UserError
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.resources import resource
from saps.tasks.benchmarks.problems import read_problems
from saps.tasks.files import parse_record, read_lines
from saps.tasks.splits import Split


@dataclass(frozen=True, slots=True)
class OwnProgram:
    """Our program for a task of a benchmark, with the names and types of its arguments."""

    id: int
    args: Mapping[str, str]
    return_type: str
    program: Tree


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published file of tasks written by people."""

    split: Split
    """The file: addresses, and how to know that it is the right one."""
    layout: str
    """How its records are written, ``mbpp`` or ``humaneval``."""
    programs: str
    """The file of our programs below ``data/``."""
    licence: str
    source: str
    """Who published it where."""
    is_selection: bool = False
    """Whether the file holds a part of the tasks alone."""

    @property
    def short_name(self) -> str:
        """What stands before a task id, such as ``mbpp/12``; a selection has the ids of the whole."""
        return Path(self.programs).stem

    def own_programs(self) -> list[OwnProgram]:
        """Our programs, in the order of their ids."""
        lines = read_lines(resource(f"data/{self.programs}"))
        return [_own_program(parse_record(line)) for _, line in lines]


def read_benchmarks() -> dict[str, Benchmark]:
    """The benchmarks by name."""
    with resource("data/benchmarks.toml").open("rb") as file:
        return {name: _benchmark(name, row) for name, row in tomllib.load(file).items()}


def _benchmark(name: str, row: Mapping[str, Any]) -> Benchmark:
    described = {key: row[key] for key in ("layout", "programs", "licence", "source")}
    benchmark = Benchmark(_split(name, row), **described, is_selection=row.get("is_selection", False))
    if benchmark.split.has_checksum:
        return benchmark
    split = _split(name, row, check_content=partial(_check_content, benchmark))
    return Benchmark(split, **described, is_selection=benchmark.is_selection)


def _split(name: str, row: Mapping[str, Any], **more: Any) -> Split:
    return Split(name, row["file"], row["tasks"], tuple(row["addresses"]), row.get("bytes"), row.get("sha256"), **more)


def _check_content(benchmark: Benchmark, path: Path) -> None:
    """Knows a file that has no checksum by what is in it.

    Raises:
        UserError: it is another one.
    """
    file, tasks = benchmark.split.file, benchmark.split.tasks
    problems = read_problems(path, benchmark.layout)
    if len(problems) != tasks:
        raise UserError(f"{path}: {len(problems)} tasks, but the published {file} has {tasks}")
    missing = [one.id for one in benchmark.own_programs() if one.id not in problems]
    if missing and not benchmark.is_selection:
        raise UserError(f"{path}: has no task {missing[0]}, but the published {file} has one")


def _own_program(record: Mapping[str, Any]) -> OwnProgram:
    return OwnProgram(record["id"], record["args"], record["return_type"], parse(record["program"]))
