"""Teacher forcing for the forms of VH whose horizontal states begin anew in each family: two passes instead of waves.

No horizontal state waits for a vertical one there, so all of them are computed first, for all nodes at the same place
among their siblings at once; what the vertical cell hears of them is then one product for all families, and the
vertical states follow depth by depth.

Letters as in ``saps.nn.tree_decoder``; L, F and the rows of the line as in ``saps.batches.passes``.
"""

from itertools import pairwise
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from saps.nn.cells import Cell


class PassesPlan(Protocol):
    """``saps.batches.passes.Passes`` explains each."""

    @property
    def sibling_label(self) -> Tensor: ...  # (L,)
    @property
    def sibling_tree(self) -> Tensor: ...  # (L,)
    @property
    def sibling_source(self) -> Tensor: ...  # (L,)
    @property
    def places(self) -> tuple[int, ...]: ...  # (P + 1,)
    @property
    def parent_label(self) -> Tensor: ...  # (F,)
    @property
    def family_tree(self) -> Tensor: ...  # (F,)
    @property
    def parent_line(self) -> Tensor: ...  # (F - B,)
    @property
    def parent_source(self) -> Tensor: ...  # (F - B,)
    @property
    def depths(self) -> tuple[int, ...]: ...  # (D + 1,)
    @property
    def line(self) -> Tensor: ...  # (R,)
    @property
    def family(self) -> Tensor: ...  # (R,)


def horizontal_pass(cell: Cell, table: Tensor, heard: Tensor, plan: PassesPlan) -> Tensor:
    """Shares of the labels (V + 1, G), what is heard of z (B, G) -> states (B + L, W) of the line."""
    first = heard + table[-1]  # a first child hears no label
    states = [cell(first[None], first.new_zeros(1, len(first), cell.state_size))[0]]
    shares = F.embedding(plan.sibling_label, table) + heard.index_select(0, plan.sibling_tree)
    widths = _widths(plan.places)
    for share, source in zip(shares.split(widths), plan.sibling_source.split(widths), strict=True):
        states.append(cell(share[None], states[-1].index_select(0, source)[None])[0])
    return torch.cat(states)


def vertical_pass(cell: Cell, table: Tensor, heard: Tensor, start: Tensor, plan: PassesPlan) -> Tensor:
    """Shares of the labels (V + 1, G), what is heard of the parents (F, G), states of the start (B, W) -> (F, W)."""
    shares = F.embedding(plan.parent_label % len(table), table) + heard
    widths = _widths(plan.depths)
    roots, *deeper = shares.split(widths)
    states = [cell(roots[None], start[None])[0]]
    for share, source in zip(deeper, plan.parent_source.split(widths[1:]), strict=True):
        states.append(cell(share[None], states[-1].index_select(0, source)[None])[0])
    return torch.cat(states)


def _widths(starts: tuple[int, ...]) -> list[int]:
    return [end - start for start, end in pairwise(starts)]
