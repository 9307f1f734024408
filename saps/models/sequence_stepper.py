"""Sequence decoders behind the ``Step`` interface of search.

A line of arity labels is a program in pre-order, so the label of the first hole is simply the next token.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from saps.models.tree_stepper import GrowingRows
from saps.nn.attention import Memory
from saps.nn.schedule import START
from saps.nn.sequence_decoder import SequenceDecoder
from saps.nn.transformer_decoder import TransformerDecoder
from saps.search.step import LogProbabilities


class LineState(NamedTuple):
    """What the decoder remembers of a hypothesis; never changed in place."""

    sentence: int
    before: int  # the last token, or START
    hidden: Tensor  # (W,) before that token was read; after it in what ``step`` gives back


class SequenceStepper:
    """Log-probabilities of the next token of many hypotheses; see ``saps.search.step``."""

    def __init__(self, decoder: SequenceDecoder, latent: Tensor, memory: Memory) -> None:
        """Takes the decoder, and the latent vectors (B, H) and memory of B texts."""
        self.decoder, self.memory = decoder, memory
        self.roots = decoder.start(latent)

    def start(self) -> list[LineState]:
        """One state a text."""
        return [LineState(number, START, hidden) for number, hidden in enumerate(self.roots)]

    @torch.no_grad()
    def step(self, states: Sequence[LineState]) -> tuple[LogProbabilities, list[LineState]]:
        """One call of the cell for K states -> log-probabilities (K, V) and the states after it."""
        device = self.roots.device
        before = torch.tensor([state.before for state in states], device=device)
        sentence = torch.tensor([state.sentence for state in states], device=device)
        hidden = torch.stack([state.hidden for state in states])  # (K, W)
        scores, after = self.decoder.step(hidden, before, sentence, self.memory)
        seen = [state._replace(hidden=hidden) for state, hidden in zip(states, after.unbind(), strict=True)]
        return scores.log_softmax(dim=1).cpu().numpy(), seen

    def advance(self, state: LineState, label: int) -> LineState:
        """The state once the label is written."""
        return state._replace(before=label)


class CachedLine(NamedTuple):
    """What the decoder of a Transformer remembers of a hypothesis; never changed in place."""

    sentence: int
    before: int  # the last token, or START
    rows: tuple[int, ...]  # numbers of the cached rows of its tokens but the last; with it in what ``step`` gives back


class CachedStepper:
    """As ``SequenceStepper``, with one cached row a token, which all hypotheses that begin alike share."""

    def __init__(self, decoder: TransformerDecoder, latent: Tensor, memory: Memory) -> None:
        """Takes the decoder, and the latent vectors (B, H) and memory of B texts."""
        self.decoder, self.memory, self.texts = decoder, memory, len(latent)
        width = decoder.start(latent).shape[2]
        self.rows = GrowingRows(latent.new_zeros(1, width))  # row 0 is padding

    def start(self) -> list[CachedLine]:
        """One state a text."""
        return [CachedLine(number, START, ()) for number in range(self.texts)]

    @torch.no_grad()
    def step(self, states: Sequence[CachedLine]) -> tuple[LogProbabilities, list[CachedLine]]:
        """The layers once for K states -> log-probabilities (K, V) and the states after it."""
        device = self.rows.device
        longest = max(len(state.rows) for state in states)
        numbers = [(*state.rows, *(0,) * (longest - len(state.rows))) for state in states]
        cached = self.rows[torch.tensor(numbers, dtype=torch.long, device=device).flatten()]
        before = torch.tensor([state.before for state in states], device=device)
        sentence = torch.tensor([state.sentence for state in states], device=device)
        shape = (len(states), longest, cached.shape[1])
        scores, after = self.decoder.step(cached.view(shape), before, sentence, self.memory)
        first = self.rows.add(after[:, -1])
        seen = [state._replace(rows=(*state.rows, first + row)) for row, state in enumerate(states)]
        return scores.log_softmax(dim=1).cpu().numpy(), seen

    def advance(self, state: CachedLine, label: int) -> CachedLine:
        """The state once the label is written."""
        return state._replace(before=label)
