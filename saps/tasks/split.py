"""Dividing a file of tasks so that no program stands on both sides."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from saps import __version__
from saps.errors import UserError
from saps.tasks.atomic import check_outputs, dump_json
from saps.tasks.checksums import sha256_of
from saps.tasks.files import read_tasks, refuse_pipe, task_writer
from saps.tasks.hashes import program_hash
from saps.tasks.skipped import SkippedRecords
from saps.tasks.task import Task

MANIFEST = "split.json"
_TOLERANCE = 1e-6  # shares such as 0.1 + 0.2 + 0.7 miss 1 by a rounding
PART_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One side of a division: its file and what is in it."""

    name: str
    share: float
    """The share of the tasks that was asked for."""
    file: str
    """Name of the file, in the folder of the manifest."""
    tasks: int
    programs: int
    """Number of distinct programs."""
    sha256: str


def parse_parts(written: list[str]) -> dict[str, float]:
    """The shares of ``["train=0.9", "dev=0.1"]``.

    Raises:
        UserError: a part is written otherwise, stands twice, or the shares do not add up to 1.
    """
    shares: dict[str, float] = {}
    for part in written:
        name, _, share = part.partition("=")
        if not PART_NAME.fullmatch(name) or name in shares:
            raise UserError(f"part {part!r} needs a name of its own and a share; write train=0.9 dev=0.1", "parts")
        try:
            shares[name] = float(share)
        except ValueError:
            raise UserError(f"part {part!r} needs a share between 0 and 1; write train=0.9 dev=0.1", "parts") from None
        if not 0 < shares[name] <= 1:
            raise UserError(f"the share of {name} is {share}; it must be above 0 and at most 1", "parts")
    if abs(sum(shares.values()) - 1) > _TOLERANCE:
        raise UserError(f"the shares add up to {sum(shares.values()):.6g}; they must add up to 1", "parts")
    return shares


def assign_programs(tasks_of: Mapping[str, int], shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """The part of each program: hash -> name.

    The programs are shuffled; then the parts, smallest share first, are filled in that order, each up to its share of
    the tasks. A program with more texts than a part has room for is passed over, and what is left goes to the largest
    part. The order depends on seed and hashes alone, so the same programs are divided alike in whatever file order.
    """
    shuffled = sorted(tasks_of, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())
    total, part_of = sum(tasks_of.values()), {}
    *smaller, largest = sorted(shares, key=lambda part: shares[part])
    for part in smaller:
        room, left = round(total * shares[part]), []
        for program in shuffled:
            if tasks_of[program] <= room:
                part_of[program] = part
                room -= tasks_of[program]
            else:
                left.append(program)
        shuffled = left
    part_of.update(dict.fromkeys(shuffled, largest))
    return part_of


def split_file(
    source: Path, shares: Mapping[str, float], seed: int, folder: Path, skipped: SkippedRecords | None = None
) -> list[SplitPart]:
    """Divides ``source`` into ``folder/NAME.jsonl`` (``.jsonl.gz`` where the source is packed) and a manifest.

    Tasks keep the order of the source. The source is read twice instead of being held in memory. With
    ``skipped`` bad records are left out and counted there, as ``read_tasks`` does.

    Raises:
        UserError: the source is no file of tasks, or a pipe, or it has too few programs to give every part one.
    """
    refuse_pipe(source)
    check_outputs([("output_folder", folder / MANIFEST)], [source])
    hashes = [program_hash(task.program) for task in read_tasks(source, skipped)]
    part_of = assign_programs(Counter(hashes), shares, seed)
    for part in shares:
        if part not in part_of.values():
            raise UserError(
                f"{source}: {len(hashes)} tasks of {len(part_of)} programs leave nothing for {part}={shares[part]:g}; "
                "give it a larger share or use a larger file"
            )
    again = None if skipped is None else SkippedRecords()  # the second reading meets the same bad records
    _write_parts(read_tasks(source, again), source, [part_of[program] for program in hashes], folder)
    tasks, programs = Counter(part_of[program] for program in hashes), Counter(part_of.values())
    parts = [
        SplitPart(
            name, share, _file(source, name), tasks[name], programs[name], sha256_of(folder / _file(source, name))
        )
        for name, share in shares.items()
    ]
    _write_manifest(source, seed, parts, folder)
    return parts


def _file(source: Path, part: str) -> str:
    return f"{part}.jsonl.gz" if source.suffix == ".gz" else f"{part}.jsonl"


def _write_parts(tasks: Iterable[Task], source: Path, part_of_task: list[str], folder: Path) -> None:
    """Writes each task of the source, in order, to the file of its part."""
    targets = {part: folder / _file(source, part) for part in part_of_task}
    for target in targets.values():
        if target.resolve() == source.resolve():
            raise UserError(f"{target} is the file to divide itself; choose another folder", "output_folder")
    with ExitStack() as stack:
        writers = {part: stack.enter_context(task_writer(target)) for part, target in targets.items()}
        for part, task in zip(part_of_task, tasks, strict=True):
            writers[part](task)


def _write_manifest(source: Path, seed: int, parts: list[SplitPart], folder: Path) -> None:
    manifest = {
        "saps": __version__,
        "source": source.name,
        "source_sha256": sha256_of(source),
        "seed": seed,
        "parts": [asdict(part) for part in parts],
    }
    dump_json(folder / MANIFEST, manifest)
