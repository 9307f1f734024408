"""Run an AlgoLisp program on inputs and print its value as JSON; exit code 1 if the program fails."""

import argparse
import json
import sys
from typing import Any

from saps.errors import UserError
from saps.lang import spelling
from saps.lang.errors import quoted
from saps.lang.interpreter import Limits
from saps.lang.interpreter import run as run_program
from saps.lang.json_numbers import constant
from saps.lang.printing import MOST_CHARACTERS, printed
from saps.lang.unknown import check_names

_DEFAULTS = Limits()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the program, its inputs and the limits."""
    parser.add_argument("program", help="in any spelling, such as '(reduce a 0 +)'")
    parser.add_argument(
        "--full", action="store_true", help=f"print all of the value, not its first {MOST_CHARACTERS:,} characters"
    )
    parser.add_argument("--input", default="{}", metavar="JSON", help="inputs by name, such as '{\"a\": [1, 2]}'")
    for name, what in (
        ("steps", "nodes of the bodies called, and functions called"),
        ("elements", "elements and characters made or compared in all"),
        ("list-length", "elements of a list"),
        ("string-length", "characters of a string"),
    ):
        default = getattr(_DEFAULTS, name.replace("-", "_"))
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"limit: {what} ({default:,})")


def run(args: argparse.Namespace) -> int:
    """Prints the value, or on stderr why there is none."""
    tree = spelling.parse(args.program)
    inputs = parse_inputs(args.input, "--input")
    check_names(tree, inputs, _not_given)
    outcome = run_program(tree, inputs, _limits(args))
    if outcome.kind != "value":
        print(f"{outcome.kind}: {outcome.message}", file=sys.stderr)
        return 1
    if args.full:
        print(json.dumps(outcome.value))
        return 0
    text = printed(outcome.value)
    print(text)
    if len(text) > MOST_CHARACTERS:
        print(f"saps: the value is cut after {MOST_CHARACTERS:,} characters; --full prints all of it", file=sys.stderr)
    return 0


def _not_given(name: str) -> str:
    return f"--input: the program reads {quoted(name)}, which is not given; add it to the object"


def parse_inputs(text: str, flag: str) -> dict[str, Any]:
    """Inputs by name out of the JSON object that a flag was given.

    Raises:
        UserError: it is no JSON object.
    """
    try:
        inputs = json.loads(text, parse_constant=constant)
    except RecursionError:
        raise UserError(f"{flag}: nested too deep; give lists of numbers or strings") from None
    except ValueError as error:
        raise UserError(f"{flag}: not JSON ({error}); write an object such as '{{\"a\": [1, 2]}}'") from None
    if not isinstance(inputs, dict):
        raise UserError(f"{flag}: not an object of inputs by name; write one such as '{{\"a\": [1, 2]}}'")
    return inputs


def _limits(args: argparse.Namespace) -> Limits:
    chosen = {name: getattr(args, name) for name in ("steps", "elements", "list_length", "string_length")}
    for name, value in chosen.items():
        if value < 1:
            raise UserError(f"--{name.replace('_', '-')}: {value} is no limit; give at least 1")
    return Limits(**chosen)
