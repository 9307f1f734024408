"""A sequence decoder behind the ``Step`` interface of search.

A line of arity labels is a program in pre-order, so the label of the first hole is simply the next token.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from saps.nn.attention import Memory
from saps.nn.schedule import START
from saps.nn.sequence_decoder import SequenceDecoder
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
