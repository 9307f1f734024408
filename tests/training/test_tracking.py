"""What a training tells W&B, read back from the files of offline runs."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from saps.batches.data_module import TaskData
from saps.errors import UserError
from saps.models.registry import reading_for
from saps.training.fit import RunSettings, fit
from saps.training.settings import TrackingSettings
from saps.training.tracking import check_tracking
from tests.training.made import assert_same_end, metrics, tiny_run, write_data
from tests.training.wandb_file import OfflineRun, read_offline

STEPS = {"validate_every": 3, "checkpoint_every": 3, "log_every": 1}
TRACKING = TrackingSettings("offline", group="small", tags=["one", "two"], examples=5)


def train(settings: RunSettings, folder: Path) -> None:
    (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text("seed: 3\n")
    fit(settings, TaskData(settings.data, settings.seed), folder, {"seed": 3})


def file_of(folder: Path, value: dict[str, Any]) -> Path:
    (path,) = folder.glob(f"wandb/offline-run-*/files/{value['path']}")
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_data(tmp_path_factory.mktemp("data"), 36, 12)


@pytest.fixture(scope="module")
def resumed(files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two processes, as it were: the second goes on where the first one ended."""
    run = tmp_path_factory.mktemp("resumed") / "run"
    for steps in (3, 9):
        train(tiny_run(*files, max_steps=steps, **STEPS)._replace(tracking=TRACKING), run)
    return run


@pytest.fixture(scope="module")
def offline(resumed: Path) -> OfflineRun:
    return read_offline(resumed / "wandb")


def test_a_resumed_run_is_one_run_with_all_that_it_has_logged(resumed: Path, offline: OfflineRun) -> None:
    assert offline.run.run_id == (resumed / "wandb-run-id.txt").read_text().strip()
    assert (offline.run.run_group, offline.run.job_type, list(offline.run.tags)) == ("small", "train", ["one", "two"])
    losses = {int(row["step"]): float(row["train_loss"]) for row in metrics(resumed) if row["train_loss"]}
    assert offline.values("train_loss") == pytest.approx(losses)
    assert list(losses) == [*range(1, 10)]
    assert list(offline.values("val_loss")) == [3, 6, 9]
    assert list(offline.values("tasks_per_second")) == list(losses)
    assert [row["_step"] for row in offline.history] == [*range(len(offline.history))]


def test_every_validation_logs_its_predictions(resumed: Path, offline: OfflineRun) -> None:
    tables = offline.values("predictions")
    assert list(tables) == [3, 6, 9]
    for step, value in tables.items():
        table = json.loads(file_of(resumed, value).read_text())
        assert table["columns"] == ["sentence", "wanted", "given", "verdict", "log probability"]
        assert len(table["data"]) == 4  # of twelve, every third
        written = json.loads((resumed / "validations" / str(step) / "examples.json").read_text())
        assert table["data"] == written["rows"]
        for sentence, wanted, _, verdict, log_probability in table["data"]:
            assert sentence.split()[0] in ("given", "you", "consider")
            assert wanted
            assert verdict in ("exact match", "another program") or verdict
            assert log_probability <= 0


def test_exact_match_is_told_by_depth_and_template(resumed: Path, offline: OfflineRun) -> None:
    matches = offline.values("val_exact_match")
    for kind in ("depth", "template"):
        tables = offline.values(f"exact_match_by_{kind}")
        assert list(tables) == [3, 6, 9]
        for step, value in tables.items():
            rows = json.loads(file_of(resumed, value).read_text())["data"]
            assert sum(tasks for *_, tasks in rows) == 12
            assert sum(share * tasks for _, share, tasks in rows) == pytest.approx(12 * matches[step])


def test_programs_with_arguments_by_place_are_counted_by_template_too(files: tuple[Path, Path], tmp_path: Path) -> None:
    settings = tiny_run(*files, max_steps=3, **STEPS)._replace(tracking=TRACKING)
    settings = settings._replace(sizes={**settings.sizes, "reads": "canonical_text"})
    reading = reading_for(settings.system, settings.sizes)
    run = tmp_path / "run"
    (run / "checkpoints").mkdir(parents=True)
    (run / "config.yaml").write_text("seed: 3\n")
    fit(settings, TaskData(settings.data, settings.seed, reading), run, {"seed": 3})
    found = json.loads((run / "validations" / "3" / "examples.json").read_text())
    assert sum(tasks for _, tasks in found["template"].values()) == 12


def test_trees_and_attention_are_pictures(resumed: Path, offline: OfflineRun) -> None:
    for name in ("trees/0", "trees/1", "attention/0", "attention/1"):
        pictures = offline.values(name)
        assert list(pictures) == [3, 6, 9]
        assert all(file_of(resumed, value).stat().st_size > 1000 for value in pictures.values())


def test_the_model_is_an_artifact_with_its_data_and_configuration(
    files: tuple[Path, Path], resumed: Path, offline: OfflineRun
) -> None:
    (artifact,) = [artifact for artifact in offline.artifacts if artifact.type == "model"]
    names = {entry.path for entry in artifact.manifest.contents}
    assert names == {"config.yaml", *(f"model/{name}.json" for name in ("config", "words", "labels")),
                     "model/model.safetensors"}  # fmt: skip
    about = json.loads(artifact.metadata)
    assert set(about["data"]) == {str(path) for path in files}
    assert about["step"] in (3, 6, 9)


def test_tracking_changes_nothing_that_is_learned(files: tuple[Path, Path], resumed: Path, tmp_path: Path) -> None:
    for steps in (3, 9):
        train(tiny_run(*files, max_steps=steps, **STEPS), tmp_path / "run")
    assert_same_end(tmp_path / "run", resumed)
    assert metrics(tmp_path / "run") == metrics(resumed)
    assert not (tmp_path / "run" / "validations").exists()


def test_tensorboard_gets_the_metrics_as_well(files: tuple[Path, Path], tmp_path: Path) -> None:
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    tracking = TrackingSettings("disabled", tensorboard=True)
    train(tiny_run(*files, max_steps=3, **STEPS)._replace(tracking=tracking), tmp_path / "run")
    found = events.EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    found.Reload()
    assert {"train_loss", "val_exact_match", "tasks_per_second"} <= set(found.Tags()["scalars"])
    assert [event.step for event in found.Scalars("train_loss")] == [0, 1, 2]


def test_tensorboard_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(UserError, match=r"tracking\.tensorboard: tensorboard is not installed: pip install"):
        check_tracking(TrackingSettings("disabled", tensorboard=True))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"tags": ["one", ""]}, "tracking.tags: a tag is empty; W&B takes 1 to 64: mend it, or leave it out"),
        ({"tags": ["long" * 20]}, "tracking.tags: a tag longlonglonglonglong... has 80 characters; W&B takes 1 to 64"),
        ({"project": "mine/first"}, "tracking.project mine/first: W&B takes at most 128 characters, and none of / "),
        ({"project": "long" * 40}, f"tracking.project {'long' * 32}: W&B takes at most 128 characters"),
        ({}, "WANDB_PROJECT=a:b: W&B takes at most 128 characters"),
    ],
)
def test_what_wandb_would_not_take_is_told_before_anything_is_trained(
    settings: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_PROJECT", "a:b")
    with pytest.raises(UserError) as caught:
        check_tracking(TrackingSettings("offline", **settings))
    assert str(caught.value).startswith(told)
    check_tracking(TrackingSettings("disabled", **settings))  # nobody is told
    check_tracking(TrackingSettings("offline", project="mine", tags=["one", "t" * 64]))
