"""Training in bf16 where the processor can: it learns what fp32 does, and gradients are clipped there too."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from saps.batches.data_module import TaskData
from saps.cli import main
from saps.training import devices
from saps.training.fit import fit
from tests.training.made import tiny_run, write_data

has_bf16 = pytest.mark.skipif(not devices.has_lstm_in(torch.bfloat16), reason="this processor has no LSTM in bf16")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_data(tmp_path_factory.mktemp("data"), 36, 12)


def trained(files: tuple[Path, Path], folder: Path, **trainer: object) -> dict[str, Tensor]:
    """The weights after some steps."""
    settings = tiny_run(*files, max_steps=30, validate_every=30, **trainer)
    (folder / "checkpoints").mkdir(parents=True)
    fit(settings, TaskData(settings.data, settings.seed), folder, {})
    return load_file(folder / "model" / "model.safetensors")


def difference(some: dict[str, Tensor], others: dict[str, Tensor]) -> float:
    return max(float((some[name] - others[name]).abs().max()) for name in some)


@has_bf16
def test_weights_learned_in_bf16_are_nearly_those_learned_in_fp32(files: tuple[Path, Path], tmp_path: Path) -> None:
    whole = trained(files, tmp_path / "whole")
    halved = trained(files, tmp_path / "halved", precision="bf16-mixed")
    assert all(tensor.dtype == torch.float for tensor in halved.values())
    change = difference(whole, trained(files, tmp_path / "start", gradient_clip=1e-12))
    assert 0 < difference(whole, halved) < change


@has_bf16
def test_gradients_are_clipped_in_bf16(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Adam adds 1e-8 to what it divides by: gradients that are far smaller move nothing."""
    free, still, stiller = (
        trained(files, tmp_path / str(most), precision="bf16-mixed", gradient_clip=most) for most in (0.0, 1e-12, 1e-13)
    )
    assert difference(still, stiller) < 1e-3
    assert difference(still, free) > 0.01


def test_a_processor_without_the_arithmetic_is_told_before_anything_is_written(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(devices, "has_lstm_in", lambda dtype: False)
    words = ["--data.train", str(files[0]), "--data.validation", str(files[1]), "--run", str(tmp_path / "run")]
    flags = ["--model", "saps.models.SAPS", "--trainer.precision", "bf16-mixed", "--trainer.accelerator", "cpu"]
    assert main(["train", *flags, *words]) == 2
    said = "trainer.precision bf16-mixed: this processor has no LSTM in it; use 32-true"
    assert said in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
