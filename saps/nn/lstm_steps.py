"""Many small steps of one LSTM as one operation of autograd: the tree decoder's two passes learn by it.

What a step needs of the step before is a product with R and seven operations on its rows. Autograd on its own would
keep, slice and add up gradients for each of these. Here the backward pass first turns the gates of all rows into
slopes, goes back through the steps with six operations each, and multiplies once for the gradient of R.

Letters: N rows of T steps, sorted by step, Q rows above the first step, H hidden size.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def lstm_over_steps(
    preactivations: Tensor, recurrent: Tensor, start: Tensor, before: Tensor, widths: Sequence[int]
) -> Tensor:
    """The outputs (N, H) of an ``LSTM`` whose rows go on from rows of the step before.

    Args:
        preactivations: (N, 4H) all but y' R, for the gates i, f, o and z.
        recurrent: (H, 4H) R.
        start: (Q, 2H) states above the first step, output and memory cell.
        before: (N,) which row of the step before each goes on from; of ``start`` for the first step.
        widths: (T,) rows of each step.
    """
    dtype = preactivations.dtype  # what autocast has made of the products that they are sums of
    with torch.autocast(preactivations.device.type, enabled=False):
        found: Tensor = _Steps.apply(preactivations, recurrent.to(dtype), start.to(dtype), before, tuple(widths))
    return found


class _Steps(torch.autograd.Function):
    """The recursion forwards and its derivatives backwards."""

    @staticmethod
    def forward(
        ctx: Any, preactivations: Tensor, recurrent: Tensor, start: Tensor, before: Tensor, widths: tuple[int, ...]
    ) -> Tensor:
        rows, hidden = len(preactivations), len(recurrent)
        gates = torch.empty_like(preactivations)
        reached, states = (preactivations.new_empty(rows, 2 * hidden) for _ in range(2))
        tanh = preactivations.new_empty(rows, hidden)
        above = start
        for given, gate, old, state, bent, row in _by_step(
            widths, preactivations, gates, reached, states, tanh, before
        ):
            torch.index_select(above, 0, row, out=old)
            torch.addmm(given, old[:, :hidden], recurrent, out=gate)
            gate[:, : 3 * hidden].sigmoid_()
            gate[:, 3 * hidden :].tanh_()
            i, f, o, z = gate.chunk(4, dim=1)
            y, c = state.chunk(2, dim=1)
            torch.mul(i, z, out=c).addcmul_(f, old[:, hidden:])
            torch.mul(torch.tanh(c, out=bent), o, out=y)
            above = state
        ctx.save_for_backward(recurrent, gates, reached, tanh, before)
        ctx.widths, ctx.above = widths, len(start)
        return states[:, :hidden]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_outputs: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        recurrent, gates, reached, tanh, before = ctx.saved_tensors
        widths, hidden = ctx.widths, len(recurrent)
        slopes, of_cell = _slopes(gates, reached[:, hidden:], tanh)
        of_gates, handed = torch.empty_like(gates), torch.empty_like(reached)
        of_states = torch.cat([of_outputs, torch.zeros_like(of_outputs)], dim=1)
        of_start = reached.new_zeros(ctx.above, 2 * hidden)
        backwards = recurrent.t()
        forget = gates[:, hidden : 2 * hidden]
        above = [of_start, *of_states.split(widths)[:-1]]
        steps = _by_step(widths, of_gates, slopes, of_cell, forget, handed, before, of_states)
        for (of_gate, slope, bend, f, hand, row, of_state), target in zip(steps[::-1], above[::-1], strict=True):
            of_y, of_c = of_state.chunk(2, dim=1)
            of_c.addcmul_(of_y, bend)
            torch.mul(of_c[:, None], slope.view(-1, 4, hidden), out=of_gate.view(-1, 4, hidden))
            torch.mul(of_y, slope[:, 2 * hidden : 3 * hidden], out=of_gate[:, 2 * hidden : 3 * hidden])
            torch.mm(of_gate, backwards, out=hand[:, :hidden])
            torch.mul(of_c, f, out=hand[:, hidden:])
            target.index_add_(0, row, hand)
        return of_gates, reached[:, :hidden].t() @ of_gates, of_start, None, None


def _by_step(widths: Sequence[int], *columns: Tensor) -> list[tuple[Tensor, ...]]:
    return list(zip(*(column.split(widths) for column in columns), strict=True))


def _slopes(gates: Tensor, old: Tensor, tanh: Tensor) -> tuple[Tensor, Tensor]:
    """Of gates (N, 4H), memory cells before (N, H) and tanh of those after (N, H).

    The first result (N, 4H) times the gradient of c is that of the pre-activations of i, f and z, and times the
    gradient of y that of o; the second (N, H) times the gradient of y is what goes on from there to c.
    """
    i, _, o, z = gates.chunk(4, dim=1)
    sigmoid_backward, tanh_backward = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward
    inner = sigmoid_backward(torch.cat([z, old, tanh], dim=1), gates[:, : gates.shape[1] // 4 * 3])
    return torch.cat([inner, tanh_backward(i, z)], dim=1), tanh_backward(o, tanh)
