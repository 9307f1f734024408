"""What a checkpoint must hold for a run to go on from it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from saps.errors import UserError
from saps.training.module import DataModule, TrainingModule
from saps.training.optimization import learned

_PARTS = ("state_dict", "optimizer_states", "lr_schedulers", "callbacks", "loops", "global_step", "epoch")
_MOMENTS = ("exp_avg", "exp_avg_sq")


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
    """Compares a checkpoint with the system that is to go on from it: its weights, and what Adam keeps of each.

    Raises:
        UserError: one is missing, or has another shape.
    """
    _compare(
        {name: tuple(value.shape) for name, value in checkpoint["state_dict"].items()},
        {name: tuple(value.shape) for name, value in module.state_dict().items()},
        path,
    )
    _check_moments(checkpoint, learned(module.system), path)


def check_processes(checkpoint: Mapping[str, Any], processes: int, path: Path) -> None:
    """Compares how many processes there are with those that have written a checkpoint: others would see other batches.

    Checkpoints of versions that did not say are taken as they are.

    Raises:
        UserError: there were more, or fewer.
    """
    known = checkpoint.get(DataModule.__qualname__)
    written = known.get("processes", processes) if isinstance(known, Mapping) else processes
    if written != processes:
        raise UserError(
            f"{path}: was written by {_processes(written)}, and now there {'is' if processes == 1 else 'are'} "
            f"{processes}, which would learn from other batches; start as many again, or begin another run"
        )


def _processes(number: object) -> str:
    return "1 process" if number == 1 else f"{number} processes"


def _check_moments(checkpoint: dict[str, Any], weights: Mapping[str, Tensor], path: Path) -> None:
    """Compares shapes before Adam does: its fused step reads beyond the end of a tensor that is too small."""
    names = list(weights)
    try:
        (kept,) = checkpoint["optimizer_states"]
        numbers = [number for group in kept["param_groups"] for number in group["params"]]
        moments = {
            f"{what} of {names[number]}": tuple(value.shape)
            for number, state in kept["state"].items()
            for what, value in state.items()
        }
        steps = {names[number] for number in kept["state"]}  # a weight that nothing has used yet has no moments
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise UserError(f"{path}: what it holds of the optimiser is damaged; resume from another run") from None
    _compare({"weights of the optimiser": (len(numbers),)}, {"weights of the optimiser": (len(names),)}, path)
    expected: dict[str, tuple[int, ...]] = {}
    for name, weight in weights.items():
        if name in steps:
            expected |= {f"step of {name}": ()} | {f"{what} of {name}": tuple(weight.shape) for what in _MOMENTS}
    _compare(moments, expected, path)


def _compare(found: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]], path: Path) -> None:
    """Compares shapes by name."""
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            raise UserError(
                f"{path}: {name} is {found.get(name)} there and {expected.get(name)} by the run's config.yaml; "
                "resume from another run"
            )
