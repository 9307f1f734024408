"""Writing a file so that readers see the old one or the whole new one, never a part."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from saps.errors import UserError


@contextmanager
def atomic_writer(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the place of ``path`` when the block ends well, and leaves no trace when it does not.

    Missing folders on the way are made.

    Raises:
        UserError: the place cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from None
    finally:
        with suppress(OSError):
            beside.unlink()


def dump_json(path: Path, content: Any) -> None:
    """Writes plain values as JSON, the whole file or nothing.

    Raises:
        UserError: the place cannot be written.
    """
    with atomic_writer(path) as file:
        file.write(json.dumps(content, indent=2).encode("ascii") + b"\n")
