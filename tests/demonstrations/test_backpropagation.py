"""Backpropagation through time of the vanilla LSTM, written out by hand, against autograd on the peephole cell.

Forward, from the input x, the output y' and the cell c' of the step before (bars: before the non-linearity):

    z = tanh(Wz x + Rz y' + bz)        i = s(Wi x + Ri y' + pi * c' + bi)     f = s(Wf x + Rf y' + pf * c' + bf)
    c = z * i + c' * f                 o = s(Wo x + Ro y' + po * c + bo)      y = tanh(c) * o

Backward, D being the gradient that comes from above and + the values of the step after:

    dy = D + Rz' dz+ + Ri' di+ + Rf' df+ + Ro' do+
    do = dy * tanh(c) * s'(o)
    dc = dy * o * tanh'(c) + po * do + pi * di+ + pf * df+ + dc+ * f+
    df = dc * c' * s'(f)     di = dc * z * s'(i)     dz = dc * i * tanh'(z)
    dx = Wz' dz + Wi' di + Wf' df + Wo' do

and summed over the steps: dW = d x', dR = d+ y', db = d, dpi = c di+, dpf = c df+, dpo = c do.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from saps.demonstrations.cells import PeepholeLSTM

INPUTS, HIDDEN, STEPS = 3, 4, 6
BLOCKS = "ifoz"


class Weights(NamedTuple):
    """Of one cell, by block."""

    own: dict[str, Tensor]  # W (H, I)
    recurrent: dict[str, Tensor]  # R (H, H)
    bias: dict[str, Tensor]  # b (H,)
    peephole: dict[str, Tensor]  # p (H,)


class Values(NamedTuple):
    """Of one step: activations (H,) after the non-linearities."""

    x: Tensor
    y_before: Tensor
    c_before: Tensor
    z: Tensor
    i: Tensor
    f: Tensor
    o: Tensor
    c: Tensor
    y: Tensor


def weights_of(cell: PeepholeLSTM) -> Weights:
    def by_block(columns: Tensor) -> dict[str, Tensor]:
        return {name: part.t() for name, part in zip(cell.blocks, columns.split(HIDDEN, dim=1), strict=True)}

    own, recurrent = (by_block(parameter.detach()) for parameter in (cell.from_input, cell.recurrent))
    bias = {name: part[:, 0] for name, part in by_block(cell.bias.detach()[None]).items()}
    return Weights(own, recurrent, bias, {name: p.detach() for name, p in cell.peepholes.items()})


def forwards(weights: Weights, inputs: Tensor) -> list[Values]:
    y = c = torch.zeros(HIDDEN, dtype=torch.double)
    steps = []
    for x in inputs:
        bar = {n: weights.own[n] @ x + weights.recurrent[n] @ y + weights.bias[n] for n in BLOCKS}
        i = (bar["i"] + weights.peephole["i"] * c).sigmoid()
        f = (bar["f"] + weights.peephole["f"] * c).sigmoid()
        z = bar["z"].tanh()
        new = z * i + c * f
        o = (bar["o"] + weights.peephole["o"] * new).sigmoid()
        steps.append(Values(x, y, c, z, i, f, o, new, new.tanh() * o))
        y, c = steps[-1].y, new
    return steps


def backwards(weights: Weights, steps: list[Values], above: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """The gradients of all weights and of the inputs (S, I), from those of the outputs (S, H)."""
    shapes = {"W": weights.own, "R": weights.recurrent, "b": weights.bias, "p": weights.peephole}
    total = {kind + n: torch.zeros_like(w) for kind, by_block in shapes.items() for n, w in by_block.items()}
    zero = torch.zeros(HIDDEN, dtype=torch.double)
    after, dc_after, f_after = dict.fromkeys(BLOCKS, zero), zero, zero
    dx = []
    for values, delta in zip(reversed(steps), reversed(above.unbind()), strict=True):
        dy = delta + sum(weights.recurrent[n].t() @ after[n] for n in BLOCKS)
        do = dy * values.c.tanh() * values.o * (1 - values.o)
        dc = dy * values.o * (1 - values.c.tanh() ** 2) + weights.peephole["o"] * do
        dc = dc + weights.peephole["i"] * after["i"] + weights.peephole["f"] * after["f"] + dc_after * f_after
        df = dc * values.c_before * values.f * (1 - values.f)
        di = dc * values.z * values.i * (1 - values.i)
        dz = dc * values.i * (1 - values.z**2)
        now = {"i": di, "f": df, "o": do, "z": dz}
        dx.append(sum(weights.own[n].t() @ now[n] for n in BLOCKS))
        for n in BLOCKS:
            total["W" + n] += torch.outer(now[n], values.x)
            total["R" + n] += torch.outer(now[n], values.y_before)
            total["b" + n] += now[n]
        total["pi"] += values.c_before * di
        total["pf"] += values.c_before * df
        total["po"] += values.c * do
        after, dc_after, f_after = now, dc, values.f
    return total, torch.stack(dx[::-1])


def test_the_formulas_of_backpropagation_through_time_agree_with_autograd() -> None:
    torch.manual_seed(4)
    cell = PeepholeLSTM(INPUTS, HIDDEN).double()
    for parameter in cell.parameters():
        nn.init.uniform_(parameter, -1, 1)
    inputs = torch.randn(STEPS, INPUTS, dtype=torch.double, requires_grad=True)
    above = torch.randn(STEPS, HIDDEN, dtype=torch.double)

    state, outputs = torch.zeros(1, cell.state_size, dtype=torch.double), []
    for x in inputs:
        state = cell(cell.project(x[None]), state)
        outputs.append(cell.output(state)[0])
    (torch.stack(outputs) * above).sum().backward()

    weights = weights_of(cell)
    steps = forwards(weights, inputs.detach())
    torch.testing.assert_close(torch.stack([step.y for step in steps]), torch.stack(outputs).detach())
    by_hand, of_inputs = backwards(weights, steps, above)
    torch.testing.assert_close(of_inputs, inputs.grad, rtol=0, atol=1e-12)
    found = {"W": cell.from_input.grad, "R": cell.recurrent.grad, "b": cell.bias.grad[None]}
    for kind, gradient in found.items():
        for name, part in zip(cell.blocks, gradient.split(HIDDEN, dim=1), strict=True):
            expected = by_hand[kind + name]
            torch.testing.assert_close(part.t().reshape(expected.shape), expected, rtol=0, atol=1e-12)
    for name, parameter in cell.peepholes.items():
        torch.testing.assert_close(parameter.grad, by_hand["p" + name], rtol=0, atol=1e-12)
    assert min(float(gradient.abs().max()) for gradient in by_hand.values()) > 0
