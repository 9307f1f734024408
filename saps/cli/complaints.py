"""What jsonargparse says at length, in one line: what is wrong, in which file and line, and what was perhaps meant."""

import difflib
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

_NOISE = re.compile(r"Does not validate|Subtypes|Errors:|Expected a <class 'NoneType'>|Given value")
_UNKNOWN = re.compile(r"(?:[Oo]ption '|unrecognized arguments: --)([\w.]+)")


def one_line(error: Exception) -> str:
    """The lines of a message that tell something, joined."""
    lines = (line.strip(" -\t") for line in str(error).splitlines())
    text = " ".join(line for line in lines if line and not _NOISE.match(line))
    text = text.replace("Parser key ", "").replace("Problem with given class_path ", "")
    return re.sub(r"<class '(\w+)'>", r"\1", text)


def complaint(error: Exception, argv: Sequence[str], known: Iterable[str]) -> str:
    """One line for a user.

    Args:
        error: what the parser raised.
        argv: the words of the command line, among which are the configuration files.
        known: the names of all settings.
    """
    text = one_line(error)
    for path in _configs(argv):
        text = text.replace('in "<unicode string>", line ', f"{path}:")
    unknown = _UNKNOWN.search(text)
    if not unknown:
        return text
    name = unknown[1].rpartition(".")[2]
    near = difflib.get_close_matches(name, {setting.rpartition(".")[2] for setting in known}, n=2)
    hint = f"; perhaps {' or '.join(near)}" if near else "; 'saps train --help' lists the settings"
    places = [place for path in _configs(argv) if (place := _place(path, name))]
    return f"{places[0]}: {text}{hint}" if places and f"{name} " not in " ".join(argv) + " " else text + hint


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
