"""Best-first search by its definition: one task, a sorted list of hypotheses, and nothing that is there for speed."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from saps.search.constraints import Constraints
from saps.search.hypothesis import Candidate, Hypothesis
from saps.search.step import Step
from saps.search.tree_beam import SearchLimits

Entry = tuple[float, int, Hypothesis, Any, int]
"""Minus the log-probability, the order of arrival, the hypothesis, the state before its last label, that label."""


def plain_search(model: Step[Any], constraints: Constraints, limits: SearchLimits) -> Iterator[Candidate]:
    """The programs of the model's first sentence, most probable first; ``limits.visited`` is the caller's."""
    queue: list[Entry] = []
    arrivals, expanded = count(), 0
    expanding = [(constraints.start(), model.start()[0])]
    while expanding:
        is_full = limits.queue is not None and len(queue) == limits.queue
        floor = -queue[-1][0] if is_full else -np.inf
        for hypothesis, state in expanding:
            log_probabilities, (seen,) = model.step([state])
            for label in np.flatnonzero(constraints.allowed(hypothesis)).tolist():
                total = hypothesis.log_probability + float(log_probabilities[0][label])
                if total > floor:
                    longer = constraints.extend(hypothesis, label, total)
                    queue.append((-total, next(arrivals), longer, seen, label))
        queue = sorted(queue)[: limits.queue]
        expanded += len(expanding)
        if expanded >= limits.expanded:
            return
        expanding = []
        while queue and len(expanding) < limits.together:
            _, _, hypothesis, state, label = queue[0]
            if hypothesis.complete and expanding:
                break
            del queue[0]
            if hypothesis.complete:
                yield hypothesis.to_candidate()
            else:
                expanding.append((hypothesis, model.advance(state, label)))
