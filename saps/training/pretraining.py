"""Starting from the weights of another model: parts of them are loaded, kept still for a while, and then learned on.

SAPSpre is SAPS started from a tree autoencoder in this way.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback
from torch import Tensor
from torch.optim import Optimizer

from saps.errors import UserError
from saps.models.folder import load_model
from saps.models.system import System
from saps.tasks.vocabulary import Vocabulary
from saps.training.module import TrainingModule
from saps.training.settings import PretrainedSettings

LABEL_ROWS = ("decoder.embedding.weight", "to_label.weight", "to_label.bias")
"""Weights with a row for each label; they are matched by the labels' names, all others as they are."""


def pretrained_weights(
    settings: PretrainedSettings, shapes: Mapping[str, tuple[int, ...]], labels: Vocabulary
) -> dict[str, Tensor]:
    """The weights that a new system starts from.

    Args:
        settings: which model, and which of its parts.
        shapes: names and shapes of the new system's weights.
        labels: its labels; the other model must know all of them, and may know more.

    Raises:
        UserError: the other model cannot be loaded, does not know a label, or has no such part of this size.
    """
    if settings.model is None:
        return {}
    source = load_model(settings.model)
    rows = _rows(settings, labels, source.vocabularies.labels)
    found = source.state_dict()
    chosen: dict[str, Tensor] = {}
    for part in settings.parts:
        names = [name for name in shapes if is_in(name, [part])]
        if not names:
            raise UserError(f"pretrained.parts: the model to be trained has no part {part!r}")
        for name in names:
            if name not in found:
                raise UserError(f"pretrained.parts: {settings.model} has no weights {name!r}; leave {part!r} out")
            chosen[name] = found[name][rows] if name.endswith(LABEL_ROWS) else found[name]
            if tuple(chosen[name].shape) != shapes[name]:
                raise UserError(
                    f"pretrained.model {settings.model}: {name} is {tuple(chosen[name].shape)} there and "
                    f"{shapes[name]} in the model to be trained; give both the same sizes"
                )
    return chosen


def _rows(settings: PretrainedSettings, labels: Vocabulary, known: Vocabulary) -> list[int]:
    """Where each label stands in the vocabulary of the other model."""
    missing = [label for label in labels if label not in known]
    if missing:
        shown = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        raise UserError(
            f"pretrained.model {settings.model}: has never seen {len(missing)} of the {len(labels)} labels of the "
            f"training tasks ({shown}); train it on programs that hold them"
        )
    return [known.index(label) for label in labels]


def is_in(name: str, parts: Sequence[str]) -> bool:
    """Whether a weight belongs to one of some parts: ``decoder.vertical.bias`` to ``decoder``."""
    return any(name == part or name.startswith(f"{part}.") for part in parts)


class FrozenParts(Callback):
    """Keeps parts of a system as they are for the first steps; their gradients are dropped before the optimiser.

    They stay trainable parameters throughout: counts, checkpoints and several processes know no difference.
    """

    def __init__(self, settings: PretrainedSettings, max_steps: int, time_used: Callable[[], float] | None) -> None:
        """Plans how long.

        Args:
            settings: of the other model.
            max_steps: of the run.
            time_used: of a run that is given time instead, the share that is over: so long as the steps would be.
        """
        self.steps = settings.frozen_steps if settings.model is not None else 0
        self.parts = settings.parts
        self.max_steps, self.time_used = max_steps, time_used

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: Optimizer
    ) -> None:
        """Called after the backward pass and before clipping, so that the norm is that of what is learned."""
        if self.done(trainer) < self.steps:
            assert isinstance(pl_module, TrainingModule)
            for name, parameter in pl_module.system.named_parameters():
                if is_in(name, self.parts):
                    parameter.grad = None

    def done(self, trainer: pl.Trainer) -> float:
        """The steps that are done; of a run that is given time, the same share of ``max_steps`` as of the time."""
        return trainer.global_step if self.time_used is None else self.time_used() * self.max_steps


def start_from(system: System, weights: Mapping[str, Tensor], settings: PretrainedSettings) -> list[str]:
    """Puts the weights of ``pretrained_weights`` into a new system, and says so."""
    if not weights:
        return []
    values: dict[str, Any] = dict(weights)
    system.load_state_dict(values, strict=False)
    count = sum(value.numel() for value in weights.values())
    return [
        f"starts from {settings.model}: {count:,} weights of {', '.join(settings.parts)}, "
        f"which stay as they are for {settings.frozen_steps:,} steps"
    ]
