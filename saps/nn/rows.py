"""Attention for rows of any texts: together on a grid, so that no text is copied for each of its rows.

Letters: R rows, B texts, N rows of the text that has most, H size of a query, M width of the memory.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from saps.nn.attention import Attention, Memory


class Grid(NamedTuple):
    """Where R rows stand on a grid of B texts times N rows each."""

    memory: Memory  # of the B texts of the grid
    slot: Tensor  # (R,) text * N + number of the row within its text
    nodes: int  # N


def grid_of(tree: Tensor, memory: Memory) -> Grid:
    """The grid for rows of the texts ``tree`` (R,); where most texts have no row, these are left out of the memory."""
    texts = len(memory.mask)
    rows = torch.arange(len(tree), device=tree.device)
    if texts == 1:
        return Grid(memory, rows, len(tree))
    counts = torch.bincount(tree, minlength=texts)  # (B,)
    present = counts > 0
    if 2 * int(present.sum()) < texts:
        memory, row = _only(memory, present)
        tree, counts = row[tree], counts[present]
    order = tree.argsort(stable=True)
    first = counts.cumsum(0) - counts  # (B,) how many rows the texts before have
    nodes = int(counts.max())
    places = tree[order] * nodes + rows - first[tree[order]]
    return Grid(memory, torch.empty_like(rows).index_copy(0, order, places), nodes)


def read_rows(attention: Attention, queries: Tensor, tree: Tensor, memory: Memory) -> Tensor:
    """queries (R, H) of the texts ``tree`` (R,) -> contexts (R, M)."""
    return read_grid(attention, queries, grid_of(tree, memory))


def read_grid(attention: Attention, queries: Tensor, grid: Grid) -> Tensor:
    """queries (R, H) that stand on a grid -> contexts (R, M)."""
    texts = len(grid.memory.mask)
    asked = queries.new_zeros(texts * grid.nodes, queries.shape[1]).index_copy(0, grid.slot, queries)  # (B * N, H)
    rows = torch.bincount(grid.slot // grid.nodes, minlength=texts)  # (B,)
    contexts = attention(asked.view(texts, grid.nodes, -1), grid.memory, rows)  # (B, N, M)
    return contexts.flatten(0, 1).index_select(0, grid.slot)


def _only(memory: Memory, wanted: Tensor) -> tuple[Memory, Tensor]:
    """The memory of the texts that are ``wanted`` (B,), and the row of each in it (B,); other rows mean nothing."""
    return memory.rows(wanted.nonzero().squeeze(1)), wanted.cumsum(0) - 1


def still_read(memory: Memory | None, text: Tensor, tree: Tensor) -> tuple[Memory | None, Tensor]:
    """Leaves out the texts of finished trees once they are half of the memory.

    ``text`` (B,) is the row of each tree in the memory, ``tree`` (R,) are those that still grow; the rows of all others
    mean nothing any more. Gives the memory and the rows in it.
    """
    if memory is None:
        return None, text
    wanted = torch.zeros(len(memory.mask), dtype=torch.bool, device=text.device).index_fill(0, text[tree], True)
    if 2 * int(wanted.sum()) > len(wanted):
        return memory, text
    memory, row = _only(memory, wanted)
    return memory, row[text]
