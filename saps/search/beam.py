"""Beam search: the most probable programs of a model, for many sentences at once."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol

import numpy as np

from saps.lang.trees import Tree
from saps.search.partial import Partial
from saps.search.step import LogProbabilities, Mask, State, Step


@dataclass(frozen=True, slots=True)
class Candidate:
    """A complete program and the logarithm (base e) of the probability that the model gives it."""

    program: Tree
    log_probability: float


class Rules(Protocol):
    """What may stand where in the programs of one sentence; ``Constraints`` is one."""

    def start(self) -> Partial:
        """The empty program."""

    def allowed(self, partial: Partial) -> Mask:
        """Which labels (V,) may fill the first empty node; finitely many steps must lead to a complete program."""

    def extend(self, partial: Partial, label: int) -> Partial:
        """The program with its first empty node filled by the label of this number, an allowed one."""


@dataclass(frozen=True, slots=True)
class _Hypothesis(Generic[State]):
    partial: Partial
    log_probability: float
    state: State


@dataclass(frozen=True, slots=True)
class _Extension:
    """A hypothesis (row) with one more label, before the model has moved on."""

    partial: Partial
    log_probability: float
    row: int
    label: int


@dataclass(slots=True)
class _Beam(Generic[State]):
    """The search for one sentence: open hypotheses, and the best finished programs, both best first."""

    rules: Rules
    width: int
    hypotheses: list[_Hypothesis[State]]
    finished: list[Candidate] = field(default_factory=list)

    def grow(
        self, log_probabilities: LogProbabilities, seen: Sequence[State], advance: Callable[[State, int], State]
    ) -> None:
        """Replaces the open hypotheses by their best extensions; rows of (K, V) and of ``seen`` are theirs."""
        still_open = []
        for extension in self._best_extensions(log_probabilities):
            if extension.partial.complete:
                self.finished.append(Candidate(extension.partial.to_tree(), extension.log_probability))
            else:
                still_open.append(extension)
        self.finished.sort(key=lambda candidate: -candidate.log_probability)  # stable: the earlier wins a tie
        del self.finished[self.width :]
        floor = self.finished[-1].log_probability if len(self.finished) == self.width else -np.inf
        self.hypotheses = [
            _Hypothesis(kept.partial, kept.log_probability, advance(seen[kept.row], kept.label))
            for kept in still_open
            if kept.log_probability > floor  # a label never raises the probability
        ]

    def _best_extensions(self, log_probabilities: LogProbabilities) -> list[_Extension]:
        """The ``width`` most probable allowed extensions; ties go to the better hypothesis, then the lower label."""
        masks = np.stack([self.rules.allowed(hypothesis.partial) for hypothesis in self.hypotheses])
        so_far = np.array([hypothesis.log_probability for hypothesis in self.hypotheses])
        scores = np.where(masks, so_far[:, None] + log_probabilities, -np.inf)  # (K, V), float64
        flat = scores.ravel()
        extensions = []
        for index in np.argsort(-flat, kind="stable")[: self.width]:
            if flat[index] == -np.inf:
                break
            row, label = divmod(int(index), scores.shape[1])
            partial = self.rules.extend(self.hypotheses[row].partial, label)
            extensions.append(_Extension(partial, float(flat[index]), row, label))
        return extensions


def beam_search(model: Step[State], rules: Sequence[Rules], width: int | None) -> list[list[Candidate]]:
    """The most probable programs of each sentence, best first.

    Keeps the ``width`` best hypotheses of a sentence after each label; width 1 is greedy decoding, width None keeps all
    and is exact. One call of ``model.step`` a round serves all sentences; no sentence changes another's result.
    The list of a sentence is empty where the model gives no allowed program a probability above zero.

    Args:
        model: the network behind its ``Step`` interface.
        rules: what is allowed, one for each state of ``model.start()``.
        width: hypotheses and results a sentence, at least 1; None for no bound.

    Raises:
        ValueError: the width is below 1, the numbers of sentences differ, or the model returns NaN or a wrong shape.
    """
    starts = model.start()
    width = sys.maxsize if width is None else width
    if width < 1:
        raise ValueError(f"a beam of width {width} holds nothing; at least 1 is needed")
    if len(starts) != len(rules):
        raise ValueError(f"the model starts {len(starts)} sentences, rules were given for {len(rules)}")
    beams = [
        _Beam(rule, width, [_Hypothesis(rule.start(), 0.0, state)]) for rule, state in zip(rules, starts, strict=True)
    ]
    while states := [hypothesis.state for beam in beams for hypothesis in beam.hypotheses]:
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
