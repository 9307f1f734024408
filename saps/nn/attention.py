"""Attention of the nodes of a tree, or the tokens of a line, over the words of their text.

    weights   a = softmax of the scores of all words
    context   c = sum of a_s times the value of word s

Letters: B texts, S words, n queries of a text, H size of a query, M size of a word's value, A attention units.
"""

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn


class Memory(NamedTuple):
    """What can be known of B texts before the first query; nothing but the mask where nothing attends."""

    keys: Tensor  # (B, S, A)
    values: Tensor  # (B, S, M)
    mask: Tensor  # (B, S) True where there is a word
    from_latent: Tensor  # (B, 0 to 8H) what the latent vector feeds to every node (``TreeDecoder.start``)

    def of_texts(self, texts: Tensor) -> "Memory":
        """The memory of the texts with these numbers (b,), as wide as the longest of them."""
        mask = self.mask.index_select(0, texts)
        width = int(mask.sum(dim=1).max()) if len(texts) else 0
        keys, values = self.keys[:, :width][texts], self.values[:, :width][texts]
        return Memory(keys, values, mask[:, :width], self.from_latent[texts])


class Attention(nn.Module):
    """The parts that all kinds share; weights are computed in fp32."""

    def __init__(self, query: int, memory: int, units: int) -> None:
        """Takes H, M and A."""
        super().__init__()
        self.to_query = nn.Linear(query, units, bias=False)  # W
        self.to_key = nn.Linear(memory, units, bias=False)  # U

    def prepare(self, values: Tensor, mask: Tensor) -> Memory:
        """values (B, S, M), mask (B, S) -> the memory that ``forward`` reads; the latent vector feeds nothing."""
        return Memory(self.to_key(values), values, mask, values.new_empty(len(values), 0))

    def forward(self, queries: Tensor, memory: Memory, sizes: Tensor) -> Tensor:
        """queries (B, n, H), of which the first ``sizes`` (B,) of each text count -> contexts (B, n, M)."""
        return self.read(self.to_query(queries), memory, sizes)

    def read(self, asked: Tensor, memory: Memory, sizes: Tensor) -> Tensor:
        """W q (B, n, A) -> contexts (B, n, M)."""
        weights = self.weigh(asked, memory, sizes)
        return torch.bmm(weights.to(memory.values.dtype), memory.values)

    def weigh(self, asked: Tensor, memory: Memory, sizes: Tensor) -> Tensor:
        """W q (B, n, A) -> weights (B, n, S): how much each query reads each word, in all 1."""
        scores = self.scores(asked, memory, sizes).float()  # (B, n, S)
        return scores.masked_fill(~memory.mask[:, None, :], float("-inf")).softmax(dim=-1)

    def scores(self, asked: Tensor, memory: Memory, sizes: Tensor) -> Tensor:
        """W q (B, n, A) -> scores (B, n, S)."""
        raise NotImplementedError(f"{type(self).__name__} must define scores")


class AdditiveAttention(Attention):
    """score = w . tanh(W q + U k) (Bahdanau et al., 2015)."""

    def __init__(self, query: int, memory: int, units: int) -> None:
        super().__init__(query, memory, units)
        self.to_score = nn.Linear(units, 1, bias=False)

    def scores(self, asked: Tensor, memory: Memory, sizes: Tensor) -> Tensor:
        return self.to_score(torch.tanh(asked[:, :, None] + memory.keys[:, None])).squeeze(3)


class MultiplicativeAttention(Attention):
    """score = (W q) . (U k) / sqrt(A): the product is that of Luong et al. (2015), the scale of Vaswani et al. (2017).

    ``F.scaled_dot_product_attention`` gives the same; on CPUs it takes up to a quarter longer, since keys and values
    differ in width.
    """

    def scores(self, asked: Tensor, memory: Memory, sizes: Tensor) -> Tensor:
        return torch.bmm(asked, memory.keys.transpose(1, 2)) / memory.keys.shape[2] ** 0.5


AttentionKind = Literal["additive", "multiplicative", "none"]
