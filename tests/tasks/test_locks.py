"""Locked files: the second to come waits or gives up, and never holds a file that is gone."""

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import pytest

from saps.tasks.locks import open_locked, wait_for


def test_who_finds_a_file_held_is_told_and_leaves_it_closed(tmp_path: Path) -> None:
    met: list[IO[Any]] = []

    def busy(file: IO[Any]) -> None:
        met.append(file)
        raise InterruptedError

    with open_locked(tmp_path / "lock", "a", busy):
        assert not met
        with pytest.raises(InterruptedError):
            open_locked(tmp_path / "lock", "a", busy)
    assert met[0].closed


def test_a_file_that_its_holder_removed_is_not_taken_for_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = open_locked(path, "a", lambda file: None)

    def removed_meanwhile(file: IO[Any]) -> None:
        path.unlink()
        holder.close()
        fcntl.flock(file, fcntl.LOCK_EX)

    with open_locked(path, "a", removed_meanwhile) as file:
        assert os.path.samestat(os.fstat(file.fileno()), path.stat())


def test_many_may_hold_and_remove_a_file_in_turn(tmp_path: Path) -> None:
    path, holders = tmp_path / "lock", list[int]()

    def hold_and_remove(worker: int) -> None:
        for _ in range(300):
            with open_locked(path, "a", wait_for):
                holders.append(worker)
                assert holders == [worker]
                holders.clear()
                path.unlink()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(hold_and_remove, range(4)))
    assert list(tmp_path.iterdir()) == []
