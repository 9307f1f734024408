"""The records of an offline run of W&B: protocol buffers in the log format of LevelDB, after a header of 7 bytes."""

import json
import struct
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

_BLOCK = 32 * 1024
_FULL, _LAST = 1, 4


class OfflineRun(NamedTuple):
    """What an offline run holds."""

    run: Any  # the last record about the run itself: its id, name, group, job type, tags
    history: list[dict[str, Any]]
    artifacts: list[Any]

    def values(self, name: str) -> dict[int, Any]:
        """A metric by the steps done."""
        return {row["trainer/global_step"] + 1: row[name] for row in self.history if name in row}


def read_offline(folder: Path) -> OfflineRun:
    """The one run in a folder ``wandb``, once W&B's own process has written all of it."""
    (path,) = folder.glob("offline-run-*/*.wandb")
    deadline = time.monotonic() + 20
    records = _records(path)
    while not any(record.HasField("exit") for record in records):
        assert time.monotonic() < deadline, f"{path} has no end"
        time.sleep(0.1)
        records = _records(path)
    return OfflineRun(
        run=[record.run for record in records if record.HasField("run")][-1],
        history=[_nested(record.history.item) for record in records if record.HasField("history")],
        artifacts=[record.artifact for record in records if record.HasField("artifact")],
    )


def _records(path: Path) -> list[Any]:
    from wandb.proto.wandb_internal_pb2 import Record

    return [Record.FromString(piece) for piece in _pieces(path.read_bytes())]


def _nested(items: Iterable[Any]) -> dict[str, Any]:
    """What was logged together; values that are records stand in the file as one item a field."""
    row: dict[str, Any] = {}
    for item in items:
        *outer, last = item.nested_key or [item.key]
        place = row
        for name in outer:
            place = place.setdefault(name, {})
        place[last] = json.loads(item.value_json)
    return row


def _pieces(content: bytes) -> Iterator[bytes]:
    assert content[:4] == b":W&B"
    at, piece = 7, b""
    while at + 7 <= len(content):
        if _BLOCK - at % _BLOCK < 7:  # a header does not fit into the rest of the block
            at += _BLOCK - at % _BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", content[at : at + 7])
        if at + 7 + length > len(content):  # the rest is still being written
            return
        piece += content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (_FULL, _LAST):
            yield piece
            piece = b""
