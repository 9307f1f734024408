"""Attention of tree nodes over the words of their text."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

_CACHED = 1 << 17  # numbers that stay in a core's cache while they are worked on
_ALIKE = 32  # texts that a CPU reads at once in decoding: where they stand by length, few of their words are padding


class Memory(NamedTuple):
    """A text prepared for attention: everything that does not depend on the query, computed once."""

    keys: Tensor  # (B, S, A)
    values: Tensor  # (B, S, M)
    mask: Tensor  # (B, S) True where there is a word

    def rows(self, tree: Tensor) -> "Memory":
        """The memory of each of the texts ``tree`` (R,): a batch of R, as wide as the longest of them."""
        mask = self.mask.index_select(0, tree)
        width = int(mask.sum(dim=1).max()) if len(tree) else 0
        return Memory(self.keys[:, :width][tree], self.values[:, :width][tree], mask[:, :width])

    def between(self, part: slice) -> "Memory":
        """The memory of some texts on end, as wide as the longest of them; nothing is copied."""
        width = int(self.mask[part].sum(dim=1).max())
        return Memory(self.keys[part, :width], self.values[part, :width], self.mask[part, :width])


class Attention(nn.Module):
    """What every kind of attention shares: scores -> soft-max over the words -> weighted sum of the values."""

    def __init__(self, query: int, memory: int, units: int) -> None:
        super().__init__()
        self.to_query = nn.Linear(query, units, bias=False)
        self.to_key = nn.Linear(memory, units, bias=False)

    def prepare(self, values: Tensor, mask: Tensor) -> Memory:
        """values (B, S, M), mask (B, S) -> the memory that ``forward`` reads."""
        return Memory(self.to_key(values), values, mask)

    def forward(self, queries: Tensor, memory: Memory, rows: Tensor | None = None) -> Tensor:
        """queries (B, N, H) -> contexts (B, N, M); weights are computed in fp32.

        Of each text the first ``rows`` (B,) queries count, all by default; the contexts of others mean nothing.
        """
        asked = self.to_query(queries)
        if torch.is_grad_enabled() or queries.device.type != "cpu" or len(asked) <= _ALIKE:
            return self._read(asked, memory, rows)
        contexts = memory.values.new_empty(*asked.shape[:2], memory.values.shape[2])
        for some in range(0, len(asked), _ALIKE):
            part = slice(some, some + _ALIKE)
            contexts[part] = self._read(asked[part], memory.between(part), None if rows is None else rows[part])
        return contexts

    def _read(self, asked: Tensor, memory: Memory, rows: Tensor | None) -> Tensor:
        """asked (B, N, A) -> contexts (B, N, M)."""
        scores = self.scores(asked, memory, rows).float()  # (B, N, S)
        scores = scores.masked_fill(~memory.mask[:, None, :], float("-inf"))
        return torch.bmm(scores.softmax(dim=-1).to(memory.values.dtype), memory.values)

    def scores(self, queries: Tensor, memory: Memory, rows: Tensor | None) -> Tensor:
        """queries (B, N, A) -> scores (B, N, S); ``rows`` as in ``forward``."""
        raise NotImplementedError("a kind of attention defines its scores")


class _Part(NamedTuple):
    """Some texts on end: how many rows and words the largest of them has."""

    texts: slice
    rows: int
    words: int


def parts_of(rows: Sequence[int], words: Sequence[int], room: int) -> list[_Part]:
    """Texts with so many rows and words each, in parts of which each takes no more than ``room`` pairs, or is one."""
    parts, start, most = [], 0, (0, 0)
    for text, size in enumerate(zip(rows, words, strict=True)):
        wider = (max(most[0], size[0]), max(most[1], size[1]))
        if text > start and (text + 1 - start) * wider[0] * wider[1] > room:
            parts.append(_Part(slice(start, text), *most))
            start, wider = text, size
        most = wider
    return [*parts, _Part(slice(start, len(rows)), *most)]


class _AdditiveScores(torch.autograd.Function):
    """v . tanh(q + k) for all pairs of a text, part by part, without the rows and words that only fill up.

    The (B, N, S, A) numbers in between do not fit a cache; going over them once for each operation costs more than
    the operations. And one tree of 130 nodes among some of 20 would make the others as large.
    """

    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, weight: Tensor, parts: Sequence[_Part]) -> Tensor:
        """queries (B, N, A), keys (B, S, A), weight (A,) -> scores (B, N, S), zero where nothing is."""
        scores = queries.new_zeros(*queries.shape[:2], keys.shape[1])
        v = weight.to(queries.dtype)
        kept = []
        for texts, rows, words in parts:
            tanh = (queries[texts, :rows, None] + keys[texts, None, :words]).tanh_()
            scores[texts, :rows, :words] = tanh @ v
            if ctx.needs_input_grad[0]:
                kept.append(tanh)
        ctx.parts, ctx.words = parts, keys.shape[1]
        ctx.save_for_backward(weight, *kept)
        return scores

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        """The derivative of tanh is 1 - tanh^2."""
        weight, *kept = ctx.saved_tensors
        above = gradients[0]
        v = weight.to(above.dtype)
        of_queries = above.new_zeros(*above.shape[:2], len(v))
        of_keys = above.new_zeros(len(above), ctx.words, len(v))
        of_weight = torch.zeros_like(v)
        for tanh, (texts, rows, words) in zip(kept, ctx.parts, strict=True):
            gradient = above[texts, :rows, :words]
            of_weight += gradient.reshape(-1) @ tanh.reshape(-1, len(v))
            slope = torch.ops.aten.tanh_backward(gradient[..., None], tanh)
            torch.sum(slope, 2, out=of_queries[texts, :rows])
            torch.sum(slope, 1, out=of_keys[texts, :words])
        return of_queries * v, of_keys * v, of_weight.to(weight.dtype), None


class AdditiveAttention(Attention):
    """score = v . tanh(W q + U k) (Bahdanau et al., 2015)."""

    def __init__(self, query: int, memory: int, units: int) -> None:
        super().__init__(query, memory, units)
        self.to_score = nn.Linear(units, 1, bias=False)

    def scores(self, queries: Tensor, memory: Memory, rows: Tensor | None) -> Tensor:
        """As ``Attention.scores``."""
        texts, nodes, units = queries.shape
        parts = [_Part(slice(0, texts), nodes, memory.keys.shape[1])]
        if queries.device.type == "cpu":
            counts = [nodes] * texts if rows is None else rows.tolist()
            parts = parts_of(counts, memory.mask.sum(dim=1).tolist(), _CACHED // units)
        scores: Tensor = _AdditiveScores.apply(queries, memory.keys, self.to_score.weight[0], parts)
        return scores


class MultiplicativeAttention(Attention):
    """score = (W q) . (U k) / sqrt(A) (Luong et al., 2015): one product, several times cheaper than the additive."""

    def scores(self, queries: Tensor, memory: Memory, rows: Tensor | None) -> Tensor:
        """As ``Attention.scores``; of ``rows`` it takes no notice."""
        return torch.bmm(queries, memory.keys.transpose(1, 2)) / memory.keys.shape[2] ** 0.5


AttentionKind = Literal["additive", "multiplicative", "none"]
ATTENTIONS: dict[str, type[Attention]] = {"additive": AdditiveAttention, "multiplicative": MultiplicativeAttention}


def make_attention(kind: AttentionKind, query: int, memory: int, units: int) -> Attention | None:
    """Attention of a kind, for queries of width H and words of width M; None for ``none``."""
    return None if kind == "none" else ATTENTIONS[kind](query, memory, units)
