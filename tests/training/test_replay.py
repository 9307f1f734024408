"""Steps that are replayed: what was recorded of a shape holds for all batches of it. One test alone wants a GPU."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from saps.batches.collate import Batch, to_device
from saps.batches.data_module import TaskData
from saps.cli import main
from saps.models import SAPS
from saps.nn.fast import FastTextEncoder, FastTreeDecoder
from saps.training import replay
from saps.training.fit import fit
from saps.training.replay import Replay
from tests.training.made import SIZES, tiny_run, write_data

BY_CALLS = SIZES | {"parent_feed": "horizontal", "dropout": 0.0, "word_dropout": 0.0}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_data(tmp_path_factory.mktemp("data"), 80, 12)


@pytest.fixture
def _in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (FastTreeDecoder, FastTextEncoder):
        monkeypatch.setattr(kind, "one_call", True)


class Recorder:
    """Stands for CUDA graphs: what was recorded reads its inputs from one place, and knows nothing else of a batch."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> Callable[..., Any]:
        self.made += 1
        places = [tensor.clone() for tensor in inputs]

        def again(*tensors: Tensor) -> Any:
            for place, tensor in zip(places, tensors, strict=True):
                assert place.shape == tensor.shape
                place.copy_(tensor)
            return module(*places)

        return again


def batches_of(files: tuple[Path, Path], system_of: Callable[[TaskData], SAPS]) -> tuple[SAPS, list[Batch]]:
    settings = tiny_run(*files)
    data = TaskData(settings.data, settings.seed)
    system = system_of(data)
    return system, list(islice(data.training_batches(system.schedule, shapes=3), 10))


def losses(found: Callable[..., Any], system: SAPS, batches: list[Batch]) -> list[Any]:
    results = []
    for batch in batches:
        system.zero_grad()
        loss = found(batch.texts, batch.schedule)
        loss.loss.backward()
        gradients = {name: p.grad.clone() for name, p in system.named_parameters() if p.grad is not None}
        results.append((loss.loss.detach().clone(), loss.right.clone(), gradients))
    return results


@pytest.mark.usefixtures("_in_one_call")
def test_what_is_replayed_has_the_losses_and_gradients_of_each_batch(files: tuple[Path, Path]) -> None:
    system, batches = batches_of(files, lambda data: SAPS(data.vocabularies, **BY_CALLS))
    recorder = Recorder()
    replayed = Replay(system, recorder)
    torch.testing.assert_close(losses(replayed.loss, system, batches), losses(system.loss, system, batches))
    padded = [batch for batch in batches if batch.schedule.is_padded]
    assert 1 <= recorder.made <= 3 < len(padded)
    for batch in batches:
        assert replayed.loss(batch.texts, batch.schedule).labels == sum(p.size() for p in batch.programs)


@pytest.mark.usefixtures("_in_one_call")
def test_a_training_is_the_same_replayed_or_not(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = []
    for name, record in (("replayed", Recorder()), ("anew", lambda module, inputs: module)):
        monkeypatch.setattr(replay, "cuda_graph", record)
        settings = tiny_run(*files, max_steps=12, validate_every=6, replay=3)._replace(sizes=BY_CALLS)
        (tmp_path / name / "checkpoints").mkdir(parents=True)
        fit(settings, TaskData(settings.data, settings.seed), tmp_path / name, {})
        ends.append(load_file(tmp_path / name / "model" / "model.safetensors"))
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU that runs CUDA")
def test_a_cuda_graph_has_the_losses_and_gradients_of_each_batch(files: tuple[Path, Path]) -> None:
    system, batches = batches_of(files, lambda data: SAPS(data.vocabularies, **BY_CALLS).cuda())
    batches = [to_device(batch, torch.device("cuda", 0)) for batch in batches]
    found = losses(Replay(system).loss, system, batches)
    torch.testing.assert_close(found, losses(system.loss, system, batches), rtol=1e-4, atol=1e-5)


FEED = ["--model.init_args.parent_feed", "horizontal"]


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ([], "SAPS with parent_feed horizontal or latent"),
        ([*FEED, "--trainer.devices", "2"], "a training of one process"),
        ([*FEED, "--trainer.accumulate", "2"], "--trainer.accumulate 1"),
        ([*FEED, "--trainer.accelerator", "cpu"], "a GPU that runs CUDA"),
    ],
)
def test_what_cannot_be_replayed_is_refused_before_anything_is_written(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], wanted: str
) -> None:
    words = ["--data.train", str(files[0]), "--data.validation", str(files[1]), "--run", str(tmp_path / "run")]
    assert main(["train", *words, "--model", "saps.models.SAPS", *flags, "--trainer.replay", "16"]) == 2
    assert capsys.readouterr().err == f"saps: error: --trainer.replay 16: is for {wanted}; set it to 0\n"
    assert not (tmp_path / "run").exists()
