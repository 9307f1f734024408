"""Beam search: the most probable programs of a model, for many sentences at once."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic

import numpy as np

from saps.search.constraints import Constraints
from saps.search.hypothesis import Candidate, Hypothesis
from saps.search.step import LogProbabilities, State, Step


@dataclass(slots=True)
class _Beam(Generic[State]):
    """The search for one sentence: open hypotheses with their states, and the best finished programs, best first."""

    constraints: Constraints
    width: int
    hypotheses: list[Hypothesis]
    states: list[State]
    finished: list[Candidate] = field(default_factory=list)

    def grow(
        self, log_probabilities: LogProbabilities, seen: Sequence[State], advance: Callable[[State, int], State]
    ) -> None:
        """Replaces the open hypotheses by their best extensions; rows of (K, V) and of ``seen`` are theirs."""
        extensions = self._best_extensions(log_probabilities)
        self.finished += [longer.to_candidate() for longer, _, _ in extensions if longer.complete]
        self.finished.sort(key=lambda candidate: -candidate.log_probability)  # stable: the earlier wins a tie
        del self.finished[self.width :]
        floor = self.finished[-1].log_probability if len(self.finished) == self.width else -np.inf
        self.hypotheses, self.states = [], []
        for longer, row, label in extensions:
            if not longer.complete and longer.log_probability > floor:  # a label never raises the probability
                self.hypotheses.append(longer)
                self.states.append(advance(seen[row], label))

    def _best_extensions(self, log_probabilities: LogProbabilities) -> list[tuple[Hypothesis, int, int]]:
        """The ``width`` most probable allowed extensions, each with the row of its origin and its last label.

        Ties go to the better origin, then to the lower label.
        """
        masks = np.stack([self.constraints.allowed(hypothesis) for hypothesis in self.hypotheses])
        so_far = np.array([hypothesis.log_probability for hypothesis in self.hypotheses])
        scores = np.where(masks, so_far[:, None] + log_probabilities, -np.inf)  # (K, V), float64
        flat = scores.ravel()
        extensions = []
        for index in np.argsort(-flat, kind="stable")[: self.width]:
            if flat[index] == -np.inf:
                break
            row, label = divmod(int(index), scores.shape[1])
            longer = self.constraints.extend(self.hypotheses[row], label, float(flat[index]))
            extensions.append((longer, row, label))
        return extensions


def beam_search(model: Step[State], constraints: Sequence[Constraints], width: int | None) -> list[list[Candidate]]:
    """The most probable programs of each sentence, best first.

    Keeps the ``width`` best hypotheses of a sentence after each label; width 1 is greedy decoding, width None keeps all
    and is exact. One call of ``model.step`` a round serves all sentences; no sentence changes another's result.
    The list of a sentence is empty where the model gives no allowed program a probability above zero.

    Args:
        model: the network behind its ``Step`` interface.
        constraints: what is allowed, for each state of ``model.start()``.
        width: hypotheses and results a sentence, at least 1; None for no bound.

    Raises:
        ValueError: the width is below 1, the numbers of sentences differ, or the model returns NaN or a wrong shape.
    """
    starts = model.start()
    width = sys.maxsize if width is None else width
    if width < 1:
        raise ValueError(f"a beam of width {width} holds nothing; at least 1 is needed")
    if len(starts) != len(constraints):
        raise ValueError(f"the model starts {len(starts)} sentences, rules were given for {len(constraints)}")
    beams = [_Beam(rules, width, [rules.start()], [state]) for rules, state in zip(constraints, starts, strict=True)]
    while states := [state for beam in beams for state in beam.states]:
        log_probabilities, seen = model.step(states)
        _check(log_probabilities, len(states), len(seen))
        row = 0
        for beam in beams:
            if count := len(beam.hypotheses):
                beam.grow(log_probabilities[row : row + count], seen[row : row + count], model.advance)
            row += count
    return [beam.finished for beam in beams]


def _check(log_probabilities: LogProbabilities, hypotheses: int, seen: int) -> None:
    if not len(log_probabilities) == seen == hypotheses:
        raise ValueError(f"the model gave {len(log_probabilities)} rows and {seen} states for {hypotheses} hypotheses")
    if np.isnan(log_probabilities).any():
        raise ValueError("the model gave NaN as a log-probability; its weights are broken")
