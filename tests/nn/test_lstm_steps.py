"""Many steps of an LSTM as one operation: the results and gradients of its steps one by one."""

import pytest
import torch
from torch import Tensor

from saps.nn.lstm_steps import lstm_over_steps
from saps.nn.tree_decoder import LSTM

INPUTS, HIDDEN = 4, 6


def case(widths: tuple[int, ...], above: int, dtype: torch.dtype = torch.double) -> tuple[LSTM, list[Tensor], Tensor]:
    """A cell, what its rows are given and begin with, and the row before each."""
    torch.manual_seed(2)
    cell = LSTM(INPUTS, HIDDEN).to(dtype)
    sizes = [above, *widths]
    before = torch.cat([torch.randint(max(1, sizes[place]), (width,)) for place, width in enumerate(widths)])
    given = [torch.randn(sum(widths), 4 * HIDDEN, dtype=dtype), torch.randn(above, 2 * HIDDEN, dtype=dtype)]
    return cell, [tensor.requires_grad_() for tensor in given], before


def one_by_one(cell: LSTM, preactivations: Tensor, start: Tensor, before: Tensor, widths: tuple[int, ...]) -> Tensor:
    states = [start]
    for given, row in zip(preactivations.split(widths), before.split(widths), strict=True):
        states.append(cell(given, states[-1].index_select(0, row)))
    return torch.cat(states[1:])[:, :HIDDEN]


@pytest.mark.parametrize("widths", [(4,), (3, 5, 1), (2, 2, 2, 7), (1, 1, 1, 1, 1, 1)])
def test_outputs_and_gradients_are_those_of_the_steps_one_by_one(widths: tuple[int, ...]) -> None:
    cell, (preactivations, start), before = case(widths, above=3)
    leaves = [preactivations, start, cell.recurrent]
    weights = torch.randn(sum(widths), HIDDEN, dtype=torch.double)
    found, expected = (
        lstm_over_steps(preactivations, cell.recurrent, start, before, widths),
        one_by_one(cell, preactivations, start, before, widths),
    )
    assert torch.allclose(found, expected, atol=1e-12)
    gradients = [torch.autograd.grad((outputs * weights).sum(), leaves) for outputs in (found, expected)]
    assert all(torch.allclose(*pair, atol=1e-12) for pair in zip(*gradients, strict=True))


def test_gradients_are_what_the_outputs_say() -> None:
    cell, (preactivations, start), before = case((2, 3, 2), above=2)
    assert torch.autograd.gradcheck(
        lambda *leaves: lstm_over_steps(leaves[0], leaves[2], leaves[1], before, (2, 3, 2)),
        (preactivations, start, cell.recurrent),
    )


def test_under_autocast_it_works_in_what_the_products_are_in() -> None:
    cell, (preactivations, start), before = case((2, 3), above=2, dtype=torch.float)
    expected = one_by_one(cell, preactivations, start, before, (2, 3))
    with torch.autocast("cpu", torch.bfloat16):
        halved = lstm_over_steps(preactivations.bfloat16(), cell.recurrent, start, before, (2, 3))
    assert halved.dtype == torch.bfloat16
    assert torch.allclose(halved.float(), expected, atol=0.03)
    halved.float().sum().backward()
    assert cell.recurrent.grad is not None
    assert cell.recurrent.grad.dtype == torch.float
