"""Recurrent layers over sequences: torch's fused kernels where there is one, else a cell step by step.

Letters: S steps, B rows, I inputs, H hidden size, W width of a state, of which the first H columns are the output.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from saps.nn.cells import CELLS, Cell, CellKind

FUSED: dict[CellKind, Callable[[int, int], nn.RNNBase]] = {
    "lstm": nn.LSTM,
    "np": nn.LSTM,
    "gru": nn.GRU,
    "simple": nn.RNN,
}


class SequenceLayer(nn.Module):
    """A recurrent layer. One step of free decoding is a sequence of length 1."""

    hidden: int
    state_size: int

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """inputs (S, B, I), state (B, W) or zeros -> outputs (S, B, H) and the state (B, W) after the last step."""
        raise NotImplementedError(f"{type(self).__name__} must define forward")


class FusedSequence(SequenceLayer):
    """torch's own layer with one trainable bias a gate, as the equations have it; forget gates begin at 1."""

    def __init__(self, kind: CellKind, inputs: int, hidden: int) -> None:
        """Takes a key of ``FUSED``, I and H."""
        super().__init__()
        self.hidden, self.state_size = hidden, CELLS[kind].parts * hidden
        self.layer = FUSED[kind](inputs, hidden)
        bias = torch.zeros_like(self.layer.get_parameter("bias_hh_l0"))
        self.layer.load_state_dict({"bias_hh_l0": bias}, strict=False)
        if isinstance(self.layer, nn.LSTM):
            bias[hidden : 2 * hidden] = 1.0  # gates: input, forget, cell, output
        self.layer.load_state_dict({"bias_ih_l0": bias}, strict=False)
        self.layer.get_parameter("bias_hh_l0").requires_grad_(False)

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """As ``SequenceLayer.forward``."""
        outputs, last = self.layer(inputs, None if state is None else self._parts(state))
        return outputs, torch.cat(last, dim=2)[0] if isinstance(last, tuple) else last[0]

    def _parts(self, state: Tensor) -> Any:
        """What torch's layer takes: (1, B, H) for each part of the state."""
        parts = tuple(part[None].contiguous() for part in state.split(self.hidden, dim=1))
        return parts if len(parts) > 1 else parts[0]


class CellSequence(SequenceLayer):
    """A cell step by step; inputs are projected in one product for all steps."""

    def __init__(self, cell: Cell) -> None:
        """Takes a cell that stands alone (K = 1)."""
        super().__init__()
        self.cell = cell
        self.hidden, self.state_size = cell.hidden, cell.state_size

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """As ``SequenceLayer.forward``."""
        rows = inputs.shape[1]
        shares = self.cell.project(inputs.flatten(0, 1))  # (1, S * B, G * H)
        last = inputs.new_zeros(1, rows, self.state_size) if state is None else state[None]
        states = []
        for share in shares.split(rows, dim=1):  # split once: a slice a step would cost a whole gradient each
            last = self.cell(share, last)
            states.append(last)
        return self.cell.output(torch.cat(states)), last[0]


def sequence_layer(kind: CellKind, inputs: int, hidden: int) -> SequenceLayer:
    """A layer of cells of a kind: fused where torch has it."""
    return FusedSequence(kind, inputs, hidden) if kind in FUSED else CellSequence(CELLS[kind](inputs, hidden))
