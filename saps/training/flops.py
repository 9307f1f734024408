"""Floating-point operations of a step, and how many of them a device does in a second when it multiplies matrices."""

import copy
import time
from math import prod
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from saps.batches.collate import Batch
from saps.models.system import System

Shape = tuple[int, ...]

_SIZES = {"cpu": 512, "cuda": 8192}  # of the square matrices: milliseconds on either device
_ROUNDS = 5


def flops_of(system: System, batch: Batch) -> int | None:
    """The operations of forward and backward pass: two for every product within a multiplication of matrices.

    Counted by torch on a copy of the system, so that no gradient and no hook of the training is touched. None where
    the system cannot be copied or counted.
    """
    counter = FlopCounterMode(display=False, custom_mapping=_RECURRENT)
    try:
        twin = copy.deepcopy(system)
        with counter:
            twin.loss(batch.texts, batch.schedule).loss.backward()
    except Exception:  # a system of the user's own may do anything; the figure is not worth a training
        return None
    return counter.get_total_flops()


def matmul_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second of multiplying large matrices, the best of a few."""
    size = _SIZES.get(device.type, 1024)
    left, right = (torch.rand(size, size, device=device, dtype=dtype) for _ in range(2))
    seconds = []
    for _ in range(_ROUNDS):
        _wait_for(device)
        start = time.perf_counter()
        left @ right
        _wait_for(device)
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds)


def _wait_for(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def _layer(input_shape: Shape, input_weights: Shape, hidden_weights: Shape, *_: Any, **__: Any) -> int:
    """A layer of an LSTM over S steps and B rows, as the CPU computes it: (S, B, I), (4 H, I), (4 H, H)."""
    return 2 * prod(input_shape[:2]) * (prod(input_weights) + prod(hidden_weights))


def _layer_backward(*shapes: Any, **named: Any) -> int:
    return 2 * _layer(*shapes, **named)


def _layers(input_shape: Shape, weights: list[Shape], *_: Any, **__: Any) -> int:
    """All layers of an LSTM as a GPU computes them."""
    return 2 * prod(input_shape[:2]) * sum(prod(shape) for shape in weights if len(shape) == 2)


def _layers_backward(*shapes: Any, **named: Any) -> int:
    return 2 * _layers(*shapes, **named)


_RECURRENT = {  # torch counts multiplications of matrices, not what is fused
    torch.ops.aten.mkldnn_rnn_layer: _layer,
    torch.ops.aten.mkldnn_rnn_layer_backward: _layer_backward,
    torch.ops.aten._cudnn_rnn: _layers,
    torch.ops.aten._cudnn_rnn_backward: _layers_backward,
}
