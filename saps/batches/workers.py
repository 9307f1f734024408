"""Processes that prepare batches: none outlives the training that started it."""

import os
import threading
import time
from typing import Any


def worker_settings(workers: int) -> dict[str, Any]:
    """What a ``DataLoader`` is told of its processes; they are forked, so that they share the data and copy none."""
    context = "fork" if workers else None
    return {"num_workers": workers, "worker_init_fn": _end_with_parent, "multiprocessing_context": context}


def _end_with_parent(worker: int) -> None:
    """A ``worker_init_fn``: ends this process within about a second of the one that started it.

    A training that is killed cannot tell its workers, and each of these would wait for ever for the others to read
    what it has prepared.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
