"""The folder of a study: whose it is, and what the files of tasks in it were made of."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from saps.errors import UserError
from saps.generator.switches import Switches
from saps.tasks.atomic import dump_json

JSON, MADE = "study.json", "made.json"
_ANOTHER = "name another --folder, or remove this study's"
_LEFT_BEHIND = {
    "tasks/made.json": "saps study data",
    "tasks/*/made.json": "saps study compositional",
    "comparison.json": "saps compare",
    "*/seed-*/job.json": "saps compare",
}
"""What stands in a folder from the first training on, and the command that writes it."""


def check_folder(folder: Path, study: str) -> None:
    """Checks that a folder is a new one, or of the same study.

    Args:
        folder: where the study is to go.
        study: its name, as in ``saps study NAME``.

    Raises:
        UserError: another study or a comparison has written there.
    """
    others = {command for pattern, command in _LEFT_BEHIND.items() if any(folder.glob(pattern))}
    others |= _told_of(folder / JSON)
    others -= {f"saps study {study}"}
    if others:
        raise UserError(f"--folder {folder}: is that of '{min(others)}'; name another --folder")


def _told_of(path: Path) -> set[str]:
    """The command that wrote a ``study.json``; none where it is not there or does not say."""
    try:
        return {f"saps study {json.loads(path.read_text(encoding='utf-8'))['study']}"}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def told(switches: Switches) -> dict[str, Any]:
    """The switches that are not as by default."""
    return {name: value for name, value in asdict(switches).items() if value != getattr(Switches(), name)}


def as_setting(switches: Switches) -> str:
    """Switches as the setting ``data.generated``, in a line of YAML; how many tests a task has is for files alone."""
    changed = {name: value for name, value in told(switches).items() if name != "tests"}
    return yaml.safe_dump(changed, default_flow_style=True, width=100_000).strip()


def check_made(folder: Path, made_of: Mapping[str, Any]) -> None:
    """Writes down what the files of a folder are to be made of, or compares with what was written of those there.

    Raises:
        UserError: they were made of something else, or the folder cannot be written.
    """
    if not any(folder.glob("*.jsonl.gz")):
        dump_json(folder / MADE, json.loads(json.dumps(made_of, default=str)))
    else:
        compare_made(folder, made_of)


def compare_made(folder: Path, made_of: Mapping[str, Any]) -> None:
    """Compares with what was written of the files that are there.

    Raises:
        UserError: they were made of something else.
    """
    path, wanted = folder / MADE, json.loads(json.dumps(made_of, default=str))
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        differing = sorted(name for name in wanted if written.get(name) != wanted[name])
    except (OSError, ValueError, AttributeError, TypeError):
        raise UserError(f"{path}: cannot be read; {_ANOTHER}") from None
    if differing:
        raise UserError(f"{folder}: its tasks were made with other {', '.join(differing)}; {_ANOTHER}")


def check_there(paths: Iterable[Path]) -> None:
    """Checks that files are there where a study is only told of.

    Raises:
        UserError: one is not.
    """
    for path in paths:
        if not path.is_file():
            raise UserError(
                f"{path}: no such file; --table tells of what was trained, and nothing was in this --folder"
            )
