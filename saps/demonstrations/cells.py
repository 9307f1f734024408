"""Recurrent cells: one step of every kind behind one interface, so that a flag chooses among them.

Letters: I inputs, H hidden size, R rows, G blocks of H pre-activations, W width of a state.

The LSTMs follow Greff et al. (2015), "LSTM: A Search Space Odyssey". With x the input, y' and c' the output and the
cell of the step before, and p peepholes:

    z = g(Wz x + Rz y' + bz)                  block input, g = tanh
    i = sigmoid(Wi x + Ri y' + pi * c' + bi)  input gate
    f = sigmoid(Wf x + Rf y' + pf * c' + bf)  forget gate
    c = z * i + c' * f                        cell
    o = sigmoid(Wo x + Ro y' + po * c + bo)   output gate, which sees the new cell
    y = h(c) * o                              output, h = tanh

Each variant changes one thing and is a class that says which. ``saps.demonstrations.sequences`` runs a cell over a
sequence.
"""

from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor, nn

CellKind = Literal[
    "lstm", "peephole", "nig", "nfg", "nog", "niaf", "noaf", "cifg", "np", "fgr", "gru", "simple"
]  # fmt: skip
"""The names of the cells in settings; ``np`` (no peepholes) is another name of ``lstm``."""


class Cell(nn.Module):
    """One kind of cell.

    What depends on the input alone is computed once for many steps by ``project``; ``forward`` does a step. A state is
    one row of width ``state_size`` of which the first H columns are the output; the rest is the cell's own affair.
    """

    blocks: ClassVar[tuple[str, ...]]  # the names of the G pre-activations, in the order of their columns
    parts: ClassVar[int]  # vectors of H that make a state
    opened: ClassVar[tuple[str, float]] = ("f", 1.0)  # a block and its bias at the start: forget gates begin open

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.state_size = self.parts * hidden
        width = len(self.blocks) * hidden
        self.from_input = nn.Parameter(torch.empty(inputs, width).uniform_(-1, 1) * max(1, inputs) ** -0.5)
        self.recurrent = nn.Parameter(torch.empty(hidden, width).uniform_(-1, 1) * hidden**-0.5)
        self.bias = nn.Parameter(torch.zeros(width))
        block, value = self.opened
        if block in self.blocks:
            start = self.blocks.index(block) * hidden
            with torch.no_grad():
                self.bias[start : start + hidden] = value

    def project(self, inputs: Tensor) -> Tensor:
        """inputs (R, I) -> their part of the pre-activations (R, G * H)."""
        return torch.addmm(self.bias, inputs, self.from_input)

    def forward(self, share: Tensor, state: Tensor) -> Tensor:
        """One step: the part (R, G * H) of the inputs and state (R, W) -> the next state (R, W)."""
        raise NotImplementedError(f"{type(self).__name__} must define forward")

    def output(self, state: Tensor) -> Tensor:
        """state (..., W) -> output (..., H)."""
        return state[..., : self.hidden]

    def summed(self, share: Tensor, output: Tensor) -> Tensor:
        """The pre-activations (R, G * H) of cells that add all they see."""
        return torch.addmm(share, output, self.recurrent)


class PlainLSTM(Cell):
    """NP: the LSTM without peepholes, as every toolkit has it. State: y, c."""

    blocks = ("i", "f", "o", "z")
    parts = 2

    def forward(self, share: Tensor, state: Tensor) -> Tensor:
        y, c = state.chunk(2, dim=1)
        gates, z = self.summed(share, y).split([3 * self.hidden, self.hidden], dim=1)
        i, f, o = gates.sigmoid().chunk(3, dim=1)
        c = z.tanh() * i + c * f
        return torch.cat([c.tanh() * o, c], dim=1)


class PeepholeLSTM(Cell):
    """The vanilla LSTM: all three gates see the cell. State: y, c. The variants below inherit all but one thing."""

    blocks: ClassVar[tuple[str, ...]] = ("i", "f", "o", "z")
    parts = 2

    def __init__(self, inputs: int, hidden: int) -> None:
        """As ``Cell``; peepholes stand only on gates that are there, and begin at zero."""
        super().__init__(inputs, hidden)
        gates = [block for block in self.blocks if block != "z"]
        self.peepholes = nn.ParameterDict({gate: nn.Parameter(torch.zeros(hidden)) for gate in gates})

    def forward(self, share: Tensor, state: Tensor) -> Tensor:
        y, c = state.chunk(2, dim=1)
        seen = dict(zip(self.blocks, self.summed(share, y).chunk(len(self.blocks), dim=1), strict=True))
        return torch.cat(self.cell_step(seen, c)[:2], dim=1)

    def cell_step(self, seen: dict[str, Tensor], before: Tensor) -> list[Tensor]:
        """Pre-activations by block and the old cell (R, H) -> y, c, i, f, o."""
        i = self.input_gate(seen, before)
        f = self.forget_gate(seen, before, i)
        c = self.input_activation(seen["z"]) * i + before * f
        o = self.output_gate(seen, c)
        return [self.output_activation(c) * o, c, i, f, o]

    def gate(self, name: str, seen: dict[str, Tensor], cell: Tensor) -> Tensor:
        """A gate that sees the cell through its peephole."""
        return torch.addcmul(seen[name], self.peepholes[name], cell).sigmoid()

    def input_gate(self, seen: dict[str, Tensor], before: Tensor) -> Tensor:
        """i, which sees the old cell."""
        return self.gate("i", seen, before)

    def forget_gate(self, seen: dict[str, Tensor], before: Tensor, i: Tensor) -> Tensor:
        """f, which sees the old cell."""
        return self.gate("f", seen, before)

    def output_gate(self, seen: dict[str, Tensor], cell: Tensor) -> Tensor:
        """o, which sees the new cell."""
        return self.gate("o", seen, cell)

    def input_activation(self, z: Tensor) -> Tensor:
        """g."""
        return z.tanh()

    def output_activation(self, cell: Tensor) -> Tensor:
        """h."""
        return cell.tanh()


