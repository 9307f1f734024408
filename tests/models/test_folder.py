"""Exported models: whole, replaceable, and refused in one line where anything is amiss."""

import json
import resource as process
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from saps.errors import UserError
from saps.generator import generate
from saps.models import folder as folder_module
from saps.models.bounded import ElementsAtMost, TooLarge
from saps.models.folder import build_system, export_model, grammar_hash, load_model
from saps.models.registry import admit
from saps.models.saps import SAPS
from saps.tasks.task import Task
from saps.tasks.vocabulary import Vocabularies, vocabularies_of
from tests.models.made import SMALL, batch_of

SIZES = SMALL | {"max_nodes": 30}
Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(20, seed=5))


@pytest.fixture
def system(tasks: list[Task]) -> SAPS:
    torch.manual_seed(1)
    made = build_system("SAPS", SIZES, vocabularies_of(tasks)).eval()
    assert isinstance(made, SAPS)
    return made


@pytest.fixture
def exported(system: SAPS, tmp_path: Path) -> Path:
    folder = tmp_path / "run" / "model"
    folder.parent.mkdir()
    export_model(system, SIZES, folder, {"step": 3})
    return folder


def test_a_loaded_model_answers_as_the_exported_one(system: SAPS, exported: Path, tasks: list[Task]) -> None:
    loaded = load_model(exported)
    texts = batch_of(tasks, system).texts
    assert list(loaded.answer(texts)) == list(system.answer(texts))
    assert not loaded.training
    assert [tuple(v) for v in loaded.vocabularies] == [tuple(v) for v in system.vocabularies]


def test_whoever_may_read_the_configuration_may_read_the_weights(exported: Path) -> None:
    modes = {path.name: path.stat().st_mode for path in exported.iterdir()}
    assert modes["model.safetensors"] == modes["config.json"]


def test_a_run_folder_stands_for_its_model(exported: Path) -> None:
    assert load_model(exported.parent).parameter_count() == load_model(exported).parameter_count()


def test_the_configuration_says_what_the_weights_belong_to(system: SAPS, exported: Path) -> None:
    config = json.loads((exported / "config.json").read_text())
    assert config["grammar_sha256"] == grammar_hash()
    assert config["trainable_parameters"] == system.parameter_count()
    assert (config["system"], config["sizes"], config["notes"]) == ("SAPS", SIZES, {"step": 3})
    assert sorted(path.name for path in exported.iterdir()) == [
        "config.json", "labels.json", "model.safetensors", "words.json",
    ]  # fmt: skip


def test_an_older_export_is_replaced_and_nothing_is_left_beside_it(system: SAPS, exported: Path) -> None:
    (exported / "stray").write_text("")
    with torch.no_grad():
        system.readout.to_label.bias += 1
    export_model(system, SIZES, exported, {"step": 4})
    written = load_file(exported / "model.safetensors")["readout.to_label.bias"]
    assert torch.equal(written, system.readout.to_label.bias)
    assert sorted(path.name for path in exported.parent.iterdir()) == ["model"]
    assert not (exported / "stray").exists()


def test_a_broken_off_export_leaves_the_older_one_whole(
    system: SAPS, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in exported.iterdir()}

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(folder_module, "save_vocabulary", full)
    with pytest.raises(OSError, match="no space"):
        export_model(system, SIZES, exported, {"step": 4})
    assert {path.name: path.read_bytes() for path in exported.iterdir()} == before
    assert sorted(path.name for path in exported.parent.iterdir()) == ["model"]


def change_config(**changed: Any) -> Change:
    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | changed))

    return change


def change_sizes(**changed: Any) -> Change:
    return lambda folder: change_config(sizes=SIZES | changed)(folder)


