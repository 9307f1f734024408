"""A program looked into: how sure the model was of each node, which words it read there, and a run step by step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from saps.lang.interpreter import Limits
from saps.lang.spelling import to_lisp
from saps.lang.tracing import Trace, trace
from saps.lang.trees import Tree
from saps.synthesis.attention import ReadProgram, read_programs
from saps.synthesis.notation import shorten
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import Query

_READ = 0.1  # share of attention from which on a word is named
_MOST_WORDS = 3
_MOST_LINES = 40  # of a trace


@dataclass(frozen=True, slots=True)
class ProgramView:
    """A program as the model wrote it and as it runs; nodes are in pre-order."""

    program: Tree
    words: tuple[str, ...]
    """What the model read of the query."""
    read: ReadProgram | None
    """None where the system cannot tell."""
    run: Trace | None
    """On the inputs; None where there are none."""

    def as_json(self) -> dict[str, Any]:
        """Plain values; weights of attention in percent, rounded."""
        attention = self.read.attention if self.read else None
        return {
            "words": list(self.words),
            "probabilities": list(self.read.probabilities) if self.read else None,
            "attention": None if attention is None else [[round(100 * weight) for weight in row] for row in attention],
            "steps": None if self.run is None else [step._asdict() for step in self.run.steps],
            "left_out": 0 if self.run is None else self.run.left_out,
        }

    def lines(self) -> Iterator[str]:
        """The same for a terminal: the tree with the words that each node read, then the run."""
        branches = list(_branches(self.program))
        width = max(map(len, branches))
        attention = self.read.attention if self.read else None
        yield "tree       each node, and the words that the model read most for it" if attention else "tree"
        for place, branch in enumerate(branches):
            read = self._most_read(attention[place]) if attention else ""
            yield f"           {branch.ljust(width)}   {read}".rstrip()
        if self.run is not None:
            yield "run        what each call gives, in order"
            yield from self._run_lines(self.run)

    def _most_read(self, weights: Sequence[float]) -> str:
        order = sorted(range(len(weights)), key=lambda word: -weights[word])[:_MOST_WORDS]
        return ", ".join(f"{self.words[word]} {100 * weights[word]:.0f} %" for word in order if weights[word] >= _READ)

    def _run_lines(self, run: Trace) -> Iterator[str]:
        nodes = list(self.program.preorder())
        steps = [step for step in run.steps if (nodes[step.node].children and step.value != "a function") or step.fails]
        for step in steps[:_MOST_LINES]:
            where = ", ".join(f"{name} = {value}" for name, value in step.variables.items())
            gives = "fails:" if step.fails else "->"
            told = f"{shorten(to_lisp(nodes[step.node]))} {gives} {step.value}"
            yield f"           {told}{f'   with {where}' if where else ''}"
        more = len(steps) - _MOST_LINES
        if more > 0 or run.left_out:
            yield f"           and {more + run.left_out if more > 0 else run.left_out} more steps"


def views_of(
    synthesizer: Synthesizer,
    query: Query,
    programs: Sequence[Tree],
    inputs: Mapping[str, Any] | None,
    limits: Limits | None = None,
) -> list[ProgramView]:
    """A view of each of some programs for a query, run on inputs where there are any."""
    system = synthesizer.system
    read = read_programs(system, [query] * len(programs), programs)
    words = tuple(system.reading.tokens(query))
    return [
        ProgramView(
            program,
            words,
            None if read is None else read[place],
            None if inputs is None else trace(program, inputs, limits or Limits()),
        )
        for place, program in enumerate(programs)
    ]


def _branches(program: Tree) -> Iterator[str]:
    """The tree with a node a line, its branches drawn."""
    waiting = [(program, "", "")]  # a node, what stands before it, and before what is below it
    while waiting:
        node, before, below = waiting.pop()
        yield f"{before}{node.label}"
        last = len(node.children) - 1
        waiting.extend(
            (child, f"{below}{'└─ ' if place == last else '├─ '}", f"{below}{'   ' if place == last else '│  '}")
            for place, child in reversed([*enumerate(node.children)])
        )
