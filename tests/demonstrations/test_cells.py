"""Every cell against its equations written out for single units, and against torch's own kernels."""

import math
from collections.abc import Callable, Sequence
from itertools import chain

import pytest
import torch
from torch import Tensor, nn

from saps.demonstrations.cells import CELLS, Cell, CellKind
from saps.demonstrations.sequences import FUSED, CellSequence, sequence_layer
from saps.nn.nps_decoder import TwoGRUs
from saps.nn.tree_decoder import LSTM

INPUTS, HIDDEN, STEPS = 2, 3, 4
Vector = list[float]


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def made(kind: CellKind) -> Cell:
    """A cell in double precision with all its weights drawn anew, peepholes and biases too."""
    torch.manual_seed(5)
    cell = CELLS[kind](INPUTS, HIDDEN).double()
    for parameter in cell.parameters():
        nn.init.uniform_(parameter, -0.9, 0.9)
    return cell


class Scalars:
    """Reads the weights of a cell as numbers: what block ``name`` of unit n sees, summed from single products."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.own = cell.from_input.detach().tolist()
        self.recurrent = cell.recurrent.detach().tolist()
        self.bias = cell.bias.detach().tolist()

    def column(self, name: str, unit: int) -> int:
        return self.cell.blocks.index(name) * HIDDEN + unit

    def fresh(self, name: str, unit: int, x: Vector) -> float:
        """W x + b."""
        column = self.column(name, unit)
        return sum(value * row[column] for value, row in zip(x, self.own, strict=True)) + self.bias[column]

    def back(self, name: str, unit: int, y: Vector) -> float:
        """R y."""
        column = self.column(name, unit)
        return sum(value * row[column] for value, row in zip(y, self.recurrent, strict=True))

    def peephole(self, name: str, unit: int, c: float) -> float:
        """p * c."""
        holes = getattr(self.cell, "peepholes", {})
        return float(holes[name][unit].detach()) * c if name in holes else 0.0

    def gates_back(self, name: str, unit: int, gates: Sequence[Vector]) -> float:
        """What a gate of FGR sees of the i, f and o of the step before."""
        if not hasattr(self.cell, "from_gates"):
            return 0.0
        matrix, column = self.cell.from_gates.detach().tolist(), "ifo".index(name) * HIDDEN + unit
        return sum(value * row[column] for value, row in zip(chain(*gates), matrix, strict=True))


def lstm_outputs(kind: CellKind, cell: Cell, inputs: list[Vector]) -> list[Vector]:
    """The equations of the vanilla LSTM, unit by unit, with the one change of each variant."""
    weights = Scalars(cell)
    y, c = [0.0] * HIDDEN, [0.0] * HIDDEN
    i, f, o = [0.0] * HIDDEN, [0.0] * HIDDEN, [0.0] * HIDDEN
    outputs = []
    for x in inputs:
        before = (y, c, [i, f, o])
        y, c, i, f, o = ([0.0] * HIDDEN for _ in range(5))
        for n in range(HIDDEN):

            def seen(name: str, n: int = n, x: Vector = x, before: tuple = before) -> float:
                return weights.fresh(name, n, x) + weights.back(name, n, before[0])

            def gate(name: str, cell_value: float, n: int = n, before: tuple = before, seen: Callable = seen) -> float:
                extra = weights.peephole(name, n, cell_value) + weights.gates_back(name, n, before[2])
                return sigmoid(seen(name) + extra)

            c_before = before[1][n]
            i[n] = 1.0 if kind == "nig" else gate("i", c_before)
            f[n] = 1.0 if kind == "nfg" else 1 - i[n] if kind == "cifg" else gate("f", c_before)
            z = seen("z") if kind == "niaf" else math.tanh(seen("z"))
            c[n] = z * i[n] + c_before * f[n]
            o[n] = 1.0 if kind == "nog" else gate("o", c[n])
            y[n] = (c[n] if kind == "noaf" else math.tanh(c[n])) * o[n]
        outputs.append(y)
    return outputs


def gru_outputs(cell: Cell, inputs: list[Vector]) -> list[Vector]:
    weights, y, outputs = Scalars(cell), [0.0] * HIDDEN, []
    for x in inputs:
        before, y = y, [0.0] * HIDDEN
        for n in range(HIDDEN):
            r, u = (sigmoid(weights.fresh(name, n, x) + weights.back(name, n, before)) for name in "ru")
            candidate = math.tanh(weights.fresh("n", n, x) + r * weights.back("n", n, before))
            y[n] = (1 - u) * candidate + u * before[n]
        outputs.append(y)
    return outputs


def simple_outputs(cell: Cell, inputs: list[Vector]) -> list[Vector]:
    weights, y, outputs = Scalars(cell), [0.0] * HIDDEN, []
    for x in inputs:
        y = [math.tanh(weights.fresh("y", n, x) + weights.back("y", n, y)) for n in range(HIDDEN)]
        outputs.append(y)
    return outputs


def run(cell: Cell, inputs: Tensor) -> Tensor:
    """The outputs (S, B, H) of a single cell over (S, B, I)."""
    return CellSequence(cell)(inputs)[0]


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_does_what_its_equations_say(kind: CellKind) -> None:
    cell = made(kind)
    inputs = torch.randn(STEPS, 2, INPUTS, dtype=torch.double)
    found = run(cell, inputs)
    for row in range(2):
        numbers = inputs[:, row].tolist()
        if kind == "gru":
            expected = gru_outputs(cell, numbers)
        elif kind == "simple":
            expected = simple_outputs(cell, numbers)
        else:
            expected = lstm_outputs(kind, cell, numbers)
        torch.testing.assert_close(found[:, row], torch.tensor(expected, dtype=torch.double), rtol=0, atol=1e-12)


def test_the_variants_differ_from_each_other() -> None:
    inputs = torch.randn(STEPS, 1, INPUTS, dtype=torch.double)
    outputs = [run(made(kind), inputs).detach() for kind in CELLS if kind != "np"]
    gaps = [float((a - b).abs().max()) for k, a in enumerate(outputs) for b in outputs[:k]]
    assert min(gaps) > 1e-3


@pytest.mark.parametrize("kind", CELLS)
def test_gates_that_forget_begin_open(kind: CellKind) -> None:
    bias = CELLS[kind](INPUTS, HIDDEN).bias.detach()
    blocks = dict(zip(CELLS[kind].blocks, bias.split(HIDDEN), strict=True))
    wanted = {"f": 1.0} if "f" in blocks else {"i": -1.0} if kind == "cifg" else {}
    for name, values in blocks.items():
        assert values.tolist() == [wanted.get(name, 0.0)] * HIDDEN


ORDER = {"lstm": "ifzo", "np": "ifzo", "gru": "run", "simple": "y"}  # torch's order of blocks


@pytest.mark.parametrize("kind", FUSED)
def test_the_fused_kernels_are_the_same_cells(kind: CellKind) -> None:
    layer, cell = FUSED[kind](INPUTS, HIDDEN).double(), made(kind)
    for name, weight in (("weight_ih_l0", cell.from_input), ("weight_hh_l0", cell.recurrent)):
        blocks = dict(zip(cell.blocks, weight.t().split(HIDDEN), strict=True))
        layer.layer.get_parameter(name).data.copy_(torch.cat([blocks[block] for block in ORDER[kind]]))
    biases = dict(zip(cell.blocks, cell.bias.split(HIDDEN), strict=True))
    layer.layer.get_parameter("bias_ih_l0").data.copy_(torch.cat([biases[block] for block in ORDER[kind]]))
    inputs = torch.randn(STEPS, 2, INPUTS, dtype=torch.double)
    outputs, state = layer(inputs)
    torch.testing.assert_close(outputs, run(cell, inputs), rtol=0, atol=1e-12)
    assert state.shape == (2, cell.state_size)
    learned = sum(p.numel() for p in layer.parameters() if p.requires_grad)
    assert learned == sum(p.numel() for p in cell.parameters())  # one bias a block


@pytest.mark.parametrize("kind", CELLS)
def test_a_sequence_can_be_read_in_pieces(kind: CellKind) -> None:
    torch.manual_seed(2)
    layer = sequence_layer(kind, INPUTS, HIDDEN).double()
    inputs = torch.randn(STEPS, 2, INPUTS, dtype=torch.double)
    whole, last = layer(inputs)
    state, pieces = None, []
    for step in inputs.split(1):
        output, state = layer(step, state)
        pieces.append(output)
    torch.testing.assert_close(torch.cat(pieces), whole, rtol=0, atol=1e-12)
    torch.testing.assert_close(state, last, rtol=0, atol=1e-12)


def test_the_cell_of_the_tree_decoder_is_the_plain_lstm() -> None:
    ours, theirs = made("lstm"), LSTM(INPUTS, HIDDEN).double()
    theirs.load_state_dict(ours.state_dict())
    x, state = torch.randn(5, INPUTS, dtype=torch.double), torch.rand(5, 2 * HIDDEN, dtype=torch.double)
    torch.testing.assert_close(theirs(theirs.project(x), state), ours(ours.project(x), state))
    assert LSTM(INPUTS, HIDDEN).bias.tolist() == CELLS["lstm"](INPUTS, HIDDEN).bias.tolist()


def test_the_cells_of_nps_are_two_grus_side_by_side() -> None:
    pair, alone = TwoGRUs(INPUTS, HIDDEN).double(), made("gru")
    for parameter in pair.parameters():
        nn.init.uniform_(parameter, -0.9, 0.9)
    x, state = torch.randn(2, 5, INPUTS, dtype=torch.double), torch.rand(2, 5, HIDDEN, dtype=torch.double)
    together = pair(pair.project(x), state)
    for k in range(2):
        weights = {name: value[k].reshape(alone.get_parameter(name).shape) for name, value in pair.state_dict().items()}
        alone.load_state_dict(weights)
        torch.testing.assert_close(alone(alone.project(x[k]), state[k]), together[k], rtol=0, atol=1e-12)