def overwrite(name: str, content: bytes) -> Change:
    def change(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return change


def truncate(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def reshape(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    save_file(weights | {"readout.to_label.bias": torch.zeros(3)}, folder / "model.safetensors")


def put(value: torch.Tensor) -> Change:
    """Another value of one weight."""

    def change(folder: Path) -> None:
        weights = load_file(folder / "model.safetensors")
        bias = weights["readout.to_label.bias"]
        weights["readout.to_label.bias"] = value.expand(bias.shape).contiguous()
        save_file(weights, folder / "model.safetensors")

    return change


def forget_a_weight(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["readout.to_label.bias"]
    save_file(weights, folder / "model.safetensors")


def shorten_labels(folder: Path) -> None:
    labels = json.loads((folder / "labels.json").read_text())
    (folder / "labels.json").write_text(json.dumps(labels[:-2]))


def spoil_a_label(folder: Path) -> None:
    labels = json.loads((folder / "labels.json").read_text())
    (folder / "labels.json").write_text(json.dumps([*labels[:-1], "no arity"]))


DAMAGES: dict[str, tuple[Change, str]] = {
    "no config": (lambda folder: (folder / "config.json").unlink(), r"config\.json"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), r"model\.safetensors is missing"),
    "no words": (lambda folder: (folder / "words.json").unlink(), r"words\.json is missing"),
    "no labels": (lambda folder: (folder / "labels.json").unlink(), r"labels\.json is missing"),
    "config cut off": (overwrite("config.json", b'{"system": "SAPS", '), r"config\.json: not JSON"),
    "config not text": (overwrite("config.json", b"\xff\xfe\x00"), r"config\.json: not JSON"),
    "config nested": (overwrite("config.json", b"[" * 200_000), r"config\.json: not JSON"),
    "config a list": (overwrite("config.json", b"[]"), r"no 'system' and 'sizes'"),
    "sizes a list": (change_config(sizes=[]), r"no 'system' and 'sizes'"),
    "another grammar": (change_config(grammar_sha256="0" * 64), r"another grammar"),
    "another system": (change_config(system="Seq9"), r"no system 'Seq9'"),
    "a system that is a list": (change_config(system=[]), r"no system"),
    "an unknown setting": (change_sizes(depth=3), r"no setting 'depth'"),
    "the vocabularies as a setting": (change_sizes(vocabularies=3), r"no setting 'vocabularies'"),
    "a file to be opened": (change_sizes(word_vectors="/dev/zero"), r"no setting 'word_vectors'"),
    "a setting of the wrong type": (change_sizes(hidden="7"), r"hidden is '7'; it must be a whole number"),
    "a truth for a number": (change_sizes(hidden=True), r"hidden is True; it must be a whole number"),
    "a negative size": (change_sizes(hidden=-7), r"hidden is -7"),
    "an unknown attention": (change_sizes(attention="dot"), r"attention is 'dot'; it must be one of additive"),
    "an unknown parent feed": (change_sizes(parent_feed="z"), r"parent_feed is 'z'"),
    "a share above 1": (change_sizes(dropout=1.5), r"dropout is 1\.5"),
    "a size beyond memory": (change_sizes(hidden=10**9), r"hidden is 1000000000"),
    "layers without end": (change_sizes(encoder_layers=10**6), r"encoder_layers is 1000000"),
    "a size that would need gigabytes": (
        change_sizes(hidden=60_000),
        r"is \(7, 56\) in model\.safetensors and \(60000, 480000\)",
    ),
    "more layers than weights": (change_sizes(encoder_layers=3), r"None in model\.safetensors"),
    "weights cut off": (truncate, r"cannot be built"),
    "weights that are none": (overwrite("model.safetensors", b"PK\x03\x04"), r"cannot be built"),
    "weights empty": (overwrite("model.safetensors", b""), r"cannot be built"),
    "weights of another shape": (reshape, r"to_label\.bias is \(3,\) in model\.safetensors and \(\d+,\) by config"),
    "weights that are no numbers": (put(torch.tensor(float("nan"))), r"to_label\.bias .* holds what is no finite"),
    "weights without end": (put(torch.tensor(float("inf"))), r"to_label\.bias .* holds what is no finite"),
    "whole numbers for weights": (put(torch.tensor(1)), r"to_label\.bias .* is of torch\.int64"),
    "a weight missing": (forget_a_weight, r"to_label\.bias is None"),
    "labels of another model": (shorten_labels, r"in model\.safetensors and"),
    "a label without arity": (spoil_a_label, r"cannot be built"),
    "labels not JSON": (overwrite("labels.json", b"<pad>"), r"labels\.json: not a JSON list"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_folder_is_refused_in_one_line(exported: Path, damage: str) -> None:
    change, complaint = DAMAGES[damage]
    change(exported)
    with pytest.raises(UserError, match=complaint) as caught:
        load_model(exported)
    assert "\n" not in str(caught.value)
    assert str(exported) in str(caught.value)


def test_sizes_beyond_the_weights_are_refused_without_their_memory(exported: Path) -> None:
    change_sizes(hidden=60_000)(exported)
    before = process.getrusage(process.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UserError):
        load_model(exported)
    assert process.getrusage(process.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes; the sizes ask for 115 GB


class Roomy(SAPS):
    """Holds more than its weights."""

    def __init__(self, vocabularies: Vocabularies, hidden: int = 7) -> None:
        super().__init__(vocabularies, **SMALL | {"hidden": hidden})
        self.register_buffer("room", torch.zeros(10, 1_000_000), persistent=False)


def test_a_system_that_is_larger_than_its_weights_is_loaded(tasks: list[Task], tmp_path: Path) -> None:
    admit(Roomy)
    export_model(Roomy(vocabularies_of(tasks)), {"hidden": 7}, tmp_path / "model", {})
    assert load_model(tmp_path / "model").room.shape == (10, 1_000_000)


@pytest.mark.parametrize("make", [torch.empty, torch.zeros, torch.ones, torch.rand, torch.randn])
def test_tensors_beyond_a_bound_are_refused_whatever_they_are_filled_with(make: Callable[..., torch.Tensor]) -> None:
    with ElementsAtMost(100):
        assert (make(5, 10).numel(), make((7, 7)).numel(), make(()).numel()) == (50, 49, 1)
        with pytest.raises(TooLarge):
            make(1)
    with ElementsAtMost(100), pytest.raises(TooLarge):
        make(10**7, 10**7)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere: no such folder; a model is"):
        load_model(tmp_path / "nowhere")
