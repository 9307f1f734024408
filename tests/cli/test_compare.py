"""`saps compare` as a user types it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from saps.cli import main
from saps.generator import generate
from saps.tasks.files import write_tasks
from saps.tasks.locks import open_locked
from tests.training.made import SIZES, write_data

SIZE_LINES = ", ".join(f"{name}: {value}" for name, value in SIZES.items() if name != "optimizer")


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two configurations, the second of which cannot be judged, beside their data in the current folder."""
    write_data(tmp_path, train=24, validation=6)
    write_tasks(tmp_path / "test.jsonl", generate(6, seed=5))
    files = "data: {train: train.jsonl, validation: validation.jsonl, batch_size: 8}"
    for name in ("small", "saps_vh"):
        model = f"model: {{class_path: saps.models.SAPS, init_args: {{{SIZE_LINES}}}}}"
        (tmp_path / f"{name}.yaml").write_text(f"{files}\n{model}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "disabled")
    monkeypatch.setattr("saps.cli.compare.as_process", in_this_process)
    return tmp_path


def in_this_process(words: Sequence[str], log: Path, lock: int) -> int:
    if "saps_vh" in str(log) and words[0] == "evaluate":
        log.write_text("saps: error: the disk is full\n")
        return 2
    return main([*words, *(["--workers", "0"] if words[0] == "evaluate" else [])])


def test_rows_are_trained_judged_and_tabled(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rows / "RESULTS.md").write_text("# Results\n")
    words = ["compare", "small.yaml", "saps_vh.yaml", "--seeds", "1", "--folder", "here", "--test", "test.jsonl"]
    assert main([*words, "--budget", "5steps", "--set", "trainer.validations=1", "--output", "RESULTS.md"]) == 1
    text = (rows / "RESULTS.md").read_text()
    assert text.startswith("# Results\n\n<!-- saps compare: begin -->\n## Side by side\n")
    assert "| small | " in text
    assert "- SAPS VH, seed 1: exit code 2: saps: error: the disk is full." in text
    assert "tasks, 5 steps a seed, and was judged on the 6 tasks of test.jsonl" in text
    found = json.loads((rows / "here" / "comparison.json").read_text())
    assert found["rows"][0]["trainings"][0]["steps"] == 5
    capsys.readouterr()
    assert main(["compare", "small.yaml", "--seeds", "1", "--folder", "here", "--table"]) == 0
    assert "tasks, 5 steps a seed" in capsys.readouterr().out


def test_pages_show_every_row_and_pairs_of_them(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("first", "second"):
        (rows / f"{name}.yaml").write_text((rows / "small.yaml").read_text())
    words = ["compare", "first.yaml", "second.yaml", "--seeds", "1", "--folder", "here", "--test", "test.jsonl"]
    assert main([*words, "--budget", "1steps", "--report", "pages/all.html"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 trainings of 1steps to do, 0 done before")
    page = (rows / "pages" / "all.html").read_text()
    assert '<a href="../here/first/seed-1/page.html">first</a>' in page
    assert "+0.00 points" in page
    assert "0 and 0 of 6" in page
    assert (rows / "here" / "first" / "seed-1" / "page.html").exists()
    assert "Against page.jsonl" in (rows / "here" / "second" / "seed-1" / "page.html").read_text()


def test_search_is_added_to_what_is_done(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", "small.yaml", "--seeds", "1", "--folder", "here", "--test", "test.jsonl", "--budget", "1steps"]
    words += ["--set", "trainer.validations=1"]
    assert main(words) == 0
    assert main([*words, "--search", "3", "--search-tasks", "2", "--plot", "curves.svg"]) == 0
    assert "by the other tests of 2 tasks" in capsys.readouterr().out
    assert "<svg" in (rows / "curves.svg").read_text()
    found = json.loads((rows / "here" / "comparison.json").read_text())
    assert len(found["rows"][0]["search"][0]["visited"]) == 3


def test_a_table_notes_what_was_made_otherwise_than_its_flags_say(
    rows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = ["--budget", "1steps", "--test", "test.jsonl"]
    made += ["--set", "trainer.validations=1", "--set", "trainer.threads=1"]
    common = ["compare", "small.yaml", "--seeds", "1", "--folder", "here"]
    assert main([*common, *made]) == 0
    capsys.readouterr()

    def notes(*flags: str) -> list[str]:
        assert main([*common, *flags, "--table"]) == 0
        lines = capsys.readouterr().out.splitlines()
        begin = "- small, seed 1: made otherwise than the flags say: "
        return [line.removeprefix(begin) for line in lines if line.startswith(begin)]

    assert notes() == notes(*made) == []
    assert notes("--budget=2steps") == ["its budget was 1 step."]
    settings = ["--set", "trainer.validations=2", "--set", "trainer.log_every=5"]
    wanted = ["trainer.log_every was not set.", "trainer.threads was 1.", "trainer.validations was 1."]
    assert notes(*settings) == wanted
    assert notes("--test", "validation.jsonl") == ["it was judged on test.jsonl."]
    (rows / "small.yaml").write_text((rows / "small.yaml").read_text() + "seed: 2\n")
    assert notes() == ["small.yaml had another content."]


def test_a_table_of_nothing_leaves_an_earlier_one(rows: Path) -> None:
    (rows / "RESULTS.md").write_text("# Results\n")
    (rows / "here").mkdir()
    words = ["compare", "small.yaml", "--seeds", "1", "--folder", "here", "--table", "--output", "RESULTS.md"]
    assert main(words) == 1
    assert (rows / "RESULTS.md").read_text() == "# Results\n"


def test_a_job_that_runs_elsewhere_is_not_sent_again(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = rows / "here" / "small" / "seed-1"
    folder.mkdir(parents=True)
    words = ["compare", "small.yaml", "--seeds", "1", "--folder", "here", "--budget", "1steps", "--launcher", "local"]
    with open_locked(folder / "lock", "w", lambda _: None):
        assert main(words) == 0
    said = capsys.readouterr().out
    assert "small seed 1: another process is at it; not sent again" in said
    assert "job " not in said


def test_one_job_writes_no_table(rows: Path) -> None:
    words = ["compare", "small.yaml", "saps_vh.yaml", "--seeds", "3", "--folder", "here", "--only", "small"]
    assert main([*words, "--seed", "3", "--budget", "1steps", "--set", "trainer.validations=1"]) == 0
    assert [path.name for path in (rows / "here").iterdir()] == ["small"]
    assert [path.name for path in (rows / "here" / "small").iterdir()] == ["seed-3"]


def test_bad_records_may_be_left_out_of_everything(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("train", "validation", "test"):
        with (rows / f"{name}.jsonl").open("a") as file:
            file.write("{}\n")
    words = ["compare", "small.yaml", "--seeds", "1", "--folder", "here", "--test", "test.jsonl", "--budget", "1steps"]
    words += ["--set", "trainer.validations=1"]
    assert main(words) == 2
    assert "test.jsonl:7: the record lacks" in capsys.readouterr().err
    assert not (rows / "here").exists()
    assert main([*words, "--skip-bad"]) == 0
    assert "left out 1 bad records; the first: test.jsonl:7: " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["train", "validation", "test"])
def test_bad_files_of_a_later_row_are_told_before_anything_is_trained(
    name: str, rows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tasks(rows / "broken.jsonl", generate(2, seed=6))
    with (rows / "broken.jsonl").open("a") as file:
        file.write("{}\n")
    config = (rows / "small.yaml").read_text().replace(f"{name}.jsonl", "broken.jsonl")
    (rows / "later.yaml").write_text(config)
    test = ["--test", "broken.jsonl"] if name == "test" else []
    assert main(["compare", "small.yaml", "later.yaml", *test, "--folder", "here"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("saps: error: broken.jsonl:3: the record lacks")
    assert error.count("\n") == 1
    assert not (rows / "here").exists()


MISTAKES = {
    "a budget that is none": (["small.yaml", "--budget", "long"], "--budget long: is no budget"),
    "a setting that is none": (["small.yaml", "--set", "data.trian=x"], "trian"),
    "a setting without a value": (["small.yaml", "--set", "data.train"], "--set data.train: must be NAME=VALUE"),
    "what is no setting": (["small.yaml", "--set", "launcher=slurm"], "launcher is no setting of a training"),
    "a seed of all": (["small.yaml", "--set", "seed=4"], "--seeds says how many"),
    "a file that is not there": (["none.yaml"], "none.yaml: no such file"),
    "no image": (["small.yaml", "--plot", "plot.bmp"], "plot.bmp: is no image; let its name end in .png"),
    "a table of nothing": (["small.yaml", "--table"], "--folder here: no such folder"),
    "a test that is not there": (["small.yaml", "--test", "none.jsonl"], "--test none.jsonl: no such file"),
    "one row twice": (["small.yaml", "./small.yaml"], "small: 2 of the rows have this name"),
    "a job without its seed": (["small.yaml", "--only", "small"], "give both or neither"),
    "a job of no row": (["small.yaml", "--only", "big", "--seed", "1"], "--only big: no such row; there are: small"),
    "a search without an end": (["small.yaml", "--search", "0"], "--search 0: give a number from 1"),
    "tasks of no search": (["small.yaml", "--search-tasks", "5"], "--search-tasks 5: says how many tasks --search N"),
    "no seeds": (["small.yaml", "--seeds", "0"], "--seeds 0: give a number above 0"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_line_before_anything_is_trained(
    mistake: str, rows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, complaint = MISTAKES[mistake]
    assert main(["compare", *words, "--folder", "here"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("saps: error: ")
    assert error.count("\n") == 1
    assert complaint in error
    assert not (rows / "here").exists()
