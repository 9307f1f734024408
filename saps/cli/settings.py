"""The one reader of settings: flags and YAML from typed dataclasses, mistakes in one line.

A command's settings are a dataclass. Each field becomes a flag: its name with hyphens, its type, which may be a
restricted one of ``jsonargparse.typing``, its default, and as help the docstring under it.
"""

import re
from argparse import Action
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, field, fields
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

import docstring_parser
from jsonargparse import (
    ArgumentError,
    ArgumentParser,
    DefaultHelpFormatter,
    Namespace,
    get_loader,
    set_loader,
    set_parsing_settings,
)
from jsonargparse.typing import restricted_number_type
from yaml import YAMLError

from saps.bounded_yaml import check_yaml
from saps.cli.complaints import complaint, without_none
from saps.errors import UserError

set_parsing_settings(docstring_parse_attribute_docstrings=True)
_load_yaml = get_loader("yaml")


def _load_bounded(text: str) -> Any:
    """As jsonargparse reads YAML, of a file or a flag, after a look at its size."""
    check_yaml(text)
    return _load_yaml(text)


set_loader("yaml", _load_bounded, (YAMLError,))

Settings = TypeVar("Settings")

MAX_CANDIDATES = 1_000  # far more than ever helps
MAX_BUDGET = 100_000  # programs; a machine's memory would end a search of more

if TYPE_CHECKING:
    Width: TypeAlias = int
    Budget: TypeAlias = int
    Port: TypeAlias = int
else:
    Width = restricted_number_type(f"int from 1 to {MAX_CANDIDATES}", int, [(">=", 1), ("<=", MAX_CANDIDATES)])
    Budget = restricted_number_type(f"int from 1 to {MAX_BUDGET}", int, [(">=", 1), ("<=", MAX_BUDGET)])
    Port = restricted_number_type("int from 0 to 65535", int, [(">=", 0), ("<=", 65535)])


def flag(default: Any = MISSING, **details: Any) -> Any:
    """A field whose flag has details that its type does not tell.

    Args:
        default: its value where the flag is not given; without one, the flag must be given.
        details: ``metavar``, what stands for the value in the help; ``positional=True`` for a word without a flag;
            ``nargs="+"`` for several values behind one flag.
    """
    return field(default=default, metadata=details)


def new_parser(command: str, about: str | None) -> ArgumentParser:
    """A parser for ``saps COMMAND`` whose mistakes ``parse`` tells in one line."""
    return ArgumentParser(
        prog=f"saps {command}", description=about, exit_on_error=False, allow_abbrev=False, formatter_class=_Help
    )


def add_settings(parser: Any, settings: type) -> None:
    """Adds a flag for each field of a dataclass to a parser, or to one of its groups.

    A flag whose field is a list or tuple may be repeated; one whose field is a bool takes no value and switches it on.
    """
    for one, hint, about in _described(settings):
        details = _details(one, hint) | {"help": about}
        if details.pop("positional", False):
            parser.add_argument(one.name, **details)
        else:
            parser.add_argument(_flag(one), required=_is_required(one), **details)


def add_overrides(parser: Any, settings: type) -> None:
    """Adds flags that change single fields of settings from elsewhere; ``given_of`` tells which were given.

    A flag whose field is a list takes several values; one whose field is a dict takes several ``KEY=VALUE``.
    """
    for one, hint, about in _described(settings):
        kind = without_none(hint)
        if get_origin(kind) in (list, tuple, dict):
            element, metavar = (str, "NAME=VALUE") if get_origin(kind) is dict else (get_args(kind)[0], "NAME")
            details = {"type": element, "nargs": "+", "action": "extend", "metavar": metavar}
            parser.add_argument(_flag(one), help=about, **details)
        else:
            parser.add_argument(_flag(one), type=kind, help=f"{about} By default {one.default}.")


def given_of(parsed: Namespace, settings: type) -> dict[str, Any]:
    """The fields of a dataclass for which flags of ``add_overrides`` were given, a dict as its ``KEY=VALUE``."""
    values = {one.name: getattr(parsed, one.name) for one in fields(settings)}
    return {name: value for name, value in values.items() if value is not None}


def settings_of(parsed: Mapping[str, Any] | Namespace, settings: type[Settings]) -> Settings:
    """The dataclass with the values that a parser has read."""
    values = vars(parsed) if isinstance(parsed, Namespace) else parsed
    read = {one.name: values[one.name] for one in fields(settings)}  # type: ignore[arg-type]
    return settings(
        **{name: tuple(value) if isinstance(value, list) else plain_number(value) for name, value in read.items()}
    )


def plain_number(value: Any) -> Any:
    """A restricted number as the number that it is, which a checkpoint may hold; anything else as it stands."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return int(value) if isinstance(value, int) else float(value)


def read_settings(command: str, about: str | None, settings: type[Settings], argv: Sequence[str]) -> Settings:
    """The settings of a command line; ``--help`` prints and exits.

    Raises:
        UserError: an unknown flag, a value of another type, or a flag that is missing.
    """
    parser = new_parser(command, about)
    add_settings(parser, settings)
    return settings_of(parse(parser, argv), settings)


def parse(parser: ArgumentParser, argv: Sequence[str], known: Sequence[str] = ()) -> Namespace:
    """What a parser reads from the words of a command line.

    Args:
        parser: made by ``new_parser``.
        argv: the words after the command's name.
        known: names of further settings, among which a misspelt one may be looked for.

    Raises:
        UserError: in one line what jsonargparse says at length.
    """
    try:
        return parser.parse_args(list(argv))
    except (ArgumentError, TypeError, ValueError) as error:
        raise UserError(complaint(error, argv, parser, known)) from None


class _Help(DefaultHelpFormatter):
    """Docstring, type and default of each flag; a default that says nothing is left out."""

    def _get_help_string(self, action: Action) -> str:
        text = super()._get_help_string(action)
        if action.default is None or action.default is False or action.default == []:
            text = text.replace(", default: %(default)s", "").replace(" (default: %(default)s)", "")
        return text

    def _get_type_str(self, action: Action) -> str | None:
        written = super()._get_type_str(action)
        return written and re.sub(r"<class '(\w+)'>", r"\1", written)


def _described(settings: type) -> list[tuple[Field[Any], Any, str]]:
    """The fields of a dataclass, each with its type and the docstring under it."""
    hints = get_type_hints(settings)
    about = {param.arg_name: param.description for param in docstring_parser.parse_from_object(settings).params}
    return [(one, hints[one.name], (about.get(one.name) or "").replace("``", "")) for one in fields(settings)]


def _flag(one: Field[Any]) -> str:
    return f"--{one.name.replace('_', '-')}"


def _is_required(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _details(one: Field[Any], hint: Any) -> dict[str, Any]:
    """What ``add_argument`` takes for a field."""
    details = dict(one.metadata)
    default = one.default_factory() if one.default_factory is not MISSING else one.default
    if default is not MISSING and not details.get("positional"):
        details["default"] = list(default) if isinstance(default, tuple) else default
    kind = without_none(hint)
    if kind is bool:
        return details | {"action": "store_true"}
    if get_origin(kind) in (list, tuple):
        action = "extend" if "nargs" in details else "append"
        return details | {"type": get_args(kind)[0]} | ({} if details.get("positional") else {"action": action})
    return details | {"type": kind}
