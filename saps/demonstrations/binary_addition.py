"""Binary addition bit by bit: a cell that learns on short numbers adds long ones.

A feed-forward network must fix the number of digits in advance and learns each of them apart. A recurrent one reads
two bits a step, from the lowest column on, and answers with the bit of the sum; all that it has to keep is the carry.

Letters: T columns, B sums.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.demonstrations.cells import CellKind
from saps.demonstrations.learning import learn
from saps.demonstrations.sequences import sequence_layer

HIDDEN = 16
BATCH = 64
RATE = 0.02
STEPS = 2000
SHORT, LONG = 10, 40  # bits of the numbers that are learned from at most, and of those that judge
JUDGED = 500  # sums


class BinarySums(NamedTuple):
    """Columns from the lowest bit on; the last one holds the carry alone."""

    columns: Tensor  # (T, B, 2) the bits of the two numbers
    total: Tensor  # (T, B) the bits of their sum


def random_sums(bits: int, count: int, draws: torch.Generator) -> BinarySums:
    """Sums of two random numbers of so many bits: T = bits + 1."""
    columns = F.pad(torch.randint(2, (bits, count, 2), generator=draws), (0, 0, 0, 0, 0, 1))
    total, carry = [], torch.zeros(count, dtype=torch.long)
    for column in columns:
        here = column.sum(1) + carry
        total.append(here % 2)
        carry = here // 2
    return BinarySums(columns.float(), torch.stack(total).float())


class BinaryAdder(nn.Module):
    """A layer of cells and one output."""

    def __init__(self, cell: CellKind) -> None:
        super().__init__()
        self.layer = sequence_layer(cell, 2, HIDDEN)
        self.to_bit = nn.Linear(HIDDEN, 1)

    def forward(self, columns: Tensor) -> Tensor:
        """columns (T, B, 2) -> the log-odds (T, B) that the bit of the sum is 1."""
        return self.to_bit(self.layer(columns)[0])[..., 0]


def demonstrate(cell: CellKind, seed: int, steps: int, say: Callable[[str], None]) -> dict[str, float]:
    """Learns from sums of up to ``SHORT`` bits; percent of whole sums right, of short numbers and of long ones."""
    torch.manual_seed(seed)
    draws = torch.Generator().manual_seed(seed)
    adder = BinaryAdder(cell)

    def loss() -> Tensor:
        bits = int(torch.randint(1, SHORT + 1, (), generator=draws))
        sums = random_sums(bits, BATCH, draws)
        return F.binary_cross_entropy_with_logits(adder(sums.columns), sums.total)

    learn(adder, loss, steps, RATE, say)
    judged = torch.Generator().manual_seed(seed + 1)
    return {f"sums of {bits}-bit numbers that are right, %": _right(adder, bits, judged) for bits in (SHORT, LONG)}


@torch.no_grad()
def _right(adder: BinaryAdder, bits: int, draws: torch.Generator) -> float:
    sums = random_sums(bits, JUDGED, draws)
    is_right = ((adder(sums.columns) > 0) == (sums.total > 0)).all(0)
    return 100 * is_right.float().mean().item()
