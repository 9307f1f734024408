"""The switches of the generator as flags, over those of a YAML file."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jsonargparse import ArgumentParser, Namespace

from saps.cli.settings import add_overrides, given_of
from saps.errors import UserError
from saps.generator.switch_files import read_switches
from saps.generator.switches import Switches


def add_switches(parser: ArgumentParser) -> None:
    """Adds a flag for each switch; one that is not given keeps the value of ``--switches``, or the default."""
    what = parser.add_argument_group("what kind of tasks")
    add_overrides(what, Switches)
    what.add_argument("--no-tests", action="store_true", help="Run no program, as --tests 0.")


def given_switches(parsed: Namespace) -> dict[str, Any]:
    """The switches that were given as flags, by name.

    Raises:
        UserError: one of them is not written as it must be, or contradicts another.
    """
    given = given_of(parsed, Switches)
    for name, number in _PAIRS.items():
        if name in given:
            given[name] = dict(_pair(name, written, number) for written in given[name])
    if parsed.no_tests:
        if "tests" in given:
            raise UserError(f"--no-tests: not allowed with --tests {given['tests']}; leave one of them out")
        given["tests"] = 0
    return given


def switches_of(path: Path | None, given: Mapping[str, Any]) -> Switches:
    """The switches of a YAML file, or the defaults, with those given as flags in their place.

    Raises:
        UserError: a value that means nothing, or a file that is no YAML of switches.
    """
    return replace(Switches() if path is None else read_switches(path), **given)


_PAIRS: Mapping[str, Callable[[str], int | str]] = {"instances": int, "root_share": str}


def _pair(switch: str, written: str, key: Callable[[str], int | str]) -> tuple[int | str, float]:
    name, _, number = written.rpartition("=")
    try:
        return key(name), float(number)
    except ValueError:
        flag = f"--{switch.replace('_', '-')}"
        raise UserError(f"{flag}: {written!r} is not of the form {'2=0.5' if key is int else 'NAME=0.1'}") from None
