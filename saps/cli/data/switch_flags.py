"""The switches of the generator as flags, over those of a YAML file."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from saps.cli.data.reading import add_templates
from saps.errors import UserError
from saps.generator.switch_files import read_switches
from saps.generator.switches import CHOICES, Switches


def add_switches(parser: argparse.ArgumentParser) -> None:
    """Adds a flag for each switch; one that is not given keeps the value of ``--switches``, or the default."""
    plain = Switches()
    parser.add_argument("--switches", type=Path, metavar="FILE", help="a YAML file of the switches below; flags win")
    what = parser.add_argument_group("what kind of tasks")
    add_templates(what)
    what.add_argument(
        "--only", nargs="+", action="extend", metavar="NAME", help="use these templates (own name, or that in nodes)"
    )
    what.add_argument("--without", nargs="+", action="extend", metavar="NAME", help="leave these templates out")
    what.add_argument(
        "--hold-out", nargs="+", action="extend", metavar="PAIR", help="no program with 'TEMPLATE inside TEMPLATE'"
    )
    what.add_argument(
        "--max-depth", type=int, help=f"how deep templates stand in each other (default: {plain.max_depth})"
    )
    what.add_argument(
        "--instances", nargs="+", action="extend", metavar="N=WEIGHT", help="how many templates make up a program"
    )
    what.add_argument("--roots", choices=CHOICES["roots"], help="shares of the roots (default: weighted)")
    what.add_argument(
        "--root-share", nargs="+", action="extend", metavar="NAME=SHARE", help="shares of single roots, from 0 to 1"
    )
    what.add_argument("--paraphrases", type=int, metavar="N", help="texts for each program (default: 1)")
    what.add_argument("--names", choices=CHOICES["names"], help="what arguments are called (default: letters)")
    tests = what.add_mutually_exclusive_group()
    tests.add_argument("--tests", type=int, metavar="N", help=f"tests of each task (default: {plain.tests})")
    tests.add_argument("--no-tests", dest="tests", action="store_const", const=0, help="run no program")
    noise = parser.add_argument_group("noise on the text (the clean text is kept as clean_text)")
    for flag, about in (
        ("--drop-words", "share of the words that are left out"),
        ("--synonyms", "share of the words with synonyms that one replaces"),
        ("--typos", "share of the longer words that are mistyped"),
        ("--shuffle-declarations", "share of the texts that declare their arguments in another order"),
    ):
        noise.add_argument(flag, type=float, metavar="RATE", help=about)


def switches_of(args: argparse.Namespace) -> Switches:
    """The switches that a user asked for.

    Raises:
        UserError: a value that means nothing, or a file that is no YAML of switches.
    """
    switches = Switches() if args.switches is None else read_switches(args.switches)
    return replace(switches, **given_switches(args))


def given_switches(args: argparse.Namespace) -> dict[str, Any]:
    """The switches that were given as flags, by name."""
    given = {name: getattr(args, name) for name in Switches.__dataclass_fields__ if getattr(args, name) is not None}
    for name, number in _PAIRS.items():
        if name in given:
            given[name] = dict(_pair(name, written, number) for written in given[name])
    return given


_PAIRS: Mapping[str, Callable[[str], int | str]] = {"instances": int, "root_share": str}


def _pair(switch: str, written: str, key: Callable[[str], int | str]) -> tuple[int | str, float]:
    name, _, number = written.rpartition("=")
    try:
        return key(name), float(number)
    except ValueError:
        flag = f"--{switch.replace('_', '-')}"
        raise UserError(f"{flag}: {written!r} is not of the form {'2=0.5' if key is int else 'NAME=0.1'}") from None
