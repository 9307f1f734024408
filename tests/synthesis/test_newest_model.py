"""The model that answers when none is named."""

import os
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.synthesis.newest_model import newest_model


def export(folder: Path, age: int) -> Path:
    """Something that looks like an exported model, that many seconds old."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    weights = folder / "model.safetensors"
    weights.write_bytes(b"")
    moment = weights.stat().st_mtime - age
    os.utime(weights, (moment, moment))
    return folder


def test_the_newest_export_wins_at_any_depth(tmp_path: Path) -> None:
    export(tmp_path / "old" / "model", 300)
    newest = export(tmp_path / "quickstart" / "run" / "model", 100)
    export(tmp_path / "shared", 200)
    assert newest_model(tmp_path) == newest


def test_what_is_not_whole_or_still_being_written_is_passed_over(tmp_path: Path) -> None:
    whole = export(tmp_path / "run" / "model", 300)
    (export(tmp_path / "broken", 200) / "config.json").unlink()
    export(tmp_path / "run" / ".model-x1" / "fresh", 100)
    gone = export(tmp_path / "moved", 50) / "model.safetensors"
    gone.unlink()
    gone.symlink_to(tmp_path / "elsewhere")
    assert newest_model(tmp_path) == whole


@pytest.mark.parametrize("exists", [True, False])
def test_no_model_at_all_names_the_way_to_one(tmp_path: Path, exists: bool) -> None:
    with pytest.raises(UserError, match=r"make quickstart`, or name one$"):
        newest_model(tmp_path if exists else tmp_path / "runs")
