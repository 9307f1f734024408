"""Accuracy against the number of different tasks that a system learns from, with the same number of steps."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from saps.generator.manifest import sha256_of_hashes, templates_sha256
from saps.generator.production import write_parts
from saps.generator.streams import make_stream
from saps.generator.switches import Switches
from saps.studies.made import as_setting, check_made, check_there, compare_made, told
from saps.studies.trained import Setting
from saps.tasks.excluded import read_all_excluded

FRESH = "fresh"
"""The setting without a file: every task is drawn anew, as those of the files were."""


def settings_of(
    sizes: Sequence[int],
    fresh_at: float,
    judges: Sequence[Path],
    excluded: Sequence[Path],
    switches: Switches,
    folder: Path,
    is_made: bool = False,
) -> list[Setting]:
    """A setting for each size, whose file of tasks is made where it is not there; smaller ones begin larger ones.

    Args:
        sizes: numbers of different tasks.
        fresh_at: where the fresh tasks stand on the axis.
        judges: files of tasks, a panel for each.
        excluded: files whose programs are kept out, besides those of ``judges``.
        switches: of the generator.
        folder: of the study.
        is_made: whether the files must be there.

    Raises:
        UserError: a file cannot be read or written, is not there, or was made of something else.
    """
    kept_out = [*judges, *excluded]
    files = {size: folder / "tasks" / f"{size}.jsonl.gz" for size in sizes}
    _make_or_check(files, folder / "tasks", switches, read_all_excluded(kept_out), is_made)
    exclude = (("data.exclude+", f"[{', '.join(map(str, kept_out))}]"),)
    fresh = (("data.train", "null"), ("data.generated", as_setting(switches)))
    found = [
        Setting(
            str(size),
            (("data.train", str(path)), ("data.generated", "null"), *exclude),
            {(judge.name, float(size)): judge for judge in judges},
        )
        for size, path in files.items()
    ]
    return [*found, Setting(FRESH, (*fresh, *exclude), {(judge.name, fresh_at): judge for judge in judges})]


def _make_or_check(
    files: Mapping[int, Path], folder: Path, switches: Switches, hashes: Collection[str], is_made: bool
) -> None:
    """Writes the files that are not there yet, all of them beginnings of one stream, or checks that all are there."""
    made_of = {"switches": told(switches), "programs kept out": sha256_of_hashes(hashes)}
    if is_made:
        check_there(files.values())
        compare_made(folder, made_of)
        return
    stream = make_stream(1, switches, exclude=hashes)
    check_made(folder, {**made_of, "templates": templates_sha256(switches)})
    for size, path in files.items():
        if not path.exists():
            write_parts([(stream, {"all": size})], {"all": path})
