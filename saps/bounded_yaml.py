"""YAML within bounds: before a text becomes values, its events tell how many they are and how deep they nest.

An alias (``*name``) stands for all that its anchor (``&name``) has; nine lines of nine aliases each stand for hundreds
of millions of values, which whoever walks over them must visit one by one.
"""

from pathlib import Path
from typing import Any

import yaml

from saps.errors import UserError

MAX_VALUES = 100_000  # with aliases written out; a file of templates has a few thousand
MAX_DEPTH = 100
MAX_CHARACTERS = 1 << 22

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def check_yaml(text: str) -> None:
    """Checks that a text is YAML within the bounds, without making values of it.

    Raises:
        yaml.MarkedYAMLError: it is too long, deep or large, an alias stands within its own anchor, or it is no YAML.
    """
    if len(text) > MAX_CHARACTERS:
        raise yaml.MarkedYAMLError(problem=f"more than {MAX_CHARACTERS:,} characters, too many to read")
    sizes: dict[str, int] = {}  # values of each anchor that is complete, with aliases written out
    anchors: list[str | None] = []  # of the nodes that are open
    counts = [0]  # values in each of them so far
    for event in yaml.parse(text, Loader=_Parser):
        if isinstance(event, yaml.CollectionStartEvent):
            anchors.append(event.anchor)
            counts.append(0)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise _error(f"*{event.anchor} stands before the end of what it names", event)
            counts[-1] += sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionEndEvent):
            anchor, count = (
                (event.anchor, 1) if isinstance(event, yaml.ScalarEvent) else (anchors.pop(), counts.pop() + 1)
            )
            counts[-1] += count
            if anchor:
                sizes[anchor] = count
        if counts[-1] > MAX_VALUES:
            raise _error(f"more than {MAX_VALUES:,} values, those that aliases stand for included", event)
        if len(counts) > MAX_DEPTH:
            raise _error(f"nested deeper than {MAX_DEPTH} levels", event)


def _error(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def load_yaml(text: str) -> Any:
    """The values of a text, all of plain types.

    Raises:
        yaml.YAMLError: it is no YAML, or outside the bounds.
    """
    check_yaml(text)
    return yaml.safe_load(text)


def compose_yaml(path: Path) -> yaml.Node | None:
    """The nodes of a file, which know their lines; None for an empty one.

    Raises:
        UserError: ``file:line: ...``: the file cannot be read, is no YAML, or is outside the bounds.
    """
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MAX_CHARACTERS + 1)
        check_yaml(text)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8 text; save the file as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"{path}:{line}: not YAML: {error.problem}; mend the line or quote it") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
