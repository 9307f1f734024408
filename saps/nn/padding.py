"""Batches padded to a few common shapes: what has the shape of another batch can be replayed on a GPU as that was.

Of a tree decoder that goes by one call a pass, and its texts. Padded rows are computed, lead nowhere, and count for no
loss. Letters as in ``saps.nn.two_passes``.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from saps.nn.one_call import Ways
from saps.nn.schedule import Grid
from saps.nn.text_encoder import Texts
from saps.nn.two_passes import BothWays, TwoPassSchedule

NO_LABEL = -100  # what ``F.cross_entropy`` leaves out


class Shape(NamedTuple):
    """All sizes of a batch of texts and programs."""

    texts: int  # B
    words: int  # of the longest text
    letters: int  # n-grams of the longest word; 0 where letters are not read
    nodes: int  # N
    width: int  # n of the grid
    line: int  # B + L
    families: int  # F
    across_steps: int
    across_ways: int
    down_steps: int
    down_ways: int


def shape_of(texts: Texts, schedule: TwoPassSchedule) -> Shape:
    """The shape that a batch has by itself; its schedule has ways."""
    assert schedule.ways is not None
    across, down = schedule.ways
    return Shape(
        texts.words.shape[0],
        texts.words.shape[1],
        0 if texts.letters is None else texts.letters.shape[2],
        len(schedule.label),
        schedule.grid.width,
        len(schedule.line_tree),
        len(schedule.family_tree),
        len(across.row) // across.number,
        across.number,
        len(down.row) // down.number,
        down.number,
    )


def rows_of(shapes: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many rows batches of such shapes (..., 11) are computed as: words, places of the grid, and of all ways."""
    b, words, _, _, width, _, _, across_steps, across_ways, down_steps, down_ways = np.moveaxis(shapes, -1, 0)
    return b * (words + width) + across_steps * across_ways + down_steps * down_ways


def common_shapes(shapes: Sequence[Shape], most: int) -> list[Shape]:
    """At most so many shapes, by rows, each of which holds some of the given ones, and all together all of them.

    The two whose union costs the fewest rows become one, again and again. Then each given shape goes to the smallest
    that holds it, and what is left without one falls away.
    """
    sizes = np.array(shapes, dtype=np.int64)
    found, counts = np.unique(sizes, axis=0, return_counts=True)
    while len(found) > most:
        unions = np.maximum(found[:, None], found[None])
        rows = rows_of(found) * counts
        added = rows_of(unions) * (counts[:, None] + counts[None]) - rows[:, None] - rows[None]
        np.fill_diagonal(added, np.iinfo(np.int64).max)
        first, second = sorted(np.unravel_index(added.argmin(), added.shape))
        found[first], counts[first] = unions[first, second], counts[first] + counts[second]
        found, counts = np.delete(found, second, axis=0), np.delete(counts, second)
    found = found[np.argsort(rows_of(found), kind="stable")]
    chosen = np.argmax((sizes[:, None] <= found[None]).all(axis=2), axis=1)
    return [Shape(*sizes[chosen == place].max(axis=0).tolist()) for place in np.unique(chosen)]


def padded(texts: Texts, schedule: TwoPassSchedule, shape: Shape) -> tuple[Texts, TwoPassSchedule]:
    """A batch in a shape that holds its own; of the schedule what one call a pass reads, the rest is empty."""
    own = shape_of(texts, schedule)
    assert schedule.ways is not None
    before = schedule.label_before.split([own.line, own.families])
    asked = ([own.nodes, own.families - own.texts], [shape.nodes, shape.families - shape.texts])
    none = schedule.label[:0]
    label = F.pad(schedule.label, (0, shape.nodes - own.nodes), value=NO_LABEL)
    return _padded_texts(texts, shape), TwoPassSchedule(
        label=label,
        grid=_padded_grid(schedule.grid, shape),
        label_before=torch.cat([_longer(before[0], shape.line), _longer(before[1], shape.families)]),
        line_tree=_longer(schedule.line_tree, shape.line),
        line_before=none,
        places=(),
        family_tree=_longer(schedule.family_tree, shape.families),
        parent_line=_longer(schedule.parent_line, shape.families - shape.texts),
        family_before=none,
        depths=(),
        line=none,
        family=none,
        ways=BothWays(
            _padded_ways(schedule.ways.across, shape.across_steps, shape.across_ways, *asked),
            _padded_ways(schedule.ways.down, shape.down_steps, shape.down_ways, asked[0][:1], asked[1][:1]),
        ),
        nodes=schedule.nodes,
    )


def _longer(column: Tensor, length: int) -> Tensor:
    return F.pad(column, (0, length - len(column)))


def _padded_texts(texts: Texts, shape: Shape) -> Texts:
    more = shape.words - texts.words.shape[1]
    letters = texts.letters
    if letters is not None:
        letters = F.pad(letters, (0, shape.letters - letters.shape[2], 0, more))
    return Texts(F.pad(texts.words, (0, more)), texts.lengths, letters)


def _padded_grid(grid: Grid, shape: Shape) -> Grid:
    """Nodes that are none stand on places of the grid that no node has."""
    slot = grid.slot // grid.width * shape.width + grid.slot % grid.width
    free = torch.ones(shape.texts * shape.width, dtype=torch.bool).index_fill_(0, slot, False)
    others = free.nonzero().squeeze(1)[: shape.nodes - len(slot)]
    return Grid(torch.cat([slot, others]), shape.width, grid.sizes)


def _padded_ways(ways: Ways, steps: int, number: int, own: Sequence[int], wanted: Sequence[int]) -> Ways:
    """What is asked for consists of parts, ``own`` long, each of which becomes as long as is ``wanted``."""
    table = ways.row.view(-1, ways.number)
    table = F.pad(table, (0, number - ways.number, 0, steps - len(table)))
    place = (ways.place // ways.number * number + ways.place % ways.number).split(list(own))
    longer = [_longer(part, length) for part, length in zip(place, wanted, strict=True)]
    return Ways(table.flatten(), number, torch.cat(longer))
