"""Execution-guided choice: of the programs that a model finds probable, the one that does what the examples say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from saps.lang.interpreter import Limits, compile_program
from saps.lang.trees import Tree
from saps.lang.types import Type
from saps.search.hypothesis import Candidate
from saps.search.trial import Trial
from saps.search.typical import typical_inputs


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


def choose(candidates: Sequence[Candidate], trial: Trial) -> Choice:
    """The first candidate that passes all examples of a trial, or the first of all when none does.

    Candidates are tried in order until one passes or the trial's time is over; without examples none is run.

    Args:
        candidates: the most probable first; at least one.
        trial: the examples; what was tried stands in its ``visits``.

    Raises:
        ValueError: there is no candidate.
    """
    if not candidates:
        raise ValueError("there is no candidate to choose from")
    if not trial.examples:
        return Choice(candidates[0].program, rank=0, passes=False, tried=0)
    for rank, candidate in enumerate(candidates):
        if trial.visit(candidate):
            return Choice(candidate.program, rank, passes=True, tried=rank + 1)
        if trial.deadline.is_over:
            break
    return Choice(candidates[0].program, rank=0, passes=False, tried=len(trial.visits))


def sound_first(
    candidates: Sequence[Candidate], arguments: Mapping[str, Type], limits: Limits | None = None
) -> list[Candidate]:
    """The candidates that run without error on typical inputs, then the others; each part in its order.

    For a choice without examples: who asks for a program rarely wants one that cannot be run.
    """
    inputs, limits = typical_inputs(arguments), limits or Limits()

    def errors(candidate: Candidate) -> int:
        compiled = compile_program(candidate.program)
        return sum(compiled.run(values, limits).kind != "value" for values in inputs)

    return sorted(candidates, key=errors)
