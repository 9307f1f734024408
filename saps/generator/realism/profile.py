"""What is common in a file of tasks: sizes and shares."""

import re
from collections import Counter
from dataclasses import dataclass, field

from saps.generator.realism.sketches import Sketch
from saps.tasks.phrases import Frame, read_frame
from saps.tasks.statistics import Spread, spread

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
    text_tokens: Spread
    nodes: Spread
    depth: Spread
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
    """Counts that grow task by task. Of programs and texts only hashes are kept."""

    tasks: int = 0
    programs: set[int] = field(default_factory=set)
    texts: set[int] = field(default_factory=set)
    text_tokens: Counter[int] = field(default_factory=Counter)
    nodes: Counter[int] = field(default_factory=Counter)
    depth: Counter[int] = field(default_factory=Counter)
    roots: Counter[str] = field(default_factory=Counter)
    openings: Counter[str] = field(default_factory=Counter)
    return_types: Counter[str] = field(default_factory=Counter)
    arguments: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    statements: int = 0

    def add(self, sketch: Sketch, nodes: int, depth: int) -> None:
        """Counts one task; size and depth of its program are known already."""
        self.tasks += 1
        self.programs.add(hash(sketch.program))
        self.texts.add(hash(sketch.text))
        self.text_tokens[len(sketch.text)] += 1
        self.nodes[nodes] += 1
        self.depth[depth] += 1
        self.roots[sketch.template or "(unknown)"] += 1
        self.return_types[sketch.return_type] += 1
        self.arguments[str(len(sketch.args))] += 1
        frame = read_frame(sketch.text)
        self.openings[frame.opening or "(other)"] += 1
        self.dropped += any(not group.names for group in frame.groups)
        self.statements += _has_statement(frame)

    def profile(self) -> Profile:
        """The figures of all tasks so far (at least one)."""
        return Profile(
            tasks=self.tasks,
            programs=len(self.programs),
            texts=len(self.texts),
            text_tokens=spread(self.text_tokens),
            nodes=spread(self.nodes),
            depth=spread(self.depth),
            roots=self._shares(self.roots),
            openings=self._shares(self.openings),
            return_types=self._shares(self.return_types),
            arguments=self._shares(self.arguments),
            dropped=self.dropped / self.tasks,
            statements=self.statements / self.tasks,
        )

    def _shares(self, counts: Counter[str]) -> dict[str, float]:
        return {name: count / self.tasks for name, count in counts.most_common()}


def _has_statement(frame: Frame) -> bool:
    return bool(frame.groups) and _QUESTION.match(frame.rest) is None
