"""What a comparison will take, in a line."""

from pathlib import Path

import pytest

from saps.comparison.estimate import in_words, what_it_takes
from saps.training.budget import parse_budget
from tests.comparison.made import make_jobs


@pytest.mark.parametrize(
    ("seconds", "words"), [(50.0, "50 s"), (120.0, "2 min"), (3600.0, "1 h 0 min"), (21_900.0, "6 h 5 min")]
)
def test_a_time_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("budget", "told"),
    [
        ("10m", "6 trainings of 10m to do, 0 done before: about 1 h 0 min, one after another"),
        ("10m-cpu", "6 trainings of 10m-cpu to do, 0 done before: about 1 h 0 min of the processor, one after another"),
        ("500steps", "6 trainings of 500steps to do, 0 done before, one after another"),
    ],
)
def test_trainings_and_their_time(budget: str, told: str, tmp_path: Path) -> None:
    jobs = make_jobs(tmp_path, "one", "two", seeds=3, budget=budget)
    assert what_it_takes(jobs, parse_budget(budget, "--budget"), budget).startswith(told)


def test_what_rows_start_from_is_trained_too(tmp_path: Path) -> None:
    (tmp_path / "autoencoder.yaml").touch()
    jobs = make_jobs(tmp_path / "runs", str(tmp_path / "started"), budget="10m")
    assert what_it_takes(jobs, parse_budget("10m", "--budget"), "10m").startswith("2 trainings of 10m to do")
