"""What a person asks: a sentence, and what is known of the arguments, as typed on a command line or a page."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from saps.errors import UserError
from saps.lang.example import Example
from saps.lang.names import parse_declaration
from saps.lang.types import ANY, parse_type, type_of_value
from saps.search.tree_beam import SearchLimits
from saps.tasks.values import value_reader

_EXAMPLE = 'write {"a": [1, 2]} -> 3'
_INPUT = 'write {"a": [1, 2]}'
_SHOWN = 40  # characters of a text that a message repeats


@dataclass(frozen=True, slots=True)
class Question:
    """A sentence, and optionally what its program takes and gives."""

    text: str
    arguments: Mapping[str, str] | None = None
    """Name -> type; None leaves it to a guess from the sentence."""
    examples: tuple[Example, ...] = ()
    """Inputs and wanted outputs, which choose among the candidates."""
    input: Mapping[str, Any] | None = None
    """What the program is run on once it is found."""
    candidates: int = 10
    """Width of the beam, or how many of the programs that a search visits are shown."""
    allow_unknown: bool = False
    """Words that the model has not learned are read as one unknown word."""
    result: str | None = None
    """The type of what the program gives; None leaves it to the examples."""
    search: SearchLimits | None = None
    """How far a search goes; None for a beam."""
    seconds: float | None = None
    """Time for the search."""
    explain: bool = False
    """How the answer came about is wanted too."""
    avoid_errors: bool = False
    """Without examples, programs that fail on typical inputs come last."""

    def typed(self, arguments: Mapping[str, str]) -> "Question":
        """The question with its values read by the types of the arguments, which are the declared or guessed ones.

        Raises:
            UserError: an example or the input names other arguments, or holds a value of another type.
        """
        origin = "guessed from the sentence" if self.arguments is None else "declared"
        examples = [
            Example(_values(f"example {number}", test.input, arguments, origin), test.output)
            for number, test in enumerate(self.examples, start=1)
        ]
        given = None if self.input is None else _values("the input", self.input, arguments, origin)
        return replace(self, arguments=dict(arguments), examples=tuple(examples), input=given)


def read_arguments(declarations: Sequence[str]) -> dict[str, str] | None:
    """Names and types of declarations such as ``a:int[]``; None where there are none.

    Raises:
        UserError: one of them declares nothing, a type that JSON cannot hold, or a name for the second time.
    """
    arguments: dict[str, str] = {}
    for declaration in declarations:
        name, kind = parse_declaration(declaration)
        if name in arguments:
            raise UserError(f"the argument {name} is declared twice; declare it once")
        try:
            value_reader(str(kind))
        except UserError as error:
            raise UserError(f"the argument {name}: {error}") from None
        arguments[name] = str(kind)
    return arguments or None


def read_result(text: str) -> str:
    """The type of a result, as ``saps.lang.types`` writes it.

    Raises:
        UserError: the text is no type.
    """
    return str(parse_type(text.strip()))


def read_examples(texts: Sequence[str]) -> tuple[Example, ...]:
    """Examples such as ``{"a": [1, 2, 3, 4]} -> 6``.

    Raises:
        UserError: one of them is written otherwise; the message gives its number, from 1 on.
    """
    return tuple(_example(f"example {number}", text) for number, text in enumerate(texts, start=1))


def read_input(text: str) -> Mapping[str, Any]:
    """The values of the arguments, such as ``{"a": [5, 6]}``.

    Raises:
        UserError: the text is no JSON object.
    """
    values, end = _json("the input", text, 0, _INPUT)
    if text[end:].strip():
        raise UserError(f"the input: {_shorten(text[end:].strip())} stands after its end; {_INPUT}")
    return _object("the input", values, _INPUT)


def write_example(example: Example) -> str:
    """The example as ``read_examples`` takes it."""
    return f"{write_value(dict(example.input))} -> {write_value(example.output)}"


def write_value(value: Any) -> str:
    """A value as JSON in one line, printable everywhere."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")


def _example(what: str, text: str) -> Example:
    values, end = _json(what, text, 0, _EXAMPLE)
    rest = text[end:].lstrip()
    if not rest.startswith("->"):
        raise UserError(f'{what}: no "->" after the inputs; {_EXAMPLE}')
    start = text.index("->", end) + 2
    output, end = _json(what, text, start, _EXAMPLE)
    if text[end:].strip():
        raise UserError(f"{what}: {_shorten(text[end:].strip())} stands after its end; {_EXAMPLE}")
    if output is None:
        raise UserError(f"{what}: null is no value of a program; {_EXAMPLE}")
    return Example(_object(what, values, _EXAMPLE), output)


def _json(what: str, text: str, start: int, mend: str) -> tuple[Any, int]:
    """The JSON value that begins at a column, and where it ends."""
    start += len(text[start:]) - len(text[start:].lstrip())
    if start == len(text):
        raise UserError(f"{what}: a value is missing at its end; {mend}")
    try:
        return json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        raise UserError(f"{what}: not JSON at column {error.pos + 1} ({reason}); {mend}") from None
    except (ValueError, RecursionError):
        raise UserError(f"{what}: a number too long or lists nested too deep; {mend}") from None


def _object(what: str, values: Any, mend: str) -> Mapping[str, Any]:
    if not isinstance(values, dict):
        raise UserError(f"{what}: {_shorten(write_value(values))} gives no argument a value by name; {mend}")
    return values


def _values(what: str, values: Mapping[str, Any], arguments: Mapping[str, str], origin: str) -> dict[str, Any]:
    """The values of one run, each read by the type of its argument."""
    mend = f"declare the arguments, as in {_declarations(values)}" if values else "give each argument a value"
    if values.keys() != arguments.keys():
        given = ", ".join(values) or "none"
        known = ", ".join(f"{name}:{kind}" for name, kind in arguments.items()) or "none"
        raise UserError(f"{what}: values for {given}, but the arguments ({origin}) are {known}; {mend}")
    read = {}
    for name, value in values.items():
        try:
            read[name] = value_reader(arguments[name])(value)
        except UserError as error:
            raise UserError(f"{what}: {name} is {arguments[name]} ({origin}): {error}; mend it, or {mend}") from None
    return read


def _declarations(values: Mapping[str, Any]) -> str:
    """Declarations that the values would fit."""
    return " ".join(f"{_shorten(name)}:{_type_of(value)}" for name, value in list(values.items())[:5])


def _type_of(value: Any) -> str:
    """The type to propose for a value: ``any`` where it is not plain to see, and most lists are of numbers."""
    return "int[]" if value == [] else str(type_of_value(value) or ANY)


def _shorten(text: str) -> str:
    """A piece of the user's text for a message: on one line, cut if long."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in cut)
