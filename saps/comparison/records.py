"""The JSON that the jobs of a comparison leave for each other."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saps.errors import UserError

IDENTITY = ("row", "seed", "budget", "train", "evaluate", "is_chosen_on_test", "files")
"""What ``job.json`` says at least."""


def read_record(path: Path, needed: Sequence[str] = ()) -> dict[str, Any]:
    """The object that a file of a job holds.

    Raises:
        UserError: it holds none, or one without the keys that are needed.
    """
    mend = "remove the folder of this job and run it again"
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); {mend}") from None
    except ValueError as error:
        raise UserError(f"{path}: not JSON ({error}); {mend}") from None
    if not isinstance(found, dict) or not found.keys() >= set(needed):
        raise UserError(f"{path}: is none of a comparison; {mend}")
    return found
