"""Accuracy against the number of different tasks that a system learns from, with the same number of steps."""

from collections.abc import Sequence
from pathlib import Path

from saps.generator.production import write_parts
from saps.generator.streams import make_stream
from saps.generator.switches import Switches
from saps.studies.trained import Setting
from saps.tasks.excluded import read_all_excluded

FRESH = "fresh"
"""The setting without a file: every task is seen once."""


def settings_of(
    sizes: Sequence[int],
    seen: float,
    judges: Sequence[Path],
    excluded: Sequence[Path],
    switches: Switches,
    folder: Path,
) -> list[Setting]:
    """A setting for each size, whose file of tasks is made where it is not there; smaller ones begin larger ones.

    Args:
        sizes: numbers of different tasks.
        seen: how many tasks a training goes through: where the fresh tasks stand on the axis.
        judges: files of tasks, a panel for each.
        excluded: files whose programs are kept out, besides those of ``judges``.
        switches: of the generator.
        folder: of the study.

    Raises:
        UserError: a file cannot be read or written.
    """
    kept_out = read_all_excluded([*judges, *excluded])
    files = {size: folder / "tasks" / f"{size}.jsonl.gz" for size in sizes}
    for size, path in files.items():
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = make_stream(1, switches, exclude=kept_out)
            write_parts([(stream, {"all": size})], {"all": path})
    exclude = (("data.exclude", f"[{', '.join(map(str, [*judges, *excluded]))}]"),)
    found = [
        Setting(
            str(size),
            (("data.train", str(path)), ("data.generated", "null"), *exclude),
            {(judge.name, float(size)): judge for judge in judges},
        )
        for size, path in files.items()
    ]
    return [*found, Setting(FRESH, exclude, {(judge.name, seen): judge for judge in judges})]
