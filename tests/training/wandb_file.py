"""The records of an offline run of W&B: protocol buffers in the log format of LevelDB, after a header of 7 bytes."""

import json
import struct
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
    """The one run in a folder ``wandb``."""
    from wandb.proto.wandb_internal_pb2 import Record

    (path,) = folder.glob("offline-run-*/*.wandb")
    found = OfflineRun(None, [], [])
    for piece in _pieces(path.read_bytes()):
        record = Record()
        record.ParseFromString(piece)
        kind = record.WhichOneof("record_type")
        if kind == "run":
            found = found._replace(run=record.run)
        elif kind == "history":
            found.history.append(_nested(record.history.item))
        elif kind == "artifact":
            found.artifacts.append(record.artifact)
    return found


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
    while at < len(content):
        if _BLOCK - at % _BLOCK < 7:  # a header does not fit into the rest of the block
            at += _BLOCK - at % _BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", content[at : at + 7])
        piece += content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (_FULL, _LAST):
            yield piece
            piece = b""
