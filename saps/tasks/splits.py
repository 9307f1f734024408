"""The published splits, as `data/splits.toml` lists them: addresses and checksums."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saps.errors import UserError
from saps.resources import resource
from saps.tasks.checksums import git_blob_of, sha256_of


@dataclass(frozen=True, slots=True)
class Split:
    """One published file of tasks."""

    name: str
    file: str
    tasks: int
    """Number of tasks in it."""
    addresses: tuple[str, ...]
    """Where it can be had, in the order to try."""
    size: int | None = None
    """Bytes of the packed file, where known."""
    sha256: str | None = None
    git_blob: str | None = None
    """The id of the content in git (``git hash-object FILE``), for files published without a sha256."""
    check_content: Callable[[Path], None] | None = None
    """For files published without a checksum: raises UserError where the content is not what it must be."""

    @property
    def has_checksum(self) -> bool:
        """Whether the file is known to the byte."""
        return self.sha256 is not None or self.git_blob is not None

    @property
    def proof(self) -> str:
        """What tells the right file from another one, in a word."""
        return "checksum" if self.has_checksum else "content"


def read_splits(path: Path | None = None) -> dict[str, Split]:
    """The splits by name; without a path those that ship with the package."""
    source = path or resource("data/splits.toml")
    with source.open("rb") as file:
        table: dict[str, dict[str, Any]] = tomllib.load(file)
    return {name: _split(name, row) for name, row in table.items()}


def _split(name: str, row: dict[str, Any]) -> Split:
    return Split(
        name=name,
        file=row["file"],
        tasks=row["tasks"],
        addresses=tuple(row["addresses"]),
        size=row.get("bytes"),
        sha256=row.get("sha256"),
        git_blob=row.get("git_blob"),
    )


def verify(split: Split, path: Path) -> None:
    """Holds a file against what is known of the split.

    Raises:
        UserError: the file is another one; says what was expected and what was found.
    """
    size = path.stat().st_size
    if split.size is not None and size != split.size:
        raise UserError(f"{path}: {size} bytes, but the published {split.file} has {split.size}")
    for kind, expected, digest in (("sha256", split.sha256, sha256_of), ("git blob id", split.git_blob, git_blob_of)):
        if expected is not None and (found := digest(path)) != expected:
            raise UserError(f"{path}: its {kind} is {found}, but the published {split.file} has {expected}")
    if split.check_content is not None:
        split.check_content(path)
