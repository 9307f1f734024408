"""The same results sooner: modules with the weights of their definitions, each held to its definition by a test.

``FastTreeDecoder``        learning in two passes instead of step by step, where the parent feed allows it: the training
                           step of SAPS VH is a third shorter on one CPU core, with 460 instead of 1,660 operations;
                           else labels are projected once for all steps, some 5 % of a step on one CPU core
``FastAdditiveAttention``  learning without the numbers between query and score leaving the cache of a CPU
``FastTextEncoder``,       answering many texts of different lengths on a CPU without reading their padding
``by_length``

Systems take these; who wants to read, or to change, what is computed finds it in the modules of the definitions.
Letters as there.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from saps.nn.attention import AdditiveAttention, Attention, AttentionKind, Memory, MultiplicativeAttention
from saps.nn.lstm_steps import lstm_over_steps
from saps.nn.schedule import (
    START,
    Forest,
    Grid,
    Schedule,
    TreeArrays,
    as_tensor,
    forest_of,
    grid_in_order,
    step_order,
    steps_of,
)
from saps.nn.text_encoder import Encoded, TextEncoder, Texts
from saps.nn.tree_decoder import LSTM, TreeDecoder

_ALIKE = 32  # texts of like lengths that a CPU reads at once: half the words of a mixed batch of 256 are padding
_CACHED = 1 << 17  # numbers that stay in a core's cache while they are worked on


class TwoPassSchedule(NamedTuple):
    """N nodes of B trees where no horizontal state waits for a vertical one: first all h, then all v.

    The horizontal pass goes by the place among the siblings, the vertical one by depth: as many steps as the largest
    arity and the deepest tree have together. First children (and roots) of a tree all have the same h, so that a tree
    has one row for all of them: row b < B of the *line* is that of tree b, row B + l that of node l of the L others.
    A family is the children of one node; all of them have the same v. There are F, the B roots first.
    """

    label: Tensor  # (N,) the target
    grid: Grid
    sibling_label: Tensor  # (L,) label of the previous sibling + 1
    sibling_tree: Tensor  # (L,)
    line_before: Tensor  # (B + L,) row of the previous sibling in the place before; first the B trees
    places: tuple[int, ...]  # (P + 1,) where each place begins
    parent_label: Tensor  # (F,) + 1; 0 for roots, which have no parent
    family_tree: Tensor  # (F,)
    parent_line: Tensor  # (F - B,) row of the line in which the parent of a family stands
    family_before: Tensor  # (F,) row of the parent's family within the depth before; for a root, the tree
    depths: tuple[int, ...]  # (D + 1,) where each depth begins
    line: Tensor  # (N,) row of the line of each node
    family: Tensor  # (N,) family of each node


def two_pass_schedule(trees: Sequence[TreeArrays]) -> TwoPassSchedule:
    """The schedule of the two passes for a batch of trees; nodes stand in the order of ``schedule_of``."""
    forest = forest_of(trees)
    order, count = step_order(forest), len(forest.sizes)
    others, place, places = _by_place(forest)
    roots = np.arange(count)
    line = forest.tree.copy()
    line[others] = count + np.arange(len(others))
    before = forest.predecessor[others]
    in_place = np.where(place > 1, line[before] - count - _starts(places, place - 2), forest.tree[others])

    firsts = np.flatnonzero(forest.first)
    firsts = firsts[np.argsort(forest.depth[firsts], kind="stable")]
    depths = np.searchsorted(forest.depth[firsts], np.arange(forest.depth.max() + 2))
    family = np.empty(len(line), dtype=np.int64)
    family[firsts] = np.arange(len(firsts))
    for start, end in pairwise(places):
        family[others[start:end]] = family[before[start:end]]
    children = firsts[count:]
    parents = forest.parent[children]
    return TwoPassSchedule(
        label=as_tensor(forest.label[order]),
        grid=grid_in_order(forest, order),
        sibling_label=as_tensor(forest.label[before] + 1),
        sibling_tree=as_tensor(forest.tree[others]),
        line_before=as_tensor(np.concatenate([roots, in_place])),
        places=tuple(places.tolist()),
        parent_label=as_tensor(np.concatenate([np.full(count, START), forest.label[parents]]) + 1),
        family_tree=as_tensor(forest.tree[firsts]),
        parent_line=as_tensor(line[parents]),
        family_before=as_tensor(np.concatenate([roots, family[parents] - _starts(depths, forest.depth[children] - 1)])),
        depths=tuple(depths.tolist()),
        line=as_tensor(line[order]),
        family=as_tensor(family[order]),
    )


def _by_place(forest: Forest) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The L nodes that are not first children, by their place among the siblings; these places; where each begins."""
    place = forest.step - np.where(forest.parent < 0, -1, forest.step[forest.parent]) - 1
    others = np.flatnonzero(~forest.first)
    others = others[np.argsort(place[others], kind="stable")]
    return others, place[others], np.searchsorted(place[others], np.arange(1, place.max() + 2))


