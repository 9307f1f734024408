"""The fast kinds of attention have the scores, gradients and contexts of the definitions."""

import pytest
import torch
from torch import Tensor

from saps.nn import fast
from saps.nn.attention import AdditiveAttention, Attention, Memory, MultiplicativeAttention
from saps.nn.fast import FastAdditiveAttention, FastMultiplicativeAttention, blocks_of

TEXTS, NODES, WORDS, UNITS = 5, 3, 4, 2


def made() -> tuple[FastAdditiveAttention, list[Tensor]]:
    torch.manual_seed(1)
    sizes = ((TEXTS, NODES, UNITS), (TEXTS, WORDS, UNITS))
    return FastAdditiveAttention(6, 7, UNITS).double(), [
        torch.randn(*size, dtype=torch.double, requires_grad=True) for size in sizes
    ]


@pytest.mark.parametrize("cached", [1, 2 * NODES * WORDS * UNITS, 10**9])
def test_scores_in_blocks_equal_those_of_the_definition(monkeypatch: pytest.MonkeyPatch, cached: int) -> None:
    monkeypatch.setattr(fast, "_CACHED", cached)
    kind, (queries, keys) = made()
    rows, words = torch.tensor([3, 1, 2, 3, 1]), torch.tensor([4, 4, 1, 3, 2])
    memory = Memory(keys, keys, torch.arange(WORDS) < words[:, None], keys[:, 0, :0])
    counts = memory.mask[:, None] & (torch.arange(NODES) < rows[:, None])[:, :, None]  # (B, N, S)
    weight, above = kind.to_score.weight, torch.randn(TEXTS, NODES, WORDS, dtype=torch.double) * counts
    expected = AdditiveAttention.scores(kind, queries, memory, rows)
    found = kind.scores(queries, memory, rows)
    torch.testing.assert_close(found * counts, expected * counts, rtol=0, atol=1e-12)
    gradients = [torch.autograd.grad(scores, (queries, keys, weight), above) for scores in (found, expected)]
    torch.testing.assert_close(*gradients, rtol=0, atol=1e-12)
    with torch.no_grad():
        alone = kind.scores(queries.detach(), memory, torch.full_like(rows, NODES))
    torch.testing.assert_close(alone * counts, expected * counts, rtol=0, atol=1e-12)


def test_blocks_hold_every_text_once_and_keep_within_the_room() -> None:
    queries, words = [2, 9, 1, 1, 1, 4], [5, 5, 5, 2, 2, 6]
    blocks = blocks_of(queries, words, room=20)
    assert [text for b in blocks for text in range(b.texts.start, b.texts.stop)] == list(range(len(queries)))
    for block in blocks:
        assert (block.queries, block.words) == (max(queries[block.texts]), max(words[block.texts]))
        size = len(queries[block.texts]) * block.queries * block.words
        assert block.texts.stop - block.texts.start == 1 or size <= 20
    assert len(blocks) == 4  # 10 alone, 45 alone, 5 + 5 + 5 together, 24 alone


@pytest.mark.parametrize("kind", [FastAdditiveAttention, FastMultiplicativeAttention])
def test_many_texts_read_some_at_a_time_as_all_at_once(kind: type[Attention]) -> None:
    torch.manual_seed(3)
    attend, texts = kind(6, 7, UNITS), 2 * fast._ALIKE + 3
    mask = torch.arange(WORDS) < torch.randint(1, WORDS + 1, (texts, 1))
    rows = torch.randint(1, NODES + 1, (texts,))
    memory = attend.prepare(torch.randn(texts, WORDS, 7), mask)
    queries = torch.randn(texts, NODES, 6)
    at_once = attend(queries, memory, rows)
    with torch.no_grad():
        some_at_a_time = attend(queries, memory, rows)
    for text, count in enumerate(rows.tolist()):
        torch.testing.assert_close(some_at_a_time[text, :count], at_once[text, :count])


@pytest.mark.parametrize(
    "kind", [AdditiveAttention, MultiplicativeAttention, FastAdditiveAttention, FastMultiplicativeAttention]
)
def test_padding_is_never_read(kind: type[Attention]) -> None:
    torch.manual_seed(2)
    attend, values = kind(6, 7, UNITS), torch.randn(1, WORDS, 7)
    queries = torch.randn(1, NODES, 6)
    mask = torch.tensor([[True, True, False, False]])
    sizes = torch.tensor([NODES])
    padded = attend(queries, attend.prepare(values, mask), sizes)
    alone = attend(queries, attend.prepare(values[:, :2], mask[:, :2]), sizes)
    torch.testing.assert_close(padded, alone)
    within = attend(queries, attend.prepare(torch.ones_like(values), mask), sizes)
    torch.testing.assert_close(within, torch.ones(1, NODES, 7))  # weights sum to 1
