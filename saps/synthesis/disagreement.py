"""The example to ask for next: an input on which programs that pass all examples so far disagree."""

import sys
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from saps.lang.interpreter import Compiled, Limits, compile_program, same_value
from saps.lang.trees import Tree
from saps.lang.types import Type, parse_type
from saps.search.typical import typical_inputs
from saps.synthesis.notation import write_value
from saps.tasks.query import Query

_TRIED = 30  # inputs


def disagreement(
    programs: Sequence[Tree], query: Query, limits: Limits, longest: int = sys.maxsize
) -> tuple[dict[str, Any], dict[str, list[int]]] | None:
    """An input with the most different outputs, and for each output the places of the programs that give it.

    The outputs are whole, as JSON, in the order of their first programs; programs that give none are left out. None
    where no input is found on which two of the programs differ, or where its examples would have more than ``longest``
    characters. The same programs and query give the same input.
    """
    if len(programs) < 2:
        return None
    compiled = [compile_program(program) for program in programs]
    best: tuple[dict[str, Any], dict[str, list[int]]] | None = None
    for inputs in _inputs({name: parse_type(kind) for name, kind in query.arguments.items()}):
        room = longest - len(f"{write_value(inputs)} -> ")
        outputs = _outputs(compiled, inputs, limits, room)
        if len(outputs) > max(1, len(best[1]) if best else 1) and max(map(len, outputs)) <= room:
            best = (inputs, outputs)
    return best


def _outputs(
    compiled: Sequence[Compiled], inputs: Mapping[str, Any], limits: Limits, room: int
) -> dict[str, list[int]]:
    """The places of the programs that give each value; those are one that pass the same example, such as 1 and true.

    A value of more than ``room`` characters is cut, and still longer than that.
    """
    seen: list[tuple[Any, str]] = []
    outputs: dict[str, list[int]] = {}
    for place, program in enumerate(compiled):
        outcome = program.run(inputs, limits)
        if outcome.kind != "value" or not same_value(outcome.value, outcome.value):  # NaN, which no example may hold
            continue
        written = next((text for value, text in seen if same_value(value, outcome.value)), None)
        if written is None:
            written = write_value(outcome.value, room)
            seen.append((outcome.value, written))
        outputs.setdefault(written, []).append(place)
    return outputs


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
