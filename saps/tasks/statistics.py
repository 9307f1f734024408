"""What a file of tasks holds, in figures."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from saps.lang.interpreter import compile_program
from saps.lang.trees import Tree
from saps.tasks.task import Task


@dataclass(frozen=True, slots=True)
class SizeSummary:
    """Mean, median, 95th percentile and maximum of a list of sizes."""

    mean: float
    median: int
    percentile_95: int
    max: int


@dataclass(frozen=True, slots=True)
class Passed:
    """How many tasks have a program that passes all, some or none of the task's own tests."""

    all: int
    some: int
    none: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of a file of tasks."""

    tasks: int
    programs: int
    """Number of distinct programs."""
    texts: int
    """Number of distinct texts."""
    texts_per_program: SizeSummary
    nodes: SizeSummary
    """Leaves and calls of a program."""
    depth: SizeSummary
    text_tokens: SizeSummary
    words: int
    """Number of distinct tokens of the texts."""
    symbols: int
    """Number of distinct names in the programs."""
    arities: tuple[int, ...]
    """The numbers of arguments with which something is called."""
    return_types: dict[str, int]
    """Tasks by type of the result, most frequent first."""
    templates: dict[str, int]
    """Tasks by template at the root, most frequent first."""
    passed: Passed | None
    """None where the programs were not run."""

    def as_json(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        return asdict(self)


@dataclass(slots=True)
class Tally:
    """Counts that grow task by task, so that a file of any length is read as a stream.

    Of programs and texts only hashes are kept.
    """

    tasks: int = 0
    programs: Counter[int] = field(default_factory=Counter)
    texts: set[int] = field(default_factory=set)
    nodes: Counter[int] = field(default_factory=Counter)
    depth: Counter[int] = field(default_factory=Counter)
    text_tokens: Counter[int] = field(default_factory=Counter)
    words: set[str] = field(default_factory=set)
    symbols: set[str] = field(default_factory=set)
    arities: set[int] = field(default_factory=set)
    return_types: Counter[str] = field(default_factory=Counter)
    templates: Counter[str] = field(default_factory=Counter)

    def add(self, task: Task) -> None:
        """Counts one task."""
        self.tasks += 1
        self.programs[hash(task.program)] += 1
        self.texts.add(hash(task.text))
        nodes, depth = self._measured(task.program)
        self.nodes[nodes] += 1
        self.depth[depth] += 1
        self.text_tokens[len(task.text)] += 1
        self.words.update(task.text)
        self.return_types[task.return_type] += 1
        self.templates[task.template] += 1

    def _measured(self, program: Tree) -> tuple[int, int]:
        """Nodes and depth of a program, whose symbols and arities are added on the way."""
        nodes, level, depth = 0, [program], 0
        while level:
            nodes, depth = nodes + len(level), depth + 1
            self.symbols.update([node.label for node in level])
            self.arities.update([len(node.children) for node in level])
            level = [child for node in level for child in node.children]
        return nodes, depth

    def figures(self, passed: Passed | None) -> Statistics:
        """The figures of all tasks counted so far (at least one)."""
        return Statistics(
            tasks=self.tasks,
            programs=len(self.programs),
            texts=len(self.texts),
            texts_per_program=summarise(Counter(self.programs.values())),
            nodes=summarise(self.nodes),
            depth=summarise(self.depth),
            text_tokens=summarise(self.text_tokens),
            words=len(self.words),
            symbols=len(self.symbols),
            arities=tuple(sorted(self.arities - {0})),
            return_types=dict(self.return_types.most_common()),
            templates=dict(self.templates.most_common()),
            passed=passed,
        )


def describe(tasks: Iterable[Task]) -> Statistics:
    """The figures of tasks without running them."""
    tally = Tally()
    for task in tasks:
        tally.add(task)
    return tally.figures(passed=None)


def describe_and_run(tasks: Iterable[Task]) -> Statistics:
    """The figures of tasks, each of whose programs is run on the task's own tests, if it has any."""
    tally, kinds = Tally(), Counter[str]()
    for task in tasks:
        tally.add(task)
        if not task.tests:
            continue
        passed = count_passed(task)
        kinds["all" if passed == len(task.tests) else "some" if passed else "none"] += 1
    return tally.figures(Passed(kinds["all"], kinds["some"], kinds["none"]) if kinds else None)


def count_passed(task: Task) -> int:
    """How many of its own tests the program of a task passes."""
    program = compile_program(task.program)
    return sum(program.run(test.input).gives(test.output) for test in task.tests)


def summarise(counts: Counter[int]) -> SizeSummary:
    """Mean, median, 95th percentile (both by nearest rank) and maximum of sizes given as size -> how often."""
    total = counts.total()
    mean = sum(size * count for size, count in counts.items()) / total
    return SizeSummary(mean, _percentile(counts, 0.5), _percentile(counts, 0.95), max(counts))


def _percentile(counts: Counter[int], share: float) -> int:
    """The smallest size that at least this share of all does not exceed."""
    rank, seen = math.ceil(share * counts.total()), 0
    for size in sorted(counts):
        seen += counts[size]
        if seen >= rank:
            return size
    raise ValueError("no sizes to take a percentile of")
