"""Arguments, examples and inputs as people write them, on a command line or a page, and as they are written back."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from saps.errors import UserError
from saps.lang.example import Example
from saps.lang.json_numbers import NaNRefused, constant
from saps.lang.names import parse_declaration
from saps.lang.printing import printed
from saps.lang.types import parse_type
from saps.tasks.values import typed_reader

_EXAMPLE = 'write {"a": [1, 2]} -> 3'
_INPUT = 'write {"a": [1, 2]}'
_READABLE = json.JSONEncoder(ensure_ascii=False)
_SHOWN = 40  # characters of a text that a message repeats


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
            typed_reader(str(kind))
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
        raise UserError(f"the input: {shorten(text[end:].strip())} stands after its end; {_INPUT}")
    return _object("the input", values, _INPUT)


def write_example(example: Example) -> str:
    """The example as ``read_examples`` takes it."""
    return f"{write_value(dict(example.input))} -> {write_value(example.output)}"


def write_value(value: Any, most: int = sys.maxsize) -> str:
    """A value as JSON in one line, printable everywhere; its beginning where it has more than ``most`` characters."""
    return printed(value, most, _READABLE).encode("utf-8", "backslashreplace").decode("utf-8")


def _example(what: str, text: str) -> Example:
    values, end = _json(what, text, 0, _EXAMPLE)
    rest = text[end:].lstrip()
    if not rest.startswith("->"):
        raise UserError(f'{what}: no "->" after the inputs; {_EXAMPLE}')
    start = text.index("->", end) + 2
    output, end = _json(what, text, start, _EXAMPLE)
    if text[end:].strip():
        raise UserError(f"{what}: {shorten(text[end:].strip())} stands after its end; {_EXAMPLE}")
    if output is None:
        raise UserError(f"{what}: null is no value of a program; {_EXAMPLE}")
    return Example(_object(what, values, _EXAMPLE), output)


def _json(what: str, text: str, start: int, mend: str) -> tuple[Any, int]:
    """The JSON value that begins at a column, and where it ends."""
    start += len(text[start:]) - len(text[start:].lstrip())
    if start == len(text):
        raise UserError(f"{what}: a value is missing at its end; {mend}")
    try:
        return json.JSONDecoder(parse_constant=constant).raw_decode(text, start)
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        raise UserError(f"{what}: not JSON at column {error.pos + 1} ({reason}); {mend}") from None
    except NaNRefused as error:
        raise UserError(f"{what}: {error}; {mend}") from None
    except (ValueError, RecursionError):
        raise UserError(f"{what}: a number too long or lists nested too deep; {mend}") from None


def _object(what: str, values: Any, mend: str) -> Mapping[str, Any]:
    if not isinstance(values, dict):
        raise UserError(f"{what}: {shorten(write_value(values))} gives no argument a value by name; {mend}")
    return values


def shorten(text: str) -> str:
    """A piece of the user's text for a message: on one line, cut if long."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in cut)
