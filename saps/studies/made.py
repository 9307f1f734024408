"""Files of tasks that a study makes once, and what they were made of."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from saps.errors import UserError
from saps.generator.switches import Switches
from saps.tasks.atomic import dump_json

MADE = "made.json"


def told(switches: Switches) -> dict[str, Any]:
    """The switches that are not as by default."""
    return {name: value for name, value in asdict(switches).items() if value != getattr(Switches(), name)}


def as_setting(switches: Switches) -> str:
    """Switches as the setting ``data.generated``, in a line of YAML; how many tests a task has is for files alone."""
    changed = {name: value for name, value in told(switches).items() if name != "tests"}
    return yaml.safe_dump(changed, default_flow_style=True, width=100_000).strip()


def check_made(folder: Path, made_of: Mapping[str, Any]) -> None:
    """Writes down what the files of a folder are made of, or compares with what was written there.

    Raises:
        UserError: they were made of something else, or the folder cannot be written.
    """
    path, wanted = folder / MADE, json.loads(json.dumps(made_of, default=str))
    if not path.exists():
        dump_json(path, wanted)
        return
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        differing = sorted(name for name in {*wanted, *written} if written.get(name) != wanted.get(name))
    except (OSError, ValueError, AttributeError, TypeError):
        raise UserError(f"{path}: cannot be read; name another --folder, or remove this study's") from None
    if differing:
        raise UserError(
            f"{folder}: its tasks were made with other {', '.join(differing)}; name another --folder, or remove this "
            f"study's"
        )


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
