"""Studies that train: settings, files of tasks, and figures; the trainings here only leave a model."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from saps.cli import main
from saps.errors import UserError
from saps.generator import Switches, shipped_library
from saps.generator.selection import all_templates, parse_combination
from saps.generator.streams import make_stream
from saps.studies import amounts, splits
from saps.studies.findings import EXACT
from saps.studies.made import check_folder
from saps.studies.trained import Rows, findings_of, jobs_of, train
from saps.tasks.files import read_tasks
from tests.comparison.made import read_settings, summary

SPLITS = Path("experiments/studies/compositional.yaml")


def _leaves_the_box(words: Sequence[str], log: Path, lock: int) -> int:
    """An ``Execute`` whose trainings end with the model that comes with saps; those of the row ``failing`` fail."""
    folder = log.parent
    if folder.parent.name == "failing":
        log.write_text("saps: error: too large\n")
        return 2
    if words[0] == "train":
        shutil.copytree("data/model", folder / "run" / "model", dirs_exist_ok=True)
        (folder / "run" / "config.yaml").write_text("")
        (folder / "run" / "summary.json").write_text(json.dumps(summary()))
        (folder / "run" / "versions.json").write_text(json.dumps({"commit": "0123456789abcdef", "platform": "Linux"}))
    else:
        return main([*words, "--workers", "0"])
    return 0


def test_every_shipped_split_holds_out_what_it_says(tmp_path: Path) -> None:
    found = splits.read_splits(SPLITS)
    assert [split.name for split in found] == ["pairs", "depths", "roots", "even", "odd", "larger", "smaller"]
    settings = splits.settings_of(found, 12, [], tmp_path)
    templates = all_templates(shipped_library())
    for split, setting in zip(found, settings, strict=True):
        (_, judged), (_, learned) = setting.judges.items()
        sides = [[task.program for task in read_tasks(path)] for path in (learned, judged)]
        assert [len(side) for side in sides] == [12, 12]
        assert set(sides[0]).isdisjoint(sides[1])
        if split.learn.hold_out:
            held_out = [parse_combination(text, templates) for text in split.learn.hold_out]
            holding = [[any(one.is_in(program) for one in held_out) for program in side] for side in sides]
            assert (any(holding[0]), all(holding[1])) == (False, True)
        written = dict(setting.overrides)["data.generated"]
        assert Switches(**yaml.safe_load(written)) == split.learn


def test_what_judges_a_depth_has_no_fewer_templates() -> None:
    """A slot that is drawn is not always filled; such programs are of the kind that is learned from."""
    stream = make_stream(3, Switches(instances={3: 1.0}))
    sizes = [
        [one._drawn(index, one._random(index)).instance.size() for index in range(40)]
        for one in (stream, stream._replace(is_exact=True))
    ]
    assert min(sizes[0]) < 3
    assert {*sizes[1]} == {3}


def test_a_split_that_says_nothing_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "splits.yaml"
    path.write_text("splits:\n  depths:\n    learn: {instances: {1: 1}}\n")
    with pytest.raises(UserError, match=r"splits.yaml:3: depths: either 'judge' or what is held out judges"):
        splits.read_splits(path)
    path.write_text("splits:\n  even:\n    never_inside: [filter_evn]\n")
    with pytest.raises(UserError, match=r"splits.yaml:3: 'filter_evn': no template has this name"):
        splits.read_splits(path)


def test_smaller_files_of_tasks_begin_larger_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = tmp_path / "judge.jsonl"
    shutil.copy("data/sample.jsonl", judge)
    switches = Switches(tests=0)
    small, large, fresh = amounts.settings_of([20, 50], 960, [judge], [], switches, tmp_path)
    files = [tmp_path / "tasks" / f"{size}.jsonl.gz" for size in (20, 50)]
    texts = [[task.text for task in read_tasks(file)] for file in files]
    assert texts[0] == texts[1][:20]
    assert len(texts[1]) == 50
    programs = {task.program for task in read_tasks(judge)}
    assert programs.isdisjoint(task.program for task in read_tasks(files[1]))
    assert dict(small.overrides)["data.train"] == str(files[0])
    assert dict(fresh.overrides)["data.train"] == "null"
    assert dict(fresh.overrides)["data.generated"] == "{}"  # the switches of the files, but for their tests
    assert [*large.judges] == [("judge.jsonl", 50.0)]
    assert [*fresh.judges] == [("judge.jsonl", 960.0)]
    assert dict(fresh.overrides)["data.exclude+"] == f"[{judge}]"  # beside what a row excludes by itself
    with pytest.raises(UserError, match="tasks: its tasks were made with other switches; name another --folder"):
        amounts.settings_of([20], 960, [judge], [], Switches(tests=0, max_depth=2), tmp_path)
    monkeypatch.setattr(amounts, "templates_sha256", lambda switches: "of other templates")
    with pytest.raises(UserError, match="its tasks were made with other templates; name another --folder"):
        amounts.settings_of([20], 960, [judge], [], switches, tmp_path)
    monkeypatch.undo()
    with pytest.raises(UserError, match="its tasks were made with other programs kept out"):
        amounts.settings_of([20], 960, [judge], [files[0]], switches, tmp_path)
    with pytest.raises(UserError, match=r"30\.jsonl\.gz: no such file; --table tells of what was trained"):
        amounts.settings_of([30], 960, [judge], [], switches, tmp_path, is_made=True)


def test_what_was_trained_is_judged_by_all_files_and_what_failed_is_told(tmp_path: Path) -> None:
    judge = tmp_path / "judge.jsonl"
    lines = Path("data/sample.jsonl").read_text().splitlines(keepends=True)
    judge.write_text("".join(lines[:4]))
    settings = amounts.settings_of([20], 960, [judge], [], Switches(tests=0), tmp_path)
    rows = Rows((Path("one.yaml"), Path("failing.yaml")), (1,), "960tasks", ())
    for setting in settings:
        train(jobs_of(rows, setting, tmp_path, read_settings), _leaves_the_box)
    told: list[str] = []
    findings = findings_of(rows, settings, tmp_path, 0, told.append)
    assert [(one.panel, one.line, one.x, len(one.seeds)) for one in findings] == [
        ("judge.jsonl", "one", 20.0, 1),
        ("judge.jsonl", "one", 960.0, 1),
    ]
    assert all((one.share(EXACT) or 0) > 0.5 for one in findings)
    assert [line.partition(" is missing: ")[0] for line in told] == [
        f"{setting}: failing seed 1" for setting in ("20", "fresh")
    ]
    nothing = Rows((Path("failing.yaml"),), (1,), "960tasks", ())
    with pytest.raises(UserError, match="no training has come to its end"):
        findings_of(nothing, settings, tmp_path, 0, told.append)


def test_mistakes_are_told_before_anything_is_trained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = "experiments/small/saps_vh_att.yaml"
    assert main(["study", "compositional", config, "--only", "depth", "--folder", str(tmp_path)]) == 2
    assert "no such split; there are: pairs, depths" in capsys.readouterr().err
    twice = ["--test", "data/sample.jsonl", "data/sample.jsonl"]
    assert main(["study", "data", config, *twice, "--folder", str(tmp_path)]) == 2
    assert "two of the files have one name" in capsys.readouterr().err
    sizes = ["--test", "data/sample.jsonl", "--sizes", "100", "400", "--budget", "400"]
    assert main(["study", "data", config, *sizes, "--folder", str(tmp_path)]) == 2
    assert "400: a training sees 400 tasks (--budget)" in capsys.readouterr().err
    for budget, told in {
        "400tasks": "400: a training sees 400 tasks (--budget)",
        "10m": "--budget 10m: here all trainings see equally many tasks; write 96000tasks",
        "2000steps": "--budget 2000steps: here all trainings",
        "0": "--budget 0tasks: is no budget",
        "many": "--budget many: is no budget",
    }.items():
        assert main(["study", "data", config, *sizes[:-1], budget, "--folder", str(tmp_path)]) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert told in line
    for row in ("autoencoder", "io2seq"):
        config = f"experiments/small/{row}.yaml"
        assert main(["study", "data", config, "--test", "data/sample.jsonl", "--folder", str(tmp_path)]) == 2
        assert (
            f"{config}: {'reads 3 examples' if row == 'io2seq' else 'answers no sentence'}" in capsys.readouterr().err
        )
    assert [*tmp_path.iterdir()] == []


def test_a_table_tells_of_what_was_trained_and_of_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("saps.cli.study.training.as_process", _leaves_the_box)
    validation = tmp_path / "validation.jsonl"
    validation.write_text("".join(Path("data/sample.jsonl").read_text().splitlines(keepends=True)[:3]))
    config, folder = "experiments/small/saps_vh_att.yaml", tmp_path / "study"
    words = ["study", "data", config, "--test", str(validation), "--sizes", "20", "--workers", "0"]
    words += ["--set", f"data.validation={validation}", "--folder", str(folder)]
    assert main([*words, "--budget", "1000tasks"]) == 0
    written = (folder / "study.json").read_text()
    for changed, told in {
        "--budget 2000tasks": "was made by",
        "--budget 1000tasks --set optimizer.learning_rate=0.1": "give --table the same flags",
        "--budget 1000tasks --exclude data/sample.jsonl": "its tasks were made with other programs kept out",
    }.items():
        capsys.readouterr()
        assert main([*words, *changed.split(), "--table"]) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert told in line
        assert (folder / "study.json").read_text() == written
    assert main([*words, "--budget", "1000tasks", "--table"]) == 0
    assert json.loads((folder / "study.json").read_text())["budget"] == "1000tasks"


def test_a_split_is_told_of_by_the_switches_that_made_it(tmp_path: Path) -> None:
    depths = [split for split in splits.read_splits(SPLITS) if split.name == "depths"]
    made = splits.settings_of(depths, 4, [], tmp_path)
    assert splits.settings_of(depths, 4, [], tmp_path, is_made=True) == made
    with pytest.raises(UserError, match="its tasks were made with other tasks"):
        splits.settings_of(depths, 5, [], tmp_path, is_made=True)


STUDIES = {
    "perturbation": ["--data", "data/sample.jsonl", "--model", "data/model"],
    "search": ["--data", "data/sample.jsonl", "--model", "data/model"],
    "data": ["experiments/small/saps_vh_att.yaml", "--test", "data/sample.jsonl"],
    "compositional": ["experiments/small/saps_vh_att.yaml"],
}


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize(
    ("left", "holds", "owner"),
    [
        ("comparison.json", "{}", "saps compare"),
        ("saps/seed-1/job.json", "{}", "saps compare"),
        ("study.json", '{"study": "search"}', "saps study search"),
        ("tasks/made.json", "{}", "saps study data"),
        ("tasks/even/made.json", "{}", "saps study compositional"),
    ],
)
def test_a_folder_of_something_else_is_refused_and_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], study: str, left: str, holds: str, owner: str
) -> None:
    (tmp_path / left).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / left).write_text(holds)
    if owner == f"saps study {study}":
        check_folder(tmp_path, study)
        return
    assert main(["study", study, *STUDIES[study], "--folder", str(tmp_path)]) == 2
    assert f"--folder {tmp_path}: is that of '{owner}'; name another --folder" in capsys.readouterr().err
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / left]


def test_switches_that_cannot_be_do_not_bind_the_folder(tmp_path: Path) -> None:
    judge = Path("data/sample.jsonl")
    with pytest.raises(UserError, match="no template is called 'evn'"):
        amounts.settings_of([20], 960, [judge], [], Switches(tests=0, only=["evn"]), tmp_path)
    with pytest.raises(UserError, match="different texts"):
        amounts.settings_of([9000], 9600, [judge], [], Switches(tests=0, only=["sum"], max_depth=1), tmp_path)
    amounts.settings_of([20], 960, [judge], [], Switches(tests=0), tmp_path)


def test_programs_that_a_row_is_validated_on_are_not_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    validation = tmp_path / "validation.jsonl.gz"
    assert main(["data", "generate", "--count", "60", "--seed", "1", "--no-tests", "--output", str(validation)]) == 0
    monkeypatch.setattr("saps.cli.study.training.as_process", _leaves_the_box)
    config = "experiments/small/saps_vh_att.yaml"
    words = [config, "--test", "data/sample.jsonl", "--sizes", "60", "--set", f"data.validation={validation}"]
    assert main(["study", "data", *words, "--workers", "0", "--folder", str(tmp_path / "study")]) == 0
    learned = {task.program for task in read_tasks(tmp_path / "study" / "tasks" / "60.jsonl.gz")}
    assert learned.isdisjoint(task.program for task in read_tasks(validation))
