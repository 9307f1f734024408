"""Checksums of files: sha256, and the id that git gives a file's content."""

import hashlib
from pathlib import Path

_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """The sha256 of a file's content in hex."""
    return _digest(path, hashlib.sha256())


def git_blob_of(path: Path) -> str:
    """The id that ``git hash-object`` prints: the sha1 of the content after a header with its length."""
    header = f"blob {path.stat().st_size}\0".encode("ascii")
    return _digest(path, hashlib.sha1(header, usedforsecurity=False))


def _digest(path: Path, state: "hashlib._Hash") -> str:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            state.update(chunk)
    return state.hexdigest()
