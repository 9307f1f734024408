"""The jobs of a comparison: commands that a user could type, with equal budgets."""

from pathlib import Path

import pytest

from saps.cli.train import make_parser
from saps.comparison.jobs import SearchConditions, parse_override
from saps.errors import UserError
from saps.models import registry
from saps.models.registry import admit
from saps.models.saps import SAPS
from tests.comparison import made
from tests.comparison.made import make_jobs, read_settings


def flags(words: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(words[1::2], words[2::2], strict=True))


def test_there_is_a_job_for_each_row_and_seed(tmp_path: Path) -> None:
    jobs = make_jobs(tmp_path, "one", "two", seeds=3)
    assert [(job.row, job.seed) for job in jobs] == [(row, seed) for row in ("one", "two") for seed in (1, 2, 3)]
    assert len({job.folder for job in jobs}) == 6
    assert [flags(job.train)["--seed"] for job in jobs[:3]] == ["1", "2", "3"]


def test_a_budget_of_time_is_the_same_for_all_rows(tmp_path: Path) -> None:
    for budget, written in (("10m", "600s"), ("0.5h-cpu", "1800s-cpu")):
        (job,) = make_jobs(tmp_path, "one", budget=budget)
        assert flags(job.train)["--trainer.max_time"] == written
        assert flags(job.train)["--trainer.patience"] == "0"


@pytest.mark.parametrize(
    ("budget", "steps", "every"), [("98steps", "100", "25"), ("800tasks", "52", "13"), ("25steps", "26", "13")]
)
def test_a_budget_of_steps_or_tasks_ends_with_a_validation(budget: str, steps: str, every: str, tmp_path: Path) -> None:
    """The row takes 2 batches of 8 tasks a step, and is validated 4 times where ten steps lie between two of them."""
    (job,) = make_jobs(tmp_path, "one", budget=budget)
    assert flags(job.train)["--trainer.max_steps"] == steps
    assert flags(job.train)["--trainer.validate_every"] == every


def test_nothing_is_learned_from_what_is_judged(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path, "one", test=Path("held_out.jsonl"))
    assert flags(job.train)["--data.exclude+"] == flags(job.evaluate)["--data"] == "held_out.jsonl"
    assert not job.is_chosen_on_test
    (job,) = make_jobs(tmp_path, "one", test=None)
    assert "--data.exclude+" not in job.train
    assert flags(job.evaluate)["--data"] == "validation.jsonl"
    assert job.is_chosen_on_test


def test_the_training_command_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("data: {train: a, validation: b, exclude: [c]}\nmodel: saps.models.SAPS\n")
    (job,) = make_jobs(tmp_path, str(tmp_path / "one"), test=Path("held_out.jsonl"))
    config = make_parser().parse_args(list(job.train[1:]))
    assert [str(path) for path in config.data.exclude] == ["c", "held_out.jsonl"]
    assert str(config.data.train) == "mine.jsonl"
    assert config.trainer.max_time == "600s"
    assert config.run == job.run


def test_two_rows_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="one: 2 of the rows have this name"):
        make_jobs(tmp_path, "here/one", "there/one")


@pytest.mark.parametrize("text", ["data.train", "=x", "--data.train=x", ""])
def test_an_override_needs_a_name_and_a_value(text: str) -> None:
    with pytest.raises(UserError, match="must be NAME=VALUE"):
        parse_override(text)
    assert parse_override("data.b=c=d") == ("data.b", "c=d")


def test_a_row_starts_from_the_row_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "autoencoder.yaml").touch()
    jobs = make_jobs(tmp_path / "runs", str(tmp_path / "started"), seeds=2, budget="400steps")
    assert [job.needs.row for job in jobs if job.needs] == ["autoencoder", "autoencoder"]
    for job in jobs:
        assert job.needs
        assert job.needs.seed == job.seed
        assert flags(job.train)["--pretrained.model"] == str(job.needs.run)
        assert flags(job.train)["--pretrained.frozen_steps"] == "40"  # of 400 steps, as 100 are of 1000
    (alone,) = make_jobs(tmp_path / "runs", str(tmp_path / "autoencoder"), budget="400steps")
    assert alone == jobs[0].needs


def test_a_row_whose_start_is_not_among_the_files_takes_what_it_names(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path / "runs", str(tmp_path / "started"))
    assert job.needs is None
    assert "--pretrained.model" not in job.train


def test_what_answers_no_sentence_is_not_asked(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path, "autoencoder")
    assert job.evaluate == ()


def test_the_commands_name_the_class_of_a_system_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user may type them again; without --system, evaluate would refuse the model."""
    monkeypatch.setattr(registry, "_own", {})
    name = admit(type("Mine", (SAPS,), {"__module__": "my_system"}))
    monkeypatch.setattr(made, "read_settings", lambda words: read_settings(words)._replace(system=name))
    (job,) = make_jobs(tmp_path, "mine", search=SearchConditions(10))
    assert flags(job.evaluate)["--system"] == "my_system.Mine"
    assert "--system my_system.Mine" in " ".join(job.search)
    monkeypatch.undo()
    (job,) = make_jobs(tmp_path, "one")
    assert "--system" not in job.evaluate
