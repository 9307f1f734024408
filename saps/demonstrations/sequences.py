"""Recurrent layers of any cell over sequences: torch's fused kernel where there is one, else step by step.

Letters: S steps, B rows, I inputs, G blocks of H pre-activations, H hidden size, W width of a state.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from saps.demonstrations.cells import CELLS, Cell, CellKind
from saps.nn.sequences import FusedLayer, MakeLayer, SequenceLayer, gru_layer, lstm_layer

FUSED: dict[CellKind, Callable[[int, int], FusedLayer]] = {
    "lstm": lstm_layer,
    "np": lstm_layer,
    "gru": gru_layer,
    "simple": lambda inputs, hidden: FusedLayer(nn.RNN(inputs, hidden)),
}


class CellSequence(SequenceLayer):
    """A cell step by step; inputs are projected in one product for all steps."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell
        self.hidden, self.state_size = cell.hidden, cell.state_size

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        rows = inputs.shape[1]
        shares = self.cell.project(inputs.flatten(0, 1))  # (S * B, G * H)
        last = inputs.new_zeros(rows, self.state_size) if state is None else state
        states = []
        for share in shares.split(rows):  # split once: a slice a step would cost a whole gradient each
            last = self.cell(share, last)
            states.append(last)
        return self.cell.output(torch.stack(states)), last


def sequence_layer(kind: CellKind, inputs: int, hidden: int) -> SequenceLayer:
    """A layer of cells of a kind: fused where torch has it."""
    return FUSED[kind](inputs, hidden) if kind in FUSED else CellSequence(CELLS[kind](inputs, hidden))


def layers_of(kind: CellKind) -> MakeLayer:
    """What encoders and decoders take to be made of such cells."""
    return partial(sequence_layer, kind)
