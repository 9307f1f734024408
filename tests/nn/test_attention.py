"""Additive attention in pieces that fit a cache: the scores and gradients of the plain formula."""

import pytest
import torch
from torch import Tensor

from saps.nn import attention
from saps.nn.attention import AdditiveAttention, MultiplicativeAttention

TEXTS, NODES, WORDS, UNITS = 5, 3, 4, 2


def made() -> tuple[AdditiveAttention, list[Tensor]]:
    torch.manual_seed(1)
    sizes = ((TEXTS, NODES, UNITS), (TEXTS, WORDS, UNITS))
    return AdditiveAttention(6, 7, UNITS).double(), [
        torch.randn(*size, dtype=torch.double, requires_grad=True) for size in sizes
    ]


@pytest.mark.parametrize("cached", [1, 2 * NODES * WORDS * UNITS, 10**9])
def test_scores_in_pieces_equal_those_of_the_formula(monkeypatch: pytest.MonkeyPatch, cached: int) -> None:
    monkeypatch.setattr(attention, "_CACHED", cached)
    kind, (queries, keys) = made()
    weight, above = kind.to_score.weight, torch.randn(TEXTS, NODES, WORDS, dtype=torch.double)
    expected = torch.tanh(queries[:, :, None] + keys[:, None]) @ weight[0]
    found = kind.scores(queries, keys)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    gradients = [torch.autograd.grad(scores, (queries, keys, weight), above) for scores in (found, expected)]
    torch.testing.assert_close(*gradients, rtol=0, atol=1e-12)
    with torch.no_grad():
        torch.testing.assert_close(kind.scores(queries.detach(), keys.detach()), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", [AdditiveAttention, MultiplicativeAttention])
def test_padding_is_never_read(kind: type[AdditiveAttention]) -> None:
    torch.manual_seed(2)
    attend, values = kind(6, 7, UNITS), torch.randn(1, WORDS, 7)
    queries = torch.randn(1, NODES, 6)
    mask = torch.tensor([[True, True, False, False]])
    padded = attend(queries, attend.prepare(values, mask))
    alone = attend(queries, attend.prepare(values[:, :2], mask[:, :2]))
    torch.testing.assert_close(padded, alone)
    within = attend(queries, attend.prepare(torch.ones_like(values), mask))
    torch.testing.assert_close(within, torch.ones(1, NODES, 7))  # weights sum to 1
