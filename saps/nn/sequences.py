"""Recurrent layers over sequences, by torch's fused kernels.

Letters: S steps, B rows, I inputs, H hidden size, W width of a state, of which the first H columns are the output.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


class SequenceLayer(nn.Module):
    """A recurrent layer. One step of free decoding is a sequence of length 1."""

    hidden: int
    state_size: int

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """inputs (S, B, I), state (B, W) or zeros -> outputs (S, B, H) and the state (B, W) after the last step."""
        raise NotImplementedError(f"{type(self).__name__} must define forward")


MakeLayer = Callable[[int, int], SequenceLayer]
"""Makes a layer of I inputs and H units."""


class FusedLayer(SequenceLayer):
    """torch's own layer with one trainable bias a gate, as the equations have it; forget gates begin at 1."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.hidden = layer.hidden_size
        self.state_size = self.hidden * (2 if isinstance(layer, nn.LSTM) else 1)
        self.layer = layer
        bias = torch.zeros_like(self.layer.get_parameter("bias_hh_l0"))
        self.layer.load_state_dict({"bias_hh_l0": bias}, strict=False)
        if isinstance(self.layer, nn.LSTM):
            bias[self.hidden : 2 * self.hidden] = 1.0  # gates: input, forget, cell, output
        self.layer.load_state_dict({"bias_ih_l0": bias}, strict=False)
        self.layer.get_parameter("bias_hh_l0").requires_grad_(False)

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        outputs, last = self.layer(inputs, None if state is None else self._parts(state))
        return outputs, torch.cat(last, dim=2)[0] if isinstance(last, tuple) else last[0]

    def _parts(self, state: Tensor) -> Any:
        """What torch's layer takes: (1, B, H) for each part of the state."""
        parts = tuple(part[None].contiguous() for part in state.split(self.hidden, dim=1))
        return parts if len(parts) > 1 else parts[0]


def lstm_layer(inputs: int, hidden: int) -> FusedLayer:
    """An LSTM: the state is output and memory cell, W = 2H."""
    return FusedLayer(nn.LSTM(inputs, hidden))


def gru_layer(inputs: int, hidden: int) -> FusedLayer:
    """A GRU (Cho et al., 2014): the state is the output, W = H."""
    return FusedLayer(nn.GRU(inputs, hidden))
