"""`saps evaluate --track` and `saps compare --track`, read back from the files of offline runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from saps.cli import main
from saps.cli.tracking import track_comparison
from saps.generator import generate
from saps.lang.spelling import to_lisp
from saps.tasks.files import write_tasks
from tests.training.wandb_file import OfflineRun, read_offline


def table(folder: Path, found: OfflineRun, name: str) -> dict[str, list[list[object]]]:
    (path,) = folder.glob(f"wandb/offline-run-*/files/{found.history[0][name]['path']}")
    read: dict[str, list[list[object]]] = json.loads(path.read_text())
    return read


def test_a_report_is_a_run_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    tasks = list(generate(8, seed=3))
    write_tasks(tmp_path / "tasks.jsonl", tasks)
    lines = [to_lisp(task.program) for task in tasks[:6]] + ["(", ""]
    (tmp_path / "mine.txt").write_text("\n".join(lines) + "\n")
    words = ["--predictions", str(tmp_path / "mine.txt"), "--data", str(tmp_path / "tasks.jsonl"), "--workers", "0"]
    assert main(["evaluate", *words, "--track"]) == 0
    found = read_offline(tmp_path / "wandb")
    assert (found.run.job_type, found.run.run_group) == ("evaluate", "mine.txt")
    assert found.run.display_name == "mine.txt on tasks.jsonl"
    report = json.loads((tmp_path / "mine-evaluation-tasks.json").read_text())
    (row,) = found.history
    assert row["per_task/exact match"] == report["overall"]["exact match"]["share"] == 0.75
    assert row["tasks"] == 8
    by_depth = table(tmp_path, found, "by_depth")
    assert by_depth["columns"][:3] == ["depth", "tasks", "exact match"]
    assert [line[:2] for line in by_depth["data"]] == [[n, of["tasks"]] for n, of in report["by_depth"].items()]


def test_a_comparison_is_a_run_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_PROJECT", "ours")
    done: dict[str, Any] = {"row": "small", "name": "Small", "parameters": 7, "seeds": [1, 2], "commands": []}
    done |= {"tasks_per_second": [1.0, 3.0], "validation_exact_match": [50.0, 60.0]}
    done |= {"per_task": {"exact match": {"mean": 40.0}}}
    failed = done | {"row": "large", "tasks_per_second": [], "seeds": [], "validation_exact_match": [], "per_task": {}}
    track_comparison({"rows": [done, failed]}, tmp_path)
    found = read_offline(tmp_path / "wandb")
    assert (found.run.job_type, found.run.project) == ("compare", "ours")
    shown = table(tmp_path, found, "comparison")
    assert shown["columns"][-2:] == ["validation_exact_match", "exact match"]
    assert shown["data"] == [["small", "Small", 7, 2, 2.0, 55.0, 40.0], ["large", "Small", 7, 0, None, None, None]]
    assert found.history[0]["small/exact match"] == 40.0


def test_a_wrong_mode_is_told_before_anything_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_MODE", "sometimes")
    assert main(["evaluate", "--predictions", "none.txt", "--data", "none.jsonl", "--track"]) == 2
    assert "WANDB_MODE=sometimes: must be one of" in capsys.readouterr().err
