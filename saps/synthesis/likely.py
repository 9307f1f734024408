"""Of the arguments that a sentence may have, those for which a model has an answer that it thinks probable."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from saps.models.system import Prediction
from saps.synthesis.attempts import type_of, unused_in
from saps.synthesis.declarations import declarations
from saps.tasks.phrases import split_text
from saps.tasks.query import Query

_AMISS = 8.0  # nats that speak against a program that leaves out an argument or is ill-typed


def with_likely_arguments(query: Query, greedy: Callable[[Sequence[Query]], list[Prediction]]) -> Query:
    """The query with the arguments whose greedy answer is the most probable one, the cost of a declaration considered.

    Arguments that were not guessed, or that the sentence declares in the words of the published data, stay.

    Args:
        query: of a system that calls arguments by their place.
        greedy: the answers of the system.

    Raises:
        UserError: the sentence leaves too many types open (``declarations``).
    """
    groups = split_text(query.text).groups
    if not query.guessed or query.examples or (groups and all(group.names for group in groups)):
        return query
    possible = declarations(query.text)
    queries = [replace(query, arguments=one.arguments) for one in possible]
    scores = [
        _score(asked, answer) - one.cost for asked, answer, one in zip(queries, greedy(queries), possible, strict=True)
    ]
    best = max(scores)
    certainty = 0.0 if best == float("-inf") else 1 / sum(math.exp(score - best) for score in scores)
    return replace(queries[scores.index(best)], certainty=certainty)


def _score(query: Query, answer: Prediction) -> float:
    """The log-probability of an answer, if it is a program of the arguments, of all of them."""
    if answer.program is None:
        return float("-inf")
    kind, _ = type_of(answer.program, query)
    return answer.log_probability - (0.0 if kind and not unused_in(answer.program, query) else _AMISS)
