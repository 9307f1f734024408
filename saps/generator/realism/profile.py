"""What is common in a file of tasks: sizes and shares."""

import re
from collections import Counter
from dataclasses import dataclass, field

from saps.tasks.phrases import TextParts, split_text
from saps.tasks.statistics import SizeSummary, Tally
from saps.tasks.task import Task

_QUESTION = re.compile(r"(what|find|compute|calculate|determine|your|how|(on|for|in|at) (how|what|which))\b")
"""How a question begins; what begins otherwise is said before the question."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The figures of a file; shares are of its tasks, most frequent first."""

    tasks: int
    programs: int
    """distinct ones"""
    texts: int
    """distinct ones"""
    text_tokens: SizeSummary
    nodes: SizeSummary
    depth: SizeSummary
    roots: dict[str, float]
    openings: dict[str, float]
    return_types: dict[str, float]
    arguments: dict[str, float]
    """by number of arguments"""
    dropped: float
    """share of the texts that drop the name of an argument"""
    statements: float
    """share of the texts that say something before the question"""


@dataclass(slots=True)
class ProfileTally:
    """Counts that grow task by task: those of every file of tasks, and those that need a look at the text."""

    counts: Tally = field(default_factory=Tally)
    openings: Counter[str] = field(default_factory=Counter)
    arguments: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    statements: int = 0

    def add(self, task: Task) -> None:
        """Counts one task."""
        self.counts.add(task)
        self.arguments[str(len(task.args))] += 1
        parts = split_text(task.text)
        self.openings[parts.opening or "(other)"] += 1
        self.dropped += any(not group.names for group in parts.groups)
        self.statements += _has_statement(parts)

    def profile(self) -> Profile:
        """The figures of all tasks so far (at least one)."""
        figures = self.counts.figures(passed=None)
        return Profile(
            tasks=figures.tasks,
            programs=figures.programs,
            texts=figures.texts,
            text_tokens=figures.text_tokens,
            nodes=figures.nodes,
            depth=figures.depth,
            roots={name or "(unknown)": count / figures.tasks for name, count in figures.templates.items()},
            openings=self._shares(self.openings),
            return_types=self._shares(self.counts.return_types),
            arguments=self._shares(self.arguments),
            dropped=self.dropped / figures.tasks,
            statements=self.statements / figures.tasks,
        )

    def _shares(self, counts: Counter[str]) -> dict[str, float]:
        return {name: count / self.counts.tasks for name, count in counts.most_common()}


def _has_statement(parts: TextParts) -> bool:
    return bool(parts.groups) and _QUESTION.match(parts.rest) is None
