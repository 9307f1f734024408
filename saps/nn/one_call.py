"""Many steps in one call of torch's LSTM: on a GPU a training step takes as long as its launches.

Rows are padded, and no shape depends on numbers that are on the device, so that nothing waits for it. cuDNN wants the
weights of a call side by side in memory and copies them there, some launches of its own; its warning about that is
silenced.

Letters: S steps, B rows, I inputs, H hidden size.
"""

import warnings
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from saps.nn.schedule import as_tensor
from saps.nn.tree_decoder import LSTM

warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")

_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
_CLOSED = -1e4  # of a pre-activation: its gate is 0, in half precision too


def in_one_call(x: Tensor, wanted: bool | None) -> bool:
    """Whether what has this input is computed here: as is wanted, or else where the device is no CPU."""
    return x.device.type != "cpu" if wanted is None else wanted


def closing_column(hidden: int) -> Tensor:
    """Weights (4H, 1) by which an input of 1 closes the input gates of torch's LSTM and touches no other."""
    return torch.tensor([[_CLOSED], [0.0], [0.0], [0.0]]).repeat_interleave(hidden, dim=0)


def both_directions(x: Tensor, closing: Tensor, start: Tensor, forwards: nn.Module, backwards: nn.Module) -> Tensor:
    """A layer reads rows of different lengths both ways, as if each ended where it ends.

    The last input, 1 beyond the end of a row, closes the input gates: there the backward direction keeps the zeros with
    which it begins, so that padding on the right is never read before the words.

    Args:
        x: (S, B, I + 1) the rows, padded, and where there is padding.
        closing: (4H, 1) what ``closing_column`` gives.
        start: (2, B, H) zeros.
        forwards: a ``FusedLayer`` of torch's LSTM.
        backwards: another.

    Returns:
        Outputs of both directions (S, B, 2H).
    """
    weights: list[Tensor] = []
    for layer in (forwards, backwards):
        to_gates, *others = (layer.get_parameter(f"layer.{name}_l0") for name in _WEIGHTS)
        weights += [torch.cat([to_gates, closing], dim=1), *others]
    outputs: Tensor = torch.lstm(x, (start, start), weights, True, 1, 0.0, True, True, False)[0]
    return outputs


class Ways(NamedTuple):
    """R rows, which begin or go on from another, as P ways from a beginning to each row that none goes on from.

    A row that several go on from stands on the way to each of them, computed more than once. T is the longest way.
    """

    row: Tensor  # (T * P,) which row stands at each place of each way; any beyond its end
    number: int  # P
    place: Tensor  # (Q,) where the rows that are asked for stand, step * P + way


def ways_of(before: NDArray[np.int64], step: NDArray[np.int64], asked: NDArray[np.int64]) -> Ways:
    """The ways of R rows.

    Args:
        before: (R,) the row before each, -1 for none.
        step: (R,) how many rows are before each.
        asked: (Q,) the rows whose outputs are wanted.
    """
    rows = np.arange(len(before))
    ends = np.setdiff1d(rows, before)
    table = np.zeros((int(step.max()) + 1, len(ends)), dtype=np.int64)
    place, current = np.empty_like(rows), ends
    for number in reversed(range(len(table))):
        on_way = step[current] == number
        table[number, on_way] = current[on_way]
        place[current[on_way]] = number * len(ends) + np.flatnonzero(on_way)
        current = np.where(on_way & (number > 0), before[current], current)
    return Ways(as_tensor(table.ravel()), len(ends), as_tensor(place[asked]))


def along_ways(cell: LSTM, from_parent: Tensor, x: Tensor, fed: Tensor, begun: Tensor | None, ways: Ways) -> Tensor:
    """The outputs y (Q, H) of an LSTM of the tree decoder for the rows that the ways are asked for.

    Args:
        cell: one of its two LSTMs.
        from_parent: (H, 4H) U of that.
        x: (R, E) embeddings of labels.
        fed: (R, H) what parents feed.
        begun: (B, H) outputs before the rows that begin, which stand first of all; None: zero, as memory cells are.
        ways: of the rows.
    """
    rows = torch.cat([cell.from_input, from_parent, cell.recurrent, cell.bias[None]])
    i, f, o, z = rows.chunk(4, dim=1)
    columns = torch.cat([i, f, z, o], dim=1).t()  # (4H, E + 2H + 1), the gates in torch's order
    inputs = torch.cat([x, fed], dim=1).index_select(0, ways.row).unflatten(0, (-1, ways.number))  # (T, P, E + H)
    to_gates, recurrent, bias = columns.split([inputs.shape[2], cell.hidden, 1], dim=1)
    zeros = inputs.new_zeros(max(4, ways.number), cell.hidden)
    c = zeros[None, : ways.number]
    y = c if begun is None else begun.index_select(0, ways.row[: ways.number])[None]
    weights = [to_gates, recurrent, bias.squeeze(1), zeros[:4].flatten()]
    outputs: Tensor = torch.lstm(inputs, (y, c), weights, True, 1, 0.0, True, False, False)[0]
    return outputs.flatten(0, 1).index_select(0, ways.place)