def _starts(starts: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """``starts`` at ``places``, of which some may be below zero and mean nothing."""
    return starts[np.maximum(places, 0)]


class FastTreeDecoder(TreeDecoder):
    """Learns in two passes where each family begins anew; labels are projected once for all nodes."""

    def schedule(self, trees: Sequence[TreeArrays]) -> Schedule | TwoPassSchedule:  # type: ignore[override]
        return super().schedule(trees) if self.parent_feed == "state" else two_pass_schedule(trees)

    def forward(self, latent: Tensor, schedule: Schedule | TwoPassSchedule) -> Tensor:
        if not isinstance(schedule, TwoPassSchedule):
            return self._step_by_step(latent, schedule)
        assert self.vertical is not None
        assert self.horizontal is not None
        from_latent, rows = self.start(latent)
        labels = F.pad(self.embedding.weight, (0, 0, 1, 0))  # (V + 1, E), first that of START, zero
        down, across = self.vertical.project(labels), self.horizontal.project(labels)  # (V + 1, 4H)
        line = _horizontal_pass(self.horizontal, across, from_latent[:, -across.shape[1] :], schedule)
        if self.parent_feed == "latent":
            fed = from_latent[:, : down.shape[1]].index_select(0, schedule.family_tree)
        else:  # the roots get nothing
            parents = line.index_select(0, schedule.parent_line)
            fed = F.pad(parents @ self.from_parent[:, : down.shape[1]], (0, 0, len(latent), 0))
        vertical = _vertical_pass(self.vertical, down, fed, rows[:, : self.columns[0]], schedule)
        return vertical.index_select(0, schedule.family) + line.index_select(0, schedule.line)

    def _step_by_step(self, latent: Tensor, schedule: Schedule) -> Tensor:
        """As the definition does it, but the labels' part of the pre-activations is computed once for all steps."""
        parents = schedule.parent_label
        down, across = self.from_labels(parents.index_select(0, schedule.first_rows), parents, schedule.sibling_label)
        steps = steps_of(schedule)
        empty = [down[:0]] * len(steps)
        downs = down.split(list(schedule.firsts)) if self.vertical else empty
        acrosses = across.split(_widths(schedule.starts)) if self.horizontal else empty
        (from_latent, rows), states = self.start(latent), []
        for nodes, above, beside in zip(steps, downs, acrosses, strict=True):
            found, rows = self.advance(from_latent, rows, nodes, above, beside)
            states.append(found)
        return torch.cat(states)


def _horizontal_pass(cell: LSTM, labels: Tensor, fed: Tensor, schedule: TwoPassSchedule) -> Tensor:
    """Projected labels (V + 1, 4H), what z feeds (B, 4H) -> outputs h of the line (B + L, H)."""
    first = fed + labels[0]  # a first child has no previous sibling
    others = F.embedding(schedule.sibling_label, labels) + fed.index_select(0, schedule.sibling_tree)
    start = fed.new_zeros(len(fed), 2 * cell.hidden)
    widths = [len(fed), *_widths(schedule.places)]
    return lstm_over_steps(torch.cat([first, others]), cell.recurrent, start, schedule.line_before, widths)


def _vertical_pass(cell: LSTM, labels: Tensor, fed: Tensor, start: Tensor, schedule: TwoPassSchedule) -> Tensor:
    """Projected labels (V + 1, 4H), what parents feed (F, 4H), v above the roots (B, 2H) -> v's outputs (F, H)."""
    preactivations = F.embedding(schedule.parent_label, labels) + fed
    return lstm_over_steps(preactivations, cell.recurrent, start, schedule.family_before, _widths(schedule.depths))


def _widths(starts: tuple[int, ...]) -> list[int]:
    return [end - start for start, end in pairwise(starts)]


class FastTextEncoder(TextEncoder):
    """Answers many texts on a CPU in groups of like lengths."""

    def forward(self, texts: Texts) -> Encoded:
        words, lengths, letters = texts
        if self.training or words.device.type != "cpu" or len(lengths) <= _ALIKE:
            return super().forward(texts)
        groups = lengths.argsort(stable=True).split(_ALIKE)
        parts = []
        for group in groups:
            longest = int(lengths[group[-1]])
            some = None if letters is None else letters[group, :longest]
            parts.append(super().forward(Texts(words[group, :longest], lengths[group], some)))
        mask = torch.arange(words.shape[1]) < lengths[:, None]  # (B, S)
        memory = parts[0].memory.new_zeros(*mask.shape, parts[0].memory.shape[2])
        for part, group in zip(parts, groups, strict=True):
            memory[:, : part.memory.shape[1]].index_copy_(0, group, part.memory)
        back = torch.cat(groups).argsort()
        return Encoded(memory, mask, torch.cat([part.latent for part in parts])[back])


def by_length(attention: Attention, asked: Tensor, memory: Memory, sizes: Tensor) -> Tensor:
    """W q (B, n, A) -> contexts (B, n, M): a few texts at a time, each group as wide as the longest of them."""
    contexts = memory.values.new_empty(*asked.shape[:2], memory.values.shape[2])
    for start in range(0, len(asked), _ALIKE):
        some = slice(start, start + _ALIKE)
        width = int(memory.mask[some].sum(dim=1).max())
        keys, values, mask = (column[some, :width] for column in memory[:3])
        part = Memory(keys, values, mask, memory.from_latent[some])
        contexts[some] = attention.read(asked[some], part, sizes[some])
    return contexts


class FastMultiplicativeAttention(MultiplicativeAttention):
    """Answers on a CPU group by group."""

    def forward(self, queries: Tensor, memory: Memory, sizes: Tensor) -> Tensor:
        if torch.is_grad_enabled() or queries.device.type != "cpu" or len(queries) <= _ALIKE:
            return super().forward(queries, memory, sizes)
        return by_length(self, self.to_query(queries), memory, sizes)


class FastAdditiveAttention(AdditiveAttention):
    """Answers on a CPU group by group, and learns there without leaving the cache."""

    def forward(self, queries: Tensor, memory: Memory, sizes: Tensor) -> Tensor:
        if torch.is_grad_enabled() or queries.device.type != "cpu" or len(queries) <= _ALIKE:
            return super().forward(queries, memory, sizes)
        return by_length(self, self.to_query(queries), memory, sizes)

    def scores(self, asked: Tensor, memory: Memory, sizes: Tensor) -> Tensor:
        texts, nodes, units = asked.shape
        blocks = [Block(slice(0, texts), nodes, memory.keys.shape[1])]
        if asked.device.type == "cpu":
            blocks = blocks_of(sizes.tolist(), memory.mask.sum(dim=1).tolist(), _CACHED // units)
        scores: Tensor = _AdditiveScores.apply(asked, memory.keys, self.to_score.weight[0], blocks)
        return scores


class Block(NamedTuple):
    """Some texts one after another: how many queries and words the largest of them has."""

    texts: slice
    queries: int
    words: int


def blocks_of(queries: Sequence[int], words: Sequence[int], room: int) -> list[Block]:
    """Texts with so many queries and words, in blocks each of which takes at most ``room`` pairs, or is one text."""
    blocks, start, most = [], 0, (0, 0)
    for text, size in enumerate(zip(queries, words, strict=True)):
        wider = (max(most[0], size[0]), max(most[1], size[1]))
        if text > start and (text + 1 - start) * wider[0] * wider[1] > room:
            blocks.append(Block(slice(start, text), *most))
            start, wider = text, size
        most = wider
    return [*blocks, Block(slice(start, len(queries)), *most)]


class _AdditiveScores(torch.autograd.Function):
    """w . tanh(q + k) for all pairs of a text, block by block, without the queries and words that are padding.

    The (B, n, S, A) numbers in between do not fit a cache; going over them once for each operation costs more than
    the operations. And one tree of 130 nodes among some of 20 would make the others as large.
    """

    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, weight: Tensor, blocks: Sequence[Block]) -> Tensor:
        """queries (B, n, A), keys (B, S, A), weight (A,) -> scores (B, n, S), zero where nothing is."""
        scores = queries.new_zeros(*queries.shape[:2], keys.shape[1])
        w = weight.to(queries.dtype)
        kept = []
        for texts, rows, words in blocks:
            tanh = (queries[texts, :rows, None] + keys[texts, None, :words]).tanh_()
            scores[texts, :rows, :words] = tanh @ w
            if ctx.needs_input_grad[0]:
                kept.append(tanh)
        ctx.blocks, ctx.words = blocks, keys.shape[1]
        ctx.save_for_backward(weight, *kept)
        return scores

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        """The derivative of tanh is 1 - tanh^2."""
        weight, *kept = ctx.saved_tensors
        above = gradients[0]
        w = weight.to(above.dtype)
        of_queries = above.new_zeros(*above.shape[:2], len(w))
        of_keys = above.new_zeros(len(above), ctx.words, len(w))
        of_weight = torch.zeros_like(w)
        for tanh, (texts, rows, words) in zip(kept, ctx.blocks, strict=True):
            gradient = above[texts, :rows, :words]
            of_weight += gradient.reshape(-1) @ tanh.reshape(-1, len(w))
            slope = torch.ops.aten.tanh_backward(gradient[..., None], tanh)
            torch.sum(slope, 2, out=of_queries[texts, :rows])
            torch.sum(slope, 1, out=of_keys[texts, :words])
        return of_queries * w, of_keys * w, of_weight.to(weight.dtype), None


def make_attention(kind: AttentionKind, query: int, memory: int, units: int) -> Attention | None:
    """Attention of a kind, for queries of size H and words of size M, with A units; None for ``none``."""
    kinds = {"additive": FastAdditiveAttention, "multiplicative": FastMultiplicativeAttention}
    return kinds[kind](query, memory, units) if kind in kinds else None
