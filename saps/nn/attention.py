"""Attention of tree nodes over the words of their text."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Memory(NamedTuple):
    """A text prepared for attention: everything that does not depend on the query, computed once."""

    keys: Tensor  # (B, S, A)
    values: Tensor  # (B, S, M)
    mask: Tensor  # (B, S) True where there is a word

    def rows(self, tree: Tensor) -> "Memory":
        """The memory of each of the texts ``tree`` (R,): a batch of R."""
        return Memory(self.keys[tree], self.values[tree], self.mask[tree])


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


class AdditiveAttention(Attention):
    """score = v . tanh(W q + U k) (Bahdanau et al., 2015)."""

    def __init__(self, query: int, memory: int, units: int) -> None:
        super().__init__(query, memory, units)
        self.to_score = nn.Linear(units, 1, bias=False)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """queries (B, N, A), keys (B, S, A) -> scores (B, N, S)."""
        return self.to_score(torch.tanh(queries[:, :, None] + keys[:, None])).squeeze(-1)


class MultiplicativeAttention(Attention):
    """score = (W q) . (U k) / sqrt(A) (Luong et al., 2015): one product, several times cheaper than the additive."""

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """queries (B, N, A), keys (B, S, A) -> scores (B, N, S)."""
        return torch.bmm(queries, keys.transpose(1, 2)) / keys.shape[2] ** 0.5


ATTENTIONS: dict[str, type[Attention]] = {"additive": AdditiveAttention, "multiplicative": MultiplicativeAttention}
