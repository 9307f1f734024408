"""Candidates typed and run: on the examples, where the search has not done so already, and on the inputs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from saps.lang.errors import ProgramError
from saps.lang.inference import infer
from saps.lang.interpreter import Limits, Outcome, compile_program
from saps.lang.trees import Tree
from saps.lang.types import parse_type
from saps.search.hypothesis import Candidate
from saps.search.trial import Visit
from saps.synthesis.result import Attempt
from saps.tasks.query import Query


def attempts_of(
    query: Query,
    candidates: Sequence[Candidate],
    visits: Sequence[Visit],
    inputs: Mapping[str, Any] | None,
    limits: Limits,
) -> tuple[Attempt, ...]:
    """What each candidate is and does.

    Args:
        query: whose arguments type the candidates and whose examples they run on.
        candidates: the most probable first.
        visits: the programs that have run on the examples; their outcomes are taken over.
        inputs: what each candidate is run on besides; None for nothing.
        limits: budget of each run.
    """
    ran = {visit.candidate.program: visit.outcomes for visit in visits}
    return tuple(_attempt(candidate, query, ran.get(candidate.program, ()), inputs, limits) for candidate in candidates)


def _attempt(
    candidate: Candidate, query: Query, ran: tuple[Outcome, ...], inputs: Mapping[str, Any] | None, limits: Limits
) -> Attempt:
    program = candidate.program
    kind, mistake = type_of(program, query)
    compiled = compile_program(program)  # once for all its runs
    outcomes = ran or tuple(compiled.run(example.input, limits) for example in query.examples)
    pairs = zip(outcomes, query.examples, strict=True)
    passed = tuple(outcome.gives(example.output) for outcome, example in pairs)
    result = None if inputs is None else compiled.run(inputs, limits)
    probability, unused = math.exp(candidate.log_probability), unused_in(program, query)
    return Attempt(program, probability, kind, mistake, outcomes, passed, result, unused)


def unused_in(program: Tree, query: Query) -> tuple[str, ...]:
    """The arguments of a query that a program ignores."""
    labels = {node.label for node in program.preorder()}
    return tuple(name for name in query.arguments if name not in labels)


def type_of(program: Tree, query: Query) -> tuple[str, str]:
    """The type of a program's result, or why it has none."""
    try:
        return str(infer(program, {name: parse_type(kind) for name, kind in query.arguments.items()})), ""
    except ProgramError as error:
        return "", str(error)
