"""Starting from another model: which weights are taken, how long they stay still, and that a resumed run agrees."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from saps.batches.data_module import TaskData
from saps.cli import main
from saps.errors import UserError
from saps.models.folder import build_system, export_model, load_model, shapes_of
from saps.tasks.vocabulary import Vocabularies, Vocabulary
from saps.training.fit import RunSettings
from saps.training.pretraining import FrozenParts, pretrained_weights
from saps.training.settings import PretrainedSettings
from tests.training.made import SIZES, assert_same_end, metrics, tiny_run, weights, write_data
from tests.training.test_resume import train, train_with_copies

AUTOENCODER = {name: SIZES[name] for name in ("label_embedding", "hidden", "max_nodes")}
LOADED = ("decoder.", "readout.to_label.")


def export_autoencoder(folder: Path, labels: Vocabulary, **changed: Any) -> Path:
    """An untrained autoencoder with some labels."""
    torch.manual_seed(5)
    vocabularies = Vocabularies(Vocabulary(["<pad>", "<unk>"]), labels)
    export_model(
        build_system("TreeAutoencoder", AUTOENCODER | changed, vocabularies), AUTOENCODER | changed, folder, {}
    )
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> RunSettings:
    """A run that starts from an autoencoder which knows the same labels and more, in another order."""
    plain = tiny_run(*write_data(tmp_path, 36, 12), max_steps=6, validate_every=3, checkpoint_every=2, log_every=1)
    _, _, *labels = TaskData(plain.data, plain.seed).vocabularies.labels
    known = Vocabulary(["<pad>", "<unk>", "strange/2", *reversed(labels)])
    model = export_autoencoder(tmp_path / "autoencoder", known)
    return plain._replace(pretrained=PretrainedSettings(model, frozen_steps=3))


def rows_by_label(weights: dict[str, torch.Tensor], labels: Vocabulary, name: str) -> dict[str, list[float]]:
    return dict(zip(labels, weights[name].tolist(), strict=True))


def test_weights_are_taken_by_the_names_of_labels(settings: RunSettings) -> None:
    vocabularies = TaskData(settings.data, settings.seed).vocabularies
    shapes = shapes_of("SAPS", SIZES, vocabularies)
    found = pretrained_weights(settings.pretrained, shapes, vocabularies.labels)
    assert settings.pretrained.model is not None
    source = load_model(settings.pretrained.model)
    theirs = source.state_dict()
    assert set(found) == {name for name in shapes if name.startswith(LOADED)}
    for name in (
        "decoder.embedding.weight",
        "readout.to_label.weight",
        "readout.to_label.bias",
    ):
        ours = rows_by_label(found, vocabularies.labels, name)
        known = rows_by_label(theirs, source.vocabularies.labels, name)
        assert ours == {label: known[label] for label in vocabularies.labels}
    for name in ("decoder.from_parent", "decoder.vertical.recurrent"):
        torch.testing.assert_close(found[name], theirs[name])


def test_the_weights_stay_as_they_are_and_then_are_learned(settings: RunSettings, tmp_path: Path) -> None:
    vocabularies = TaskData(settings.data, settings.seed).vocabularies
    loaded = pretrained_weights(settings.pretrained, shapes_of("SAPS", SIZES, vocabularies), vocabularies.labels)
    train(settings._replace(trainer=replace(settings.trainer, max_steps=3, checkpoint_every=3)), tmp_path / "run")
    frozen = weights(tmp_path / "run")
    for name, value in loaded.items():
        torch.testing.assert_close(frozen[name], value, rtol=0, atol=0)
    train(settings, tmp_path / "free")
    free = weights(tmp_path / "free")
    assert all(not torch.equal(free[name], loaded[name]) for name in loaded)
    fresh = torch.zeros_like(free["encoder.to_latent.bias"])
    assert not torch.equal(frozen["encoder.to_latent.bias"], fresh)
    assert not torch.equal(frozen["encoder.to_latent.bias"], free["encoder.to_latent.bias"])


def test_every_resume_point_leads_to_the_same_end_and_the_other_model_is_no_longer_needed(
    settings: RunSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, copies = tmp_path / "whole", tmp_path / "copies"
    train_with_copies(settings, whole, copies, monkeypatch)
    run = whole.rename(tmp_path / "expected")
    shutil.rmtree(tmp_path / "autoencoder")
    for copy in sorted(copies.iterdir()):
        copy.rename(whole)
        train(settings, whole)
        assert_same_end(whole, run)
        shutil.rmtree(whole)
    assert load_model(run).parameter_count() > 0
    assert "autoencoder" not in (run / "model" / "config.json").read_text()
    assert len(metrics(run)) >= 6
    assert set(load_file(run / "model" / "model.safetensors")) == set(weights(run))


def lack_labels(settings: RunSettings) -> PretrainedSettings:
    assert settings.pretrained.model is not None
    export_autoencoder(settings.pretrained.model, Vocabulary(["<pad>", "<unk>", "a/0", "strange/2"]))
    return settings.pretrained


def another_size(settings: RunSettings) -> PretrainedSettings:
    assert settings.pretrained.model is not None
    known = load_model(settings.pretrained.model).vocabularies.labels
    export_autoencoder(settings.pretrained.model, known, hidden=11)
    return settings.pretrained


MISTAKES: dict[str, tuple[Callable[[RunSettings], PretrainedSettings], str]] = {
    "labels unknown": (lack_labels, r"has never seen \d+ of the \d+ labels of the training tasks \("),
    "another size": (another_size, r"is \(11, 88\) there and \(10, 80\) in the model to be trained; give both"),
    "no such part": (lambda s: PretrainedSettings(s.pretrained.model, ["network"]), r"has no part 'network'"),
    "a part that only we have": (
        lambda s: PretrainedSettings(s.pretrained.model, ["readout"]),
        r"has no weights",
    ),
    "no such model": (lambda s: PretrainedSettings(Path("nowhere")), r"nowhere: no such folder"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_does_not_fit_is_refused_in_one_line(mistake: str, settings: RunSettings) -> None:
    change, complaint = MISTAKES[mistake]
    vocabularies = TaskData(settings.data, settings.seed).vocabularies
    with pytest.raises(UserError, match=complaint) as caught:
        pretrained_weights(change(settings), shapes_of("SAPS", SIZES, vocabularies), vocabularies.labels)
    assert "\n" not in str(caught.value)


class _At:
    """A trainer that has done so many steps."""

    def __init__(self, global_step: int) -> None:
        self.global_step = global_step


def test_a_run_that_is_given_time_keeps_parts_still_for_the_same_share_of_it() -> None:
    settings = PretrainedSettings(Path("other"), frozen_steps=20)
    assert [FrozenParts(settings, 100, None).done(_At(step)) for step in (19, 20)] == [19, 20]  # type: ignore[arg-type]
    timed = [FrozenParts(settings, 100, lambda used=used: used) for used in (0.1, 0.2)]  # type: ignore[misc]
    assert [callback.done(_At(5000)) for callback in timed] == [10, 20]  # type: ignore[arg-type]


def test_the_command_refuses_before_it_makes_a_folder_and_starts_from_a_run_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    train_file, validation_file = write_data(tmp_path, 24, 8)
    data = ["--data.train", str(train_file), "--data.validation", str(validation_file), "--data.batch_size", "8"]
    steps = ["--trainer.max_steps", "2", "--trainer.validate_every", "2", "--trainer.log_every", "1"]
    sizes = ["--model.hidden", "8", "--model.label_embedding", "4", "--model.max_nodes", "20"]
    first = ["train", "--model", "saps.models.TreeAutoencoder", *data, *steps, *sizes, "--run", str(tmp_path / "first")]
    assert main(first) == 0
    assert (tmp_path / "first" / "validations" / "2" / "examples.json").exists()  # of a system that reads no text
    second = ["train", "--model", "saps.models.SAPS", *data, *steps, *sizes, "--model.encoder_hidden", "6"]
    assert main([*second, "--run", str(tmp_path / "none"), "--pretrained.model", str(tmp_path / "nowhere")]) == 2
    assert "nowhere: no such folder" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
    assert main([*second, "--run", str(tmp_path / "second"), "--pretrained.model", str(tmp_path / "first")]) == 0
    assert re.search(r"starts from .*first: [\d,]+ weights of decoder", capsys.readouterr().out)
