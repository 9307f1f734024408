"""From a sentence to a query: words, arguments and types, guessed where they are not given, and values read by type."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from saps.errors import UserError
from saps.lang.example import Example
from saps.lang.types import ANY, type_of_value
from saps.synthesis.guesses import arguments_of_values, guess_arguments, guess_result
from saps.synthesis.notation import shorten
from saps.tasks.query import Origin, Query
from saps.tasks.tokens import tokenize
from saps.tasks.values import typed_reader


def query_from_text(
    text: str,
    arguments: Mapping[str, str] | None = None,
    examples: Sequence[Example] = (),
    result: str | None = None,
    inputs: Mapping[str, Any] | None = None,
) -> Query:
    """The query that a sentence asks.

    Args:
        text: the sentence, in any case and spacing.
        arguments: name -> type such as ``int[]``; where not given, those of the examples and inputs, unless the
            sentence names others, and without any they are guessed from the sentence.
        examples: inputs and wanted outputs; ``saps.lang.example.Example`` makes one.
        result: type of the program's value; guessed from the outputs of the examples where not given.
        inputs: what the program will run on; read by ``inputs_for``, and asked here for its names and types alone.

    Raises:
        UserError: the sentence is empty, or an example names other arguments or holds a value of another type.
    """
    words = tokenize(text)
    if not words:
        raise UserError("the sentence is empty; say what the program should do")
    given = [example.input for example in examples] + ([inputs] if inputs else [])
    query = _without_examples(words, arguments, given)
    tests = tuple(
        Example(_values(f"example {number}", example.input, query), example.output)
        for number, example in enumerate(examples, start=1)
    )
    return replace(query, examples=tests, result=result or guess_result([test.output for test in tests]))


def _without_examples(
    words: tuple[str, ...], arguments: Mapping[str, str] | None, values: Sequence[Mapping[str, Any]]
) -> Query:
    if arguments is not None:
        return Query(words, dict(arguments))
    guess = guess_arguments(words)
    of_values = arguments_of_values(words, values)
    if of_values and of_values != guess:
        return Query(words, of_values, origin="examples")
    return Query(words, guess, origin="sentence")


_ORIGINS: Mapping[Origin, str] = {
    "declared": "declared",
    "examples": "those of the values",
    "sentence": "guessed from the sentence",
}


def inputs_for(query: Query, values: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a run by name, each read by the type of its argument.

    Raises:
        UserError: they name other arguments, or hold a value of another type.
    """
    return _values("the input", values, query)


def _values(what: str, values: Mapping[str, Any], query: Query) -> dict[str, Any]:
    """The values of one run, each read by the type of its argument."""
    arguments = query.arguments
    origin = _ORIGINS[query.origin]
    mend = f"declare the arguments, as in {_declarations(values)}" if values else "give each argument a value"
    if values.keys() != arguments.keys():
        given = ", ".join(values) or "none"
        known = ", ".join(f"{name}:{kind}" for name, kind in arguments.items()) or "none"
        raise UserError(f"{what}: values for {given}, but the arguments ({origin}) are {known}; {mend}")
    read = {}
    for name, value in values.items():
        try:
            read[name] = typed_reader(arguments[name])(value)
        except UserError as error:
            raise UserError(f"{what}: {name} is {arguments[name]} ({origin}): {error}; mend it, or {mend}") from None
    return read


def _declarations(values: Mapping[str, Any]) -> str:
    """Declarations that the values would fit."""
    return " ".join(f"{shorten(name)}:{_type_of(value)}" for name, value in list(values.items())[:5])


def _type_of(value: Any) -> str:
    """The type to propose for a value: ``any`` where it is not plain to see, and most lists are of numbers."""
    return "int[]" if value == [] else str(type_of_value(value) or ANY)
