"""Attention of tree nodes over the words of their text."""

from itertools import repeat
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn


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


class Attention(nn.Module):
    """What every kind of attention shares: scores -> soft-max over the words -> weighted sum of the values."""

    def __init__(self, query: int, memory: int, units: int) -> None:
        super().__init__()
        self.to_query = nn.Linear(query, units, bias=False)
        self.to_key = nn.Linear(memory, units, bias=False)

    def prepare(self, values: Tensor, mask: Tensor) -> Memory:
        """values (B, S, M), mask (B, S) -> the memory that ``forward`` reads."""
        return Memory(self.to_key(values), values, mask)

    def forward(self, queries: Tensor, memory: Memory) -> Tensor:
        """queries (B, N, H) -> contexts (B, N, M); weights are computed in fp32."""
        scores = self.scores(self.to_query(queries), memory.keys).float()  # (B, N, S)
        scores = scores.masked_fill(~memory.mask[:, None, :], float("-inf"))
        return torch.bmm(scores.softmax(dim=-1).to(memory.values.dtype), memory.values)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """queries (B, N, A), keys (B, S, A) -> scores (B, N, S)."""
        raise NotImplementedError("a kind of attention defines its scores")


_CACHED = 1 << 17  # numbers that stay in a core's cache while they are worked on


class _AdditiveScores(torch.autograd.Function):
    """v . tanh(q + k) for all pairs of a text, some texts at a time: half the time of doing it for all at once.

    The (B, N, S, A) numbers in between do not fit a cache; going over them once for each operation costs more than
    the operations.
    """

    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, weight: Tensor) -> Tensor:
        """queries (B, N, A), keys (B, S, A), weight (A,) -> scores (B, N, S)."""
        (texts, nodes, units), words = queries.shape, keys.shape[1]
        on_cpu = queries.device.type == "cpu"
        ctx.some = max(1, _CACHED // (nodes * words * units)) if on_cpu else texts
        v = weight.to(queries.dtype)
        scores = queries.new_empty(texts, nodes, words)
        kept = queries.new_empty(texts if ctx.needs_input_grad[0] else min(texts, ctx.some), nodes, words, units)
        places = kept.split(ctx.some) if len(kept) == texts else repeat(kept)
        pairs = (queries[:, :, None].split(ctx.some), keys[:, None].split(ctx.some), scores.split(ctx.some))
        for place, q, k, out in zip(places, *pairs, strict=False):
            torch.matmul(torch.add(q, k, out=place[: len(q)]).tanh_(), v, out=out)
        ctx.save_for_backward(kept, weight)
        return scores

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The derivative of tanh is 1 - tanh^2."""
        kept, weight = ctx.saved_tensors
        v = weight.to(kept.dtype)
        of_queries, of_keys, of_weight = (
            torch.empty_like(kept[:, :, 0]),
            torch.empty_like(kept[:, 0]),
            torch.zeros_like(v),
        )
        room = torch.empty_like(kept[: ctx.some])
        parts = (part.split(ctx.some) for part in (kept, gradients[0], of_queries, of_keys))
        for tanh, gradient, q, k in zip(*parts, strict=True):
            of_weight += gradient.reshape(-1) @ tanh.reshape(-1, len(v))
            slope = torch.mul(tanh, tanh, out=room[: len(tanh)]).neg_().add_(1).mul_(gradient[..., None])
            torch.sum(slope, 2, out=q)
            torch.sum(slope, 1, out=k)
        return of_queries * v, of_keys * v, of_weight.to(weight.dtype)


class AdditiveAttention(Attention):
    """score = v . tanh(W q + U k) (Bahdanau et al., 2015)."""

    def __init__(self, query: int, memory: int, units: int) -> None:
        super().__init__(query, memory, units)
        self.to_score = nn.Linear(units, 1, bias=False)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """queries (B, N, A), keys (B, S, A) -> scores (B, N, S)."""
        scores: Tensor = _AdditiveScores.apply(queries, keys, self.to_score.weight[0])
        return scores


class MultiplicativeAttention(Attention):
    """score = (W q) . (U k) / sqrt(A) (Luong et al., 2015): one product, several times cheaper than the additive."""

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """queries (B, N, A), keys (B, S, A) -> scores (B, N, S)."""
        return torch.bmm(queries, keys.transpose(1, 2)) / keys.shape[2] ** 0.5


AttentionKind = Literal["additive", "multiplicative", "none"]
ATTENTIONS: dict[str, type[Attention]] = {"additive": AdditiveAttention, "multiplicative": MultiplicativeAttention}


def make_attention(kind: AttentionKind, query: int, memory: int, units: int) -> Attention | None:
    """Attention of a kind, for queries of width H and words of width M; None for ``none``."""
    return None if kind == "none" else ATTENTIONS[kind](query, memory, units)
