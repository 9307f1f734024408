"""Models of studies: which of them are seeds of one line."""

from pathlib import Path

import pytest

from saps.cli.study.models import named_models
from saps.errors import UserError


def test_models_that_are_given_one_name_are_seeds_of_one_line() -> None:
    written = ["ours=runs/a/seed-1/run", "theirs=runs/b/seed-1/run", "ours=runs/a/seed-2/run", "data/model"]
    assert named_models(written) == {
        "ours": [Path("runs/a/seed-1/run"), Path("runs/a/seed-2/run")],
        "theirs": [Path("runs/b/seed-1/run")],
        "model": [Path("data/model")],
    }


def test_a_folder_whose_name_has_an_equals_sign_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "rate=0.1"
    folder.mkdir()
    assert named_models([str(folder)]) == {"rate=0.1": [folder]}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (["runs/a/seed-1/run", "runs/b/seed-1/run"], "another model is called run as well; write NAME=RUN"),
        (["ours=runs/a/run", "ours=runs/./a/run"], "stands twice; a model counts once in a line"),
    ],
)
def test_models_that_would_be_taken_for_what_they_are_not_are_refused(written: list[str], told: str) -> None:
    with pytest.raises(UserError, match=told):
        named_models(written)
