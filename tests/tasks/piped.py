"""A pipe as the shell makes it for ``<(cat FILE)``: it can be read once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def piped(content: bytes) -> Iterator[Path]:
    """The name of a pipe that holds a little content, all of which must fit into it."""
    read, write = os.pipe()
    try:
        with os.fdopen(write, "wb") as file:
            file.write(content)
        yield Path(f"/dev/fd/{read}")
    finally:
        os.close(read)
