"""A folder that takes another's place: whoever looks meanwhile finds one of the two, whole."""

import sys
import threading
from pathlib import Path

import pytest

from saps.models import exchange
from saps.models.exchange import take_place


def made(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "file").write_text(text)
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges two folders in one step")
def test_there_is_one_at_every_moment(tmp_path: Path) -> None:
    folder, missing, is_over = made(tmp_path / "model", "0"), [], threading.Event()

    def look() -> None:
        while not is_over.is_set():
            if not (folder / "file").exists():
                missing.append(1)

    looking = threading.Thread(target=look)
    looking.start()
    for number in range(1, 300):
        take_place(made(tmp_path / f"fresh-{number}", str(number)), folder, tmp_path / f"old-{number}")
    is_over.set()
    looking.join()
    assert not missing
    assert (folder / "file").read_text() == "299"


@pytest.mark.parametrize("is_there", [False, True])
def test_two_steps_do_where_one_cannot(is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_exchanged", lambda *_: False)
    if is_there:
        made(tmp_path / "model", "old")
    take_place(made(tmp_path / "fresh", "new"), tmp_path / "model", tmp_path / "old")
    assert (tmp_path / "model" / "file").read_text() == "new"
    assert (tmp_path / "old").exists() == is_there
