"""The same results sooner: modules with the weights of their definitions, each held to its definition by a test.

``FastTreeDecoder``        learning in two passes instead of step by step, where the parent feed allows it: the training
                           step of SAPS VH is a third shorter on one CPU core, and on a GPU has 150 operations, not
                           1,700; else labels are projected once for all steps, some 5 % of a step on one CPU core
``FastAdditiveAttention``  learning without the numbers between query and score leaving the cache of a CPU
``FastTextEncoder``,       answering many texts of different lengths on a CPU without reading their padding; on a GPU
``by_length``              reading both directions in one call

Systems take these; who wants to read, or to change, what is computed finds it in the modules of the definitions.
Letters as there.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.nn.attention import AdditiveAttention, Attention, AttentionKind, Memory, MultiplicativeAttention
from saps.nn.one_call import along_ways, both_directions, closing_column, in_one_call
from saps.nn.schedule import Schedule, TreeArrays, steps_of
from saps.nn.sequences import FusedLayer
from saps.nn.text_encoder import Encoded, TextEncoder, Texts
from saps.nn.tree_decoder import TreeDecoder
from saps.nn.two_passes import BothWays, TwoPassSchedule, horizontal_pass, two_pass_schedule, vertical_pass, widths_of

_ALIKE = 32  # texts of like lengths that a CPU reads at once: half the words of a mixed batch of 256 are padding
_CACHED = 1 << 17  # numbers that stay in a core's cache while they are worked on


class FastTreeDecoder(TreeDecoder):
    """Learns in two passes where each family begins anew; labels are projected once for all nodes."""

    one_call: bool | None = None
    """Whether each pass is one call of torch's LSTM; None: where the device is no CPU."""

    def schedule(self, trees: Sequence[TreeArrays]) -> Schedule | TwoPassSchedule:  # type: ignore[override]
        if self.parent_feed == "state":
            return super().schedule(trees)
        return two_pass_schedule(trees, with_ways=in_one_call(self.from_parent, self.one_call))

    def forward(self, latent: Tensor, schedule: Schedule | TwoPassSchedule) -> Tensor:
        if not isinstance(schedule, TwoPassSchedule):
            return self._step_by_step(latent, schedule)
        if schedule.ways is None:
            return self._in_passes(latent, schedule)
        return self._in_calls(latent, schedule, schedule.ways)

    def _in_passes(self, latent: Tensor, schedule: TwoPassSchedule) -> Tensor:
        assert self.vertical is not None
        assert self.horizontal is not None
        to_vertical, to_horizontal = self.from_parent.split(4 * self.hidden, dim=1)
        labels = F.pad(self.embedding.weight, (0, 0, 1, 0))  # (V + 1, E), first that of START, zero
        line = horizontal_pass(self.horizontal, labels, latent @ to_horizontal, schedule)
        if self.parent_feed == "latent":
            fed = (latent @ to_vertical).index_select(0, schedule.family_tree)  # (F, 4H)
        else:  # the roots get nothing
            fed = F.pad(line.index_select(0, schedule.parent_line) @ to_vertical, (0, 0, len(latent), 0))
        vertical = vertical_pass(self.vertical, labels, fed, latent, schedule)
        return vertical.index_select(0, schedule.family) + line.index_select(0, schedule.line)

    def _in_calls(self, latent: Tensor, schedule: TwoPassSchedule, ways: BothWays) -> Tensor:
        assert self.vertical is not None
        assert self.horizontal is not None
        to_vertical, to_horizontal = self.from_parent.split(4 * self.hidden, dim=1)
        labels = F.pad(self.embedding.weight, (0, 0, 1, 0))
        xs = F.embedding(schedule.label_before, labels)
        across, down = xs.split([len(schedule.line_tree), len(schedule.family_tree)])
        fed = latent.index_select(0, schedule.line_tree)
        found = along_ways(self.horizontal, to_horizontal, across, fed, None, ways.across)
        h, parents = found.split([len(schedule.label), len(schedule.parent_line)])
        if self.parent_feed == "latent":
            fed = latent.index_select(0, schedule.family_tree)  # (F, H)
        else:
            fed = F.pad(parents, (0, 0, len(latent), 0))
        return h + along_ways(self.vertical, to_vertical, down, fed, latent, ways.down)

    def _step_by_step(self, latent: Tensor, schedule: Schedule) -> Tensor:
        """As the definition does it, but the labels' part of the pre-activations is computed once for all steps."""
        parents = schedule.parent_label
        down, across = self.from_labels(parents.index_select(0, schedule.first_rows), parents, schedule.sibling_label)
        steps = steps_of(schedule)
        empty = [down[:0]] * len(steps)
        downs = down.split(list(schedule.firsts)) if self.vertical else empty
        acrosses = across.split(widths_of(schedule.starts)) if self.horizontal else empty
        (from_latent, rows), states = self.start(latent), []
        for nodes, above, beside in zip(steps, downs, acrosses, strict=True):
            found, rows = self.advance(from_latent, rows, nodes, above, beside)
            states.append(found)
        return torch.cat(states)


class FastTextEncoder(TextEncoder):
    """Answers many texts on a CPU in groups of like lengths; elsewhere reads both directions of a layer in one call."""

    one_call: bool | None = None
    """Whether both directions are one call of torch's LSTM; None: where the device is no CPU."""

    def __init__(self, *sizes: Any, **settings: Any) -> None:
        """As the definition."""
        super().__init__(*sizes, **settings)
        self.closing: Tensor
        self.register_buffer("closing", closing_column(self.hidden), persistent=False)

    def forward(self, texts: Texts) -> Encoded:
        words, lengths, letters = texts
        if in_one_call(words, self.one_call) and self._has_lstms():
            return self._in_one_call(texts)
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

    def _has_lstms(self) -> bool:
        layers = [*self.forwards, *self.backwards]
        return all(isinstance(layer, FusedLayer) and isinstance(layer.layer, nn.LSTM) for layer in layers)

    def _in_one_call(self, texts: Texts) -> Encoded:
        words, lengths, hidden = texts.words, texts.lengths, self.hidden
        inside = torch.arange(words.shape[1], device=words.device)[:, None] < lengths  # (S, B)
        x = self.dropout(self.embedding.read(texts))  # (S, B, E)
        beyond = (~inside).to(x.dtype)[:, :, None]
        start = x.new_zeros(2, len(lengths), hidden)
        last = F.pad((lengths - 1)[None, :, None].expand(1, -1, hidden), (0, hidden))  # (1, B, 2H): backwards the first
        finals = []
        for forwards, backwards in zip(self.forwards, self.backwards, strict=True):
            inputs = torch.cat([x, beyond], dim=2)
            outputs = both_directions(inputs, self.closing, start, forwards, backwards)  # (S, B, 2H)
            finals.append(outputs.gather(0, last))
            x = self.dropout(outputs)
        latent = self.to_latent(self.dropout(torch.cat(finals, dim=2).squeeze(0)))  # (B, Z)
        return Encoded(x.transpose(0, 1), inside.t(), latent)


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
