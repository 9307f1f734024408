"""What jsonargparse says at length, in one line: what is wrong, in which file and line, and what was perhaps meant."""

import difflib
import re
from argparse import Action
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from jsonargparse import ArgumentParser

_NOISE = re.compile(r"Does not validate|Subtypes|Errors:|Expected a <class 'NoneType'>|Given value")
_UNKNOWN = re.compile(r"(?:[Oo]ption '|unrecognized arguments: --)([\w.-]+)")
_KEY = re.compile(r'Parser key "([\w.]+)":')
_INVALID = re.compile(r"argument (--[\w.-]+): invalid \w+ value: '(.*)'$")
_NO_MODULE = re.compile(r"'([\w.]+)': (No module named '([\w.]+)').*")
_MISSING = "the following arguments are required: "
_SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}


def one_line(error: Exception) -> str:
    """The lines of a message that tell something, joined."""
    lines = (line.strip(" -\t") for line in str(error).splitlines())
    text = " ".join(line for line in lines if line and not _NOISE.match(line))
    text = text.replace("Parser key ", "").replace("Problem with given class_path ", "")
    return re.sub(r"<class '(\w+)'>", r"\1", text)


def complaint(error: Exception, argv: Sequence[str], parser: ArgumentParser, known: Iterable[str] = ()) -> str:
    """One line for a user.

    Args:
        error: what the parser raised.
        argv: the words of the command line, among which are the configuration files.
        parser: which knows the flags and the types of their values.
        known: names of settings that the parser takes beside its flags.
    """
    actions = {action.dest: action for action in parser._actions}
    key = _KEY.match(str(error))
    if key and key[1] in actions and (wrong := _wrong_value(actions[key[1]], argv)):
        return wrong
    if element := _INVALID.match(str(error)):  # one of several values behind a flag
        kind = next((action.type for action in parser._actions if element[1] in action.option_strings), None)
        if wanted := _wanted(kind):
            return f"{element[1]} {element[2]}: give {wanted}"
    text = one_line(error)
    if text.startswith(_MISSING):
        names = [_name(actions.get(name), name) for name in text.removeprefix(_MISSING).split(", ")]
        return f"{_MISSING}{', '.join(names)}; see '{parser.prog} --help'"
    if lacking := _NO_MODULE.search(text):
        is_itself = f"{lacking[1]}.".startswith(f"{lacking[3]}.")
        mend = "its folder must be in PYTHONPATH" if is_itself else f"install {lacking[3]}"
        return f"{lacking[1]}: cannot be imported ({lacking[2]}); {mend}"
    for path in _configs(argv):
        text = text.replace('in "<unicode string>", line ', f"{path}:")
    unknown = _UNKNOWN.search(text)
    return _unknown(text, unknown[1], argv, [*actions, *known], parser.prog) if unknown else text


def _unknown(text: str, setting: str, argv: Sequence[str], known: Sequence[str], command: str) -> str:
    """An unknown setting with the known ones that are written like it, and its place in a file."""
    name = setting.rpartition(".")[2]
    near = difflib.get_close_matches(name.replace("-", "_"), {one.rpartition(".")[2] for one in known}, n=2)
    if not any("." in one for one in known):  # then all settings are flags, with hyphens
        near = [f"--{one.replace('_', '-')}" for one in near]
    hint = f"; perhaps {' or '.join(near)}" if near else f"; '{command} --help' lists the settings"
    places = [place for path in _configs(argv) if (place := _place(path, name))]
    return f"{places[0]}: {text}{hint}" if places and f"{name} " not in " ".join(argv) + " " else text + hint


def _wrong_value(action: Action, argv: Sequence[str]) -> str | None:
    """``--candidates 0: give a number from 1 to 1000``; None where the value is in a file, or its type has no name."""
    flag = _name(action, action.dest)
    given = [after for word, after in pairwise(argv) if word == flag]
    given += [word.partition("=")[2] for word in argv if word.startswith(f"{flag}=")]
    wanted = _wanted(getattr(action, "_typehint", action.type))
    return f"{flag} {given[-1]}: give {wanted}" if given and wanted else None


def _wanted(kind: Any) -> str | None:
    """The values of a type, in words."""
    kind = without_none(kind)
    if get_args(kind) and all(isinstance(choice, str) for choice in get_args(kind)):
        return f"one of {', '.join(get_args(kind))}"
    bounds = {_SIGNS.get(compare.__name__): bound for compare, bound in getattr(kind, "_restrictions", ())}
    match bounds:
        case {">=": least, "<=": most}:
            return f"a number from {least} to {most}"
        case {">=": least}:
            return f"a number of at least {least}"
        case {">": least}:
            return f"a number above {least}"
    return {int: "a whole number", float: "a number"}.get(kind)


def without_none(hint: Any) -> Any:
    """``X | None`` -> ``X``: a flag that is not given is None, one that is given is no None, whatever it says."""
    if get_origin(hint) in (Union, UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not NoneType]
        return Union[tuple(kinds)]  # noqa: UP007 - made of a list
    return hint


def _name(action: Action | None, dest: str) -> str:
    """A setting as it stands in the help."""
    if action is None or not action.option_strings:
        return str(action.metavar or dest) if action else dest
    return action.option_strings[-1]


def _configs(argv: Sequence[str]) -> list[Path]:
    following = [Path(after) for word, after in pairwise(argv) if word == "--config"]
    return following + [Path(word.partition("=")[2]) for word in argv if word.startswith("--config=")]


def _place(path: Path, name: str) -> str | None:
    """``file:line`` of a key in a YAML file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    key = re.compile(rf"\s*{re.escape(name)}\s*:")
    return next((f"{path}:{number}" for number, line in enumerate(lines, 1) if key.match(line)), None)