class NoInputGate(PeepholeLSTM):
    """NIG: i = 1."""

    blocks = ("f", "o", "z")

    def input_gate(self, seen: dict[str, Tensor], before: Tensor) -> Tensor:
        """i = 1."""
        return torch.ones_like(before)


class NoForgetGate(PeepholeLSTM):
    """NFG: f = 1."""

    blocks = ("i", "o", "z")

    def forget_gate(self, seen: dict[str, Tensor], before: Tensor, i: Tensor) -> Tensor:
        """f = 1."""
        return torch.ones_like(before)


class NoOutputGate(PeepholeLSTM):
    """NOG: o = 1."""

    blocks = ("i", "f", "z")

    def output_gate(self, seen: dict[str, Tensor], cell: Tensor) -> Tensor:
        """o = 1."""
        return torch.ones_like(cell)


class NoInputActivation(PeepholeLSTM):
    """NIAF: g(x) = x."""

    def input_activation(self, z: Tensor) -> Tensor:
        """g(x) = x."""
        return z


class NoOutputActivation(PeepholeLSTM):
    """NOAF: h(x) = x."""

    def output_activation(self, cell: Tensor) -> Tensor:
        """h(x) = x."""
        return cell


class CoupledGates(PeepholeLSTM):
    """CIFG: f = 1 - i, one gate for both."""

    blocks = ("i", "o", "z")
    opened = ("i", -1.0)  # f = 1 - sigmoid(-1) = sigmoid(1)

    def forget_gate(self, seen: dict[str, Tensor], before: Tensor, i: Tensor) -> Tensor:
        """f = 1 - i."""
        return 1 - i


class FullGateRecurrence(PeepholeLSTM):
    """FGR: each gate also sees the i, f and o of the step before, through nine more matrices. State: y, c, i, f, o."""

    parts = 5

    def __init__(self, inputs: int, hidden: int) -> None:
        """As ``PeepholeLSTM``, and the nine matrices as one block."""
        super().__init__(inputs, hidden)
        self.from_gates = nn.Parameter(torch.empty(3 * hidden, 3 * hidden).uniform_(-1, 1) * hidden**-0.5)

    def forward(self, share: Tensor, state: Tensor) -> Tensor:
        y, c, gates_before = state.split([self.hidden, self.hidden, 3 * self.hidden], dim=1)
        gates, z = self.summed(share, y).split([3 * self.hidden, self.hidden], dim=1)
        i, f, o = torch.addmm(gates, gates_before, self.from_gates).chunk(3, dim=1)
        return torch.cat(self.cell_step({"i": i, "f": f, "o": o, "z": z}, c), dim=1)


class GRU(Cell):
    """Gated recurrent unit (Cho et al., 2014), with the reset gate after the product, as torch and cuDNN have it.

    r = sigmoid(Wr x + Rr y' + br), u = sigmoid(Wu x + Ru y' + bu), n = tanh(Wn x + bn + r * (Rn y')),
    y = (1 - u) * n + u * y'. State: y.
    """

    blocks = ("r", "u", "n")
    parts = 1

    def forward(self, share: Tensor, state: Tensor) -> Tensor:
        sizes = [2 * self.hidden, self.hidden]
        gates, n = share.split(sizes, dim=1)
        own_gates, own_n = (state @ self.recurrent).split(sizes, dim=1)
        r, u = (gates + own_gates).sigmoid().chunk(2, dim=1)
        return torch.lerp(torch.addcmul(n, r, own_n).tanh(), state, u)


class SimpleRecurrent(Cell):
    """The simple recurrent network (Elman, 1990): y = tanh(W x + R y' + b). State: y."""

    blocks = ("y",)
    parts = 1

    def forward(self, share: Tensor, state: Tensor) -> Tensor:
        return self.summed(share, state).tanh()


CELLS: dict[CellKind, type[Cell]] = {
    "lstm": PlainLSTM,
    "peephole": PeepholeLSTM,
    "nig": NoInputGate,
    "nfg": NoForgetGate,
    "nog": NoOutputGate,
    "niaf": NoInputActivation,
    "noaf": NoOutputActivation,
    "cifg": CoupledGates,
    "np": PlainLSTM,
    "fgr": FullGateRecurrence,
    "gru": GRU,
    "simple": SimpleRecurrent,
}
assert set(CELLS) == set(get_args(CellKind))
