"""Execution-guided choice: of the programs that a model finds probable, the one that does what the examples say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from saps.lang.interpreter import Compiled, Limits, compile_program
from saps.lang.trees import Tree


class Example(Protocol):
    """Inputs by name and the output that is wanted; a ``Test`` of a task is one."""

    @property
    def input(self) -> Mapping[str, Any]:
        """The arguments."""

    @property
    def output(self) -> Any:
        """The wanted result."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and on which ground."""

    program: Tree
    rank: int
    """Its place among the candidates; 0 is the most probable one."""
    passes: bool
    """It was run and gave the wanted output on every example; False too where there were no examples."""
    tried: int
    """How many candidates were run."""


def choose(candidates: Sequence[Tree], examples: Sequence[Example], limits: Limits | None = None) -> Choice:
    """The first candidate that passes all examples, or the first of all when none does.

    Args:
        candidates: programs, the most probable first; at least one.
        examples: what the program should do; without any, nothing is run and the first candidate is the choice.
        limits: budget of each run.

    Raises:
        ValueError: there is no candidate.
    """
    if not candidates:
        raise ValueError("there is no candidate to choose from")
    if not examples:
        return Choice(candidates[0], rank=0, passes=False, tried=0)
    for rank, program in enumerate(candidates):
        compiled = compile_program(program)
        if all(agrees(compiled, example, limits or Limits()) for example in examples):
            return Choice(program, rank, passes=True, tried=rank + 1)
    return Choice(candidates[0], rank=0, passes=False, tried=len(candidates))


def agrees(program: Compiled, example: Example, limits: Limits) -> bool:
    """Whether a run on the example's inputs gives its output."""
    return program.run(example.input, limits).gives(example.output)
