"""What the studies of trained models have in common: the tasks, and the models as lines by name, each with seeds."""

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from saps.cli.data.reading import records_to_skip, report_skipped
from saps.cli.own_system import admit_systems
from saps.errors import UserError
from saps.tasks.files import read_tasks
from saps.tasks.task import Task

if TYPE_CHECKING:
    from saps.synthesis.synthesizer import Synthesizer


def named_models(written: Iterable[str]) -> Mapping[str, list[Path]]:
    """``NAME=RUN`` or ``RUN``, called by the name of its folder; models that are given one NAME are seeds of one line.

    Raises:
        UserError: a name or a folder is empty, or a model stands twice or is called like another one though nobody has
            said so.
    """
    found: dict[str, list[Path]] = {}
    for text in written:
        name, equals, path = ("", "", text) if Path(text).exists() else text.partition("=")
        if not text or (equals and not (name.strip() and path.strip())):
            raise UserError(f"--model {text!r}: must be RUN or NAME=RUN, such as small=runs/small/run")
        folder = Path(path if equals else text)
        line = found.setdefault(name if equals else folder.resolve().name, [])
        if folder.resolve() in [other.resolve() for other in line]:
            raise UserError(f"--model {text}: stands twice; a model counts once in a line")
        if line and not equals:
            raise UserError(f"--model {text}: another model is called {folder.resolve().name} as well; write NAME=RUN")
        line.append(folder)
    return found


def models_as_json(written: Iterable[str]) -> dict[str, list[str]]:
    """The folders behind each line, for the JSON of a study."""
    return {name: [str(path) for path in paths] for name, paths in named_models(written).items()}


def read_first(data: Path, first: int | None, skip_bad: bool) -> list[Task]:
    """The first tasks of a file, or all; says on stderr how many bad records were left out.

    Raises:
        UserError: the file cannot be read, has a bad record, or holds no task.
    """
    skipped = records_to_skip(skip_bad)
    tasks = [*islice(read_tasks(data, skipped), first)]
    report_skipped(skipped)
    if not tasks:
        raise UserError(f"{data}: holds no task")
    return tasks


def load_lines(written: Iterable[str], systems: Iterable[str]) -> "dict[str, list[Synthesizer]]":
    """The models of all lines, read.

    Raises:
        UserError: a folder holds no whole model.
    """
    from saps.synthesis.synthesizer import Synthesizer  # torch is slow to import

    admit_systems([*systems])
    return {name: [Synthesizer.load(folder) for folder in paths] for name, paths in named_models(written).items()}
