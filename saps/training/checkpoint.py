"""What a checkpoint must hold for a run to go on from it."""

from pathlib import Path
from typing import Any

import torch

from saps.errors import UserError
from saps.training.module import TrainingModule

_PARTS = ("state_dict", "optimizer_states", "lr_schedulers", "callbacks", "loops", "global_step", "epoch")


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint as plain tensors and values; nothing in it is executed.

    Raises:
        UserError: it is damaged, or no checkpoint at all.
    """
    try:
        found = torch.load(path, weights_only=True, map_location="cpu")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); resume from another run") from None
    except Exception as error:  # torch raises whatever its parts raise at damaged bytes
        raise UserError(f"{path}: cannot be read ({type(error).__name__}); resume from another run") from None
    missing = [name for name in _PARTS if not isinstance(found, dict) or name not in found]
    if missing:
        raise UserError(f"{path}: is no checkpoint of a run ({missing[0]} is missing); resume from another run")
    return dict(found)


def check_fits(checkpoint: dict[str, Any], module: TrainingModule, path: Path) -> None:
    """Compares the weights of a checkpoint with those of the system that is to go on from it.

    Raises:
        UserError: one is missing, or has another shape.
    """
    found = {name: tuple(value.shape) for name, value in checkpoint["state_dict"].items()}
    expected = {name: tuple(value.shape) for name, value in module.state_dict().items()}
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            raise UserError(
                f"{path}: {name} is {found.get(name)} there and {expected.get(name)} by the run's config.yaml; "
                "resume from another run"
            )
