"""Accuracy against the number of different tasks that a system learns from, with the same number of steps."""

from collections.abc import Sequence
from pathlib import Path

from saps.generator.production import write_parts
from saps.generator.streams import make_stream
from saps.generator.switches import Switches
from saps.studies.made import as_setting, check_made, check_there, digest, told
from saps.studies.trained import Setting
from saps.tasks.excluded import read_all_excluded

FRESH = "fresh"
"""The setting without a file: every task is drawn anew, as those of the files were."""


def settings_of(
    sizes: Sequence[int],
    seen: float,
    judges: Sequence[Path],
    excluded: Sequence[Path],
    switches: Switches,
    folder: Path,
    is_made: bool = False,
) -> list[Setting]:
    """A setting for each size, whose file of tasks is made where it is not there; smaller ones begin larger ones.

    Args:
        sizes: numbers of different tasks.
        seen: how many tasks a training goes through: where the fresh tasks stand on the axis.
        judges: files of tasks, a panel for each.
        excluded: files whose programs are kept out, besides those of ``judges``.
        switches: of the generator.
        folder: of the study.
        is_made: whether the files must be there.

    Raises:
        UserError: a file cannot be read or written, is not there, or was made of something else.
    """
    kept_out = read_all_excluded([*judges, *excluded])
    files = {size: folder / "tasks" / f"{size}.jsonl.gz" for size in sizes}
    if not is_made:
        check_made(folder / "tasks", {"switches": told(switches), "programs kept out": digest(kept_out)})
    for size, path in files.items():
        if is_made:
            check_there(path)
        elif not path.exists():
            stream = make_stream(1, switches, exclude=kept_out)
            write_parts([(stream, {"all": size})], {"all": path})
    exclude = (("data.exclude+", f"[{', '.join(map(str, [*judges, *excluded]))}]"),)
    fresh = (("data.train", "null"), ("data.generated", as_setting(switches)))
    found = [
        Setting(
            str(size),
            (("data.train", str(path)), ("data.generated", "null"), *exclude),
            {(judge.name, float(size)): judge for judge in judges},
        )
        for size, path in files.items()
    ]
    return [*found, Setting(FRESH, (*fresh, *exclude), {(judge.name, seen): judge for judge in judges})]
