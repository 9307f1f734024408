"""Sampling programs: labels drawn by their probabilities among those that may stand, for many sentences at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from saps.search.beam import Candidate, Rules
from saps.search.step import Mask, State, Step


@dataclass(frozen=True, slots=True)
class Taste:
    """How labels are drawn."""

    temperature: float = 1.0
    """Log-probabilities are divided by it: near 0 the best label always wins, above 1 chance has more to say."""
    nucleus: float = 1.0
    """Only the fewest labels that together have this share of the probability are drawn (Holtzman et al., 2020)."""


def sample(
    model: Step[State], rules: Sequence[Rules], draws: Sequence[np.random.Generator], taste: Taste | None = None
) -> list[Candidate]:
    """One program for each sentence, with its log-probability under the model itself.

    Args:
        model: the network behind its ``Step`` interface.
        rules: what is allowed, one for each state of ``model.start()``.
        draws: the chance of each sentence; a sentence with the same one gets the same program in any company.
        taste: temperature and nucleus.

    Raises:
        ValueError: the numbers of sentences differ, or temperature or nucleus is not above 0.
    """
    taste, states = taste or Taste(), list(model.start())
    if not taste.temperature > 0 or not taste.nucleus > 0:
        raise ValueError(f"temperature {taste.temperature} and nucleus {taste.nucleus} must be above 0")
    if not len(states) == len(rules) == len(draws):
        raise ValueError(f"the model starts {len(states)} sentences, there are {len(rules)} rules, {len(draws)} draws")
    partials, totals = [rule.start() for rule in rules], [0.0] * len(rules)
    growing = list(range(len(rules)))
    while growing:
        log_probabilities, seen = model.step([states[k] for k in growing])
        for k, scores, state in zip(growing, log_probabilities, seen, strict=True):
            label = draw_label(scores, rules[k].allowed(partials[k]), taste, draws[k])
            partials[k], totals[k] = rules[k].extend(partials[k], label), totals[k] + float(scores[label])
            if not partials[k].complete:
                states[k] = model.advance(state, label)
        growing = [k for k in growing if not partials[k].complete]
    return [Candidate(partial.to_tree(), total) for partial, total in zip(partials, totals, strict=True)]


def draw_label(scores: npt.NDArray[np.floating], allowed: Mask, taste: Taste, draw: np.random.Generator) -> int:
    """A label by chance, from log-probabilities (V,) among the allowed ones (V,), of which there is at least one."""
    labels = np.flatnonzero(allowed)
    tempered = scores[labels].astype(float) / taste.temperature
    if not np.isfinite(tempered).any():
        return int(labels[0])  # the model excludes all that is allowed
    shares = np.exp(tempered - tempered.max())
    shares /= shares.sum()
    order = np.argsort(-shares, kind="stable")
    reached = np.cumsum(shares[order])  # by the most probable label, the two most probable, ...
    reached = reached[: int(np.searchsorted(reached, taste.nucleus - 1e-12)) + 1]
    drawn = int(np.searchsorted(reached, draw.random() * reached[-1], side="right"))
    return int(labels[order[min(drawn, len(reached) - 1)]])
