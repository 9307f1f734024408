"""`saps export`: half precision, a card whose figures come from a report, and nothing written where one is amiss."""

import json
from pathlib import Path

import pytest
import yaml
from safetensors.torch import load_file

from saps.cli import main
from saps.models.folder import load_model, weights_hash

FIGURES = {name: {"share": 0.75, "count": 3, "of": 4} for name in ("exact match", "execution accuracy", "well-typed")}


@pytest.fixture
def ended_run(learned_model: Path, tmp_path: Path) -> Path:
    """A run folder around the learned model."""
    run = tmp_path / "run"
    (run / "model").mkdir(parents=True)
    for file in learned_model.iterdir():
        (run / "model" / file.name).write_bytes(file.read_bytes())
    (run / "config.yaml").write_text(yaml.safe_dump({"seed": 7, "data": {"generated": {"register": "mixed"}}}))
    (run / "summary.json").write_text(json.dumps({"tasks_seen": 1234, "training_cpu_seconds": 120.0}))
    (run / "versions.json").write_text(json.dumps({"commit": "0123456789abcdef"}))
    return run


def report_about(run: Path, weights: str) -> Path:
    path = run.parent / "report.json"
    path.write_text(json.dumps({"data": "mine.jsonl", "weights": weights, "overall": FIGURES}))
    return path


def test_the_model_travels_in_half_precision_with_its_card(
    ended_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report, given = report_about(ended_run, weights_hash(ended_run)), tmp_path / "given"
    assert main(["export", str(ended_run), "--report", str(report), "--output", str(given)]) == 0
    assert "75.00 % exact match (3 of 4 tasks of mine.jsonl)" in capsys.readouterr().out
    card = (given / "README.md").read_text()
    for told in ("| mine.jsonl | 75.00 % (3 of 4) |", "1,234 tasks", "seed 7", "0123456789ab, 2 CPU-minutes", "MIT"):
        assert told in card
    assert {str(value.dtype) for value in load_file(given / "model.safetensors").values()} == {"torch.float16"}
    loaded, first = load_model(given), load_model(ended_run)
    for name, value in first.state_dict().items():
        assert loaded.state_dict()[name].dtype == value.dtype
        assert loaded.state_dict()[name].allclose(value, atol=2e-3, rtol=2e-3)
    assert loaded.reading == first.reading


def test_the_card_tells_of_the_run_that_it_started_from(ended_run: Path, tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    for name in ("summary.json", "versions.json"):
        (first / name).write_bytes((ended_run / name).read_bytes())
    (first / "config.yaml").write_text(yaml.safe_dump({"seed": 3, "data": {}}))
    settings = yaml.safe_load((ended_run / "config.yaml").read_text()) | {"pretrained": {"model": str(first)}}
    (ended_run / "config.yaml").write_text(yaml.safe_dump(settings))
    report, given = report_about(ended_run, weights_hash(ended_run)), tmp_path / "given"
    words = ["export", str(ended_run), "--report", str(report), "--output", str(given)]
    assert main([*words, "--recipe", "one.yaml"]) == 2
    assert main([*words, "--recipe", "one.yaml", "--recipe", "two.yaml"]) == 0
    card = (given / "README.md").read_text()
    for told in (
        "2,468 tasks",
        "seed 3, then 7",
        "4 CPU-minutes",
        "--config one.yaml\n    saps train --config two.yaml",
    ):
        assert told in card


def test_a_report_about_other_weights_is_refused(
    ended_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_about(ended_run, "other")
    assert main(["export", str(ended_run), "--report", str(report), "--output", str(tmp_path / "given")]) == 2
    assert "about other weights" in capsys.readouterr().err
    assert not (tmp_path / "given").exists()


@pytest.mark.parametrize("missing", ["config.yaml", "summary.json", "versions.json"])
def test_a_run_that_has_not_ended_is_refused(
    ended_run: Path, tmp_path: Path, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_about(ended_run, weights_hash(ended_run))
    (ended_run / missing).unlink()
    assert main(["export", str(ended_run), "--report", str(report), "--output", str(tmp_path / "given")]) == 2
    assert missing in capsys.readouterr().err


def test_no_report_is_no_report(ended_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("nowhere.json", None), ("bad.json", "[1]"), ("empty.json", "{}")):
        if text is not None:
            (tmp_path / name).write_text(text)
        words = ["export", str(ended_run), "--report", str(tmp_path / name), "--output", str(tmp_path / "given")]
        assert main(words) == 2
        assert name in capsys.readouterr().err


def test_a_file_on_the_way_to_the_folder_is_one_line(
    ended_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_about(ended_run, weights_hash(ended_run))
    assert main(["export", str(ended_run), "--report", str(report), "--output", str(report / "given")]) == 2
    assert "report.json: is not a folder; name another (--output)\n" in capsys.readouterr().err
