"""A sequence decoder that writes brackets, behind the ``Step`` interface of search.

Search goes label by label, the decoder token by token. A leaf is one token, a call is a bracket and a name, and the
brackets that close calls are no choice at all: they are read, and their probability counted, before the next label is
looked at. Only the brackets after the last label and the end of the line are never counted, since search is over then.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor

from saps.batches.linear import CLOSE, OPEN, Brackets
from saps.batches.numbering import START
from saps.nn.attention import Memory
from saps.nn.sequence_decoder import SequenceDecoder
from saps.search.step import LogProbabilities

_Waiting: TypeAlias = "tuple[int, _Waiting] | None"  # operands that the innermost open call still wants, and so on


class BracketState(NamedTuple):
    """What the decoder remembers of a hypothesis; never changed in place."""

    sentence: int
    hidden: Tensor  # (W,) before the tokens of ``unread``
    unread: tuple[int, ...]  # tokens that are certain but not read yet
    waiting: _Waiting
    opened: Tensor | None = None  # (W,) in what ``step`` gives back: ``hidden`` after a bracket has been opened


class BracketStepper:
    """Log-probabilities of the label at the first empty node of many hypotheses; see ``saps.search.step``."""

    def __init__(
        self, decoder: SequenceDecoder, latent: Tensor, memory: Memory | None, linear: Brackets, arity: Sequence[int]
    ) -> None:
        """Takes the decoder, latent vectors (B, H) and memory of B texts, the tokens, and the arity of each label."""
        self.decoder, self.memory, self.arity = decoder, memory, arity
        self.open, self.close = linear.tokens.index(OPEN), linear.tokens.index(CLOSE)
        self.name_of, self.is_call = linear.name_of, linear.is_call
        self.roots = decoder.start(latent)

    def start(self) -> list[BracketState]:
        """One state a text."""
        return [BracketState(number, hidden, (START,), None) for number, hidden in enumerate(self.roots)]

    @torch.no_grad()
    def step(self, states: Sequence[BracketState]) -> tuple[LogProbabilities, list[BracketState]]:
        """Reads what is certain, then looks at the next label, with and without a bracket before it."""
        device = self.roots.device
        sentence = torch.tensor([state.sentence for state in states], device=device)
        hidden = torch.stack([state.hidden for state in states])  # (K, W)
        certain = np.zeros(len(states))  # log-probability of the brackets that had to be closed
        following = np.zeros((len(states), len(self.decoder.embedding.weight)))  # (K, T) of the token after them
        for place in range(max(len(state.unread) for state in states)):
            rows = [k for k, state in enumerate(states) if place < len(state.unread)]
            tokens = [states[k].unread[place] for k in rows]
            if place:
                certain[rows] += following[rows, tokens]
            following[rows], after = self._read(hidden[rows], tokens, sentence[rows])
            hidden = hidden.index_copy(0, torch.tensor(rows, device=device), after)
        inside, opened = self._read(hidden, [self.open] * len(states), sentence)
        called = following[:, [self.open]] + inside[:, self.name_of]  # (K, V)
        scores = certain[:, None] + np.where(self.is_call, called, following[:, self.name_of])
        pairs = zip(states, hidden.unbind(), opened.unbind(), strict=True)
        return scores, [state._replace(hidden=own, unread=(), opened=after) for state, own, after in pairs]

    def _read(self, hidden: Tensor, tokens: Sequence[int], sentence: Tensor) -> tuple[np.ndarray, Tensor]:
        """Reads a token of each hypothesis: log-probabilities (K, T) of the next one, and the states (K, W)."""
        before = torch.tensor(tokens, device=hidden.device)
        scores, after = self.decoder.step(hidden, before, sentence, self.memory)
        return scores.log_softmax(dim=1).cpu().numpy(), after

    def advance(self, state: BracketState, label: int) -> BracketState:
        """The state once the label is written, and with it the brackets that it closes."""
        name, arity = int(self.name_of[label]), self.arity[label]
        if arity:
            if state.opened is None:
                raise ValueError("advance takes a state that step has given back")
            return BracketState(state.sentence, state.opened, (name,), (arity, state.waiting))
        closed, waiting = 0, state.waiting
        while waiting is not None and waiting[0] == 1:
            closed, waiting = closed + 1, waiting[1]
        waiting = None if waiting is None else (waiting[0] - 1, waiting[1])
        return BracketState(state.sentence, state.hidden, (name, *[self.close] * closed), waiting)
