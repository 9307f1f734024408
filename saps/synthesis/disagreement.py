"""The example to ask for next: an input on which programs that pass all examples so far disagree."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from saps.lang.interpreter import Limits, compile_program
from saps.lang.trees import Tree
from saps.lang.types import Type, parse_type
from saps.search.typical import typical_inputs
from saps.synthesis.notation import write_value
from saps.tasks.query import Query

_TRIED = 30  # inputs
_WIDEST = 100  # characters of an output that a person is asked about


def disagreement(
    programs: Sequence[Tree], query: Query, limits: Limits
) -> tuple[dict[str, Any], dict[str, list[int]]] | None:
    """An input with the most different outputs, and for each output the places of the programs that give it.

    The outputs stand as JSON, in the order of their first programs; programs that give none are left out. None where
    no input is found on which two of the programs differ. The same programs and query give the same input.
    """
    if len(programs) < 2:
        return None
    compiled = [compile_program(program) for program in programs]
    best: tuple[dict[str, Any], dict[str, list[int]]] | None = None
    for inputs in _inputs({name: parse_type(kind) for name, kind in query.arguments.items()}):
        outputs: dict[str, list[int]] = {}
        for place, program in enumerate(compiled):
            outcome = program.run(inputs, limits)
            if outcome.kind == "value":
                outputs.setdefault(write_value(outcome.value, _WIDEST), []).append(place)
        if len(outputs) > max(1, len(best[1]) if best else 1):
            best = (inputs, outputs)
    return best


def _inputs(arguments: Mapping[str, Type]) -> list[dict[str, Any]]:
    """The typical inputs, then small random ones."""
    rng = Random(0)
    drawn = [{name: _value(kind, rng) for name, kind in arguments.items()} for _ in range(_TRIED)]
    return [*typical_inputs(arguments), *drawn]


def _value(kind: Type, rng: Random) -> Any:
    if kind.name == "list":
        return [_value(kind.parameters[0], rng) for _ in range(rng.randint(1, 6))]
    if kind.name == "dict":
        return {_value(kind.parameters[0], rng): _value(kind.parameters[1], rng)}
    if kind.name == "string":
        return "".join(rng.choices("abcdeklnorst", k=rng.randint(1, 6)))
    if kind.name == "bool":
        return rng.random() < 0.5
    return rng.randint(-9, 20)
