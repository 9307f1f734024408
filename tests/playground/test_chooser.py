"""The models that a page offers: by name from a list alone, a few in memory, loaded one at a time."""

import json
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.playground import chooser as chooser_module
from saps.playground.chooser import BOXED, MAX_LOADED, Chooser, models_at_hand
from saps.playground.service import Busy, Service
from tests.learned import SUM_OF_EVEN


@pytest.fixture(scope="module")
def runs(learned_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six runs with the same model, the first the newest."""
    folder = tmp_path_factory.mktemp("somewhere") / "runs"
    for number in range(6):
        shutil.copytree(learned_model, folder / f"run-{number}" / "model")
        os.utime(folder / f"run-{number}" / "model" / "model.safetensors", (1e9 - number, 1e9 - number))
    return folder


@pytest.fixture
def loaded() -> list[Path]:
    return []


@pytest.fixture
def chooser(runs: Path, loaded: list[Path]) -> Chooser:
    def load(folder: Path) -> Service:
        loaded.append(folder)
        return Service.load(folder)

    return Chooser(runs / "run-3", runs, load)


def test_the_models_at_hand_have_names_that_tell_no_path(runs: Path) -> None:
    found = models_at_hand(runs / "run-3", runs)
    assert list(found) == ["run-3", BOXED, "run-0", "run-1", "run-2", "run-4", "run-5"]
    assert all(str(runs.parent) not in name for name in found)


def test_a_model_elsewhere_comes_first_under_a_name_of_its_own(runs: Path, learned_model: Path, tmp_path: Path) -> None:
    shutil.copytree(learned_model, tmp_path / "run-0")
    assert list(models_at_hand(tmp_path / "run-0", runs))[:3] == ["run-0", BOXED, "run-0 (2)"]


def breaks(folder: Path, how: str) -> None:
    """Breaks a model's folder."""
    if how == "no words":
        (folder / "words.json").unlink()
    elif how == "unreadable":
        (folder / "config.json").unlink()
        (folder / "config.json").symlink_to("/proc/self/mem")  # no one may read it from its beginning
    else:
        (folder / "config.json").write_text("{" if how == "not JSON" else "{}")


@pytest.mark.parametrize("how", ["no words", "unreadable", "not JSON", "no sizes"])
def test_a_broken_model_is_left_out_with_a_line_and_hides_no_other(how: str, runs: Path, tmp_path: Path) -> None:
    told: list[str] = []
    for name in ("run-0", "run-1", "run-2"):
        shutil.copytree(runs / name, tmp_path / name)
    breaks(tmp_path / "run-1" / "model", how)
    chooser = Chooser(tmp_path / "run-0", tmp_path, tell=told.append)
    assert [model["name"] for model in chooser.models()] == ["run-0", BOXED, "run-2"]
    assert len(told) == 1
    assert told[0].startswith("run-1 is left out: ")
    breaks(tmp_path / "run-2" / "model", how)  # while the page is open
    breaks(tmp_path / "run-0" / "model", how)  # which answers all the same: it is in memory
    assert [model["name"] for model in chooser.models()] == ["run-0", BOXED]


def test_notes_that_are_no_object_say_nothing(learned_model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(learned_model, tmp_path / "model"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"notes": ["a figure"]}))
    assert Service.load(folder).model()["notes"] == {}


def test_no_more_than_so_many_are_listed(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chooser_module, "MAX_LISTED", 3)
    assert len(models_at_hand(runs / "run-3", runs)) == 3


def test_models_are_loaded_when_they_are_asked_and_a_few_are_kept(chooser: Chooser, loaded: list[Path]) -> None:
    assert [model["name"] for model in chooser.models()][:2] == ["run-3", BOXED]
    assert len(loaded) == 1
    answer = chooser.synthesize({"text": SUM_OF_EVEN, "model": "run-0", "seconds": 1})
    assert answer["answered_by"]["folder"] == "run-0"
    assert chooser.synthesize({"text": SUM_OF_EVEN, "seconds": 1})["answered_by"]["folder"] == "run-3"
    for name in ("run-0", "run-1", "run-2", "run-4", "run-3"):
        assert chooser.model(name)["folder"] == name
    assert [folder.parent.name for folder in loaded[1:]] == ["run-0", "run-1", "run-2", "run-4"]
    assert len(chooser._loaded) == MAX_LOADED
    chooser.model("run-0")  # which had to make room
    assert len(loaded) == 6


def test_weights_that_have_changed_are_loaded_again(chooser: Chooser, loaded: list[Path], runs: Path) -> None:
    chooser.model("run-5")
    chooser.model("run-5")
    assert len(loaded) == 2
    os.utime(runs / "run-5" / "model" / "model.safetensors", (5e8, 5e8))
    chooser.model("run-5")
    assert len(loaded) == 3


@pytest.mark.parametrize("name", ["../run-0", "/etc", "run-9", "run-0/model", "x" * 10_000])
def test_only_names_of_the_list_are_allowed(name: str, chooser: Chooser, loaded: list[Path]) -> None:
    for asked in (lambda: chooser.model(name), lambda: chooser.synthesize({"text": "t", "model": name})):
        with pytest.raises(UserError, match="there is no model") as refused:
            asked()
        assert len(str(refused.value)) < 500
    assert len(loaded) == 1


@pytest.mark.parametrize("name", [1, None, ["run-0"], {}])
def test_a_name_is_a_string(name: object, chooser: Chooser) -> None:
    with pytest.raises(UserError, match="model must be a string"):
        chooser.synthesize({"text": "t", "model": name})


def test_one_model_is_loaded_at_a_time_and_few_wait_for_it(
    runs: Path, learned_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, together, most, go = Service.load(learned_model), [0], [0], threading.Event()

    def load(folder: Path) -> Service:
        if folder.parent.name != "run-3":
            together[0] += 1
            most[0] = max(most[0], together[0])
            go.wait(10)
            together[0] -= 1
        return service

    monkeypatch.setattr(chooser_module, "MAX_WAITING", 2)
    chooser = Chooser(runs / "run-3" / "model", runs, load)
    threads = [threading.Thread(target=chooser.model, args=[name]) for name in ("run-0", "run-1")]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + 10
    while chooser._waiting._value and time.monotonic() < ends:
        time.sleep(0.01)
    with pytest.raises(Busy):
        chooser.model("run-2")
    go.set()
    for thread in threads:
        thread.join(10)
    assert most == [1]
