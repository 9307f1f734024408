"""Training steps replayed on a GPU: forward and backward of a batch's shape are recorded once, as one CUDA graph each.

A step of a small model takes as long as its hundred launches; a graph is one. Replayed is what has the very shape that
was recorded, so batches come in few shapes (``saps.nn.padding``). The clipping and the optimiser stay outside.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from saps.batches.collate import Batch, replaced, tensors_of
from saps.errors import UserError
from saps.models.saps import SAPS
from saps.models.system import Loss, System
from saps.nn.text_encoder import Texts
from saps.nn.two_passes import TwoPassSchedule
from saps.training.launching import launch_of
from saps.training.settings import PretrainedSettings, TrainerSettings

Recorded = Callable[..., tuple[Tensor, Tensor]]
Record = Callable[[nn.Module, tuple[Tensor, ...]], Any]
"""Gives a module that does what another did for some inputs, for any of their shapes."""


def check_replay(
    settings: TrainerSettings, pretrained: PretrainedSettings, system: type[System], sizes: Mapping[str, Any]
) -> None:
    """Checks that a run can be replayed.

    Args:
        settings: of the trainer.
        pretrained: what the run starts from.
        system: which kind is trained.
        sizes: with which arguments.

    Raises:
        UserError: ``trainer.replay`` does not go with another setting, with the system, or with this machine.
    """
    if not settings.replay:
        return
    by_calls = issubclass(system, SAPS) and sizes.get("parent_feed", "state") != "state"
    for goes, wanted in (
        (by_calls, "SAPS with parent_feed horizontal or latent"),
        (launch_of(settings).processes == 1, "a training of one process"),
        (settings.accumulate == 1, "trainer.accumulate 1"),
        (pretrained.model is None or pretrained.frozen_steps == 0, "pretrained.frozen_steps 0"),
        (settings.accelerator != "cpu" and torch.cuda.is_available(), "a GPU that runs CUDA"),
    ):
        if not goes:
            raise UserError(f"trainer.replay {settings.replay}: is for {wanted}; set it to 0")


def cuda_graph(module: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
    """``torch.cuda.make_graphed_callables``, which allows for no cache of automatic casts."""
    dtype, is_cast = torch.get_autocast_dtype("cuda"), torch.is_autocast_enabled("cuda")
    with torch.autocast("cuda", dtype=dtype, enabled=is_cast, cache_enabled=False):
        return torch.cuda.make_graphed_callables(module, inputs, allow_unused_input=True)


class Replay:
    """The loss of batches; what comes in a padded shape is recorded the first time, and replayed from then on."""

    def __init__(self, system: System, record: Record | None = None) -> None:
        """Of a system; ``record`` is ``cuda_graph`` where none is given."""
        self.system, self.record = system, record or cuda_graph
        self.recorded: dict[tuple[torch.Size, ...], Recorded] = {}

    def loss(self, texts: Texts, schedule: TwoPassSchedule) -> Loss:
        """As ``System.loss``."""
        if not schedule.is_padded:
            return self.system.loss(texts, schedule)
        batch = Batch(texts, schedule, ())
        tensors = tuple(tensors_of(batch))
        shape = tuple(tensor.shape for tensor in tensors)
        if shape not in self.recorded:
            self.recorded[shape] = self.record(_LossOfTensors(self.system, batch), tensors)
        loss, right = self.recorded[shape](*tensors)
        return Loss(loss, right, schedule.nodes)


class _LossOfTensors(nn.Module):
    """The loss of all batches of a shape as a function of their tensors alone."""

    def __init__(self, system: System, batch: Batch) -> None:
        super().__init__()
        self.system, self.frame = system, batch
        self.places = [id(tensor) for tensor in tensors_of(batch)]

    def forward(self, *tensors: Tensor) -> tuple[Tensor, Tensor]:
        batch = replaced(self.frame, dict(zip(self.places, tensors, strict=True)))
        found = self.system.loss(batch.texts, batch.schedule)
        return found.loss, found.right
