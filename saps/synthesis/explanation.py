"""How a result came about: the probability of each node, what was tried, why it was left, and counts."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from saps.lang.spelling import to_lisp
from saps.search.explain import ExplainedNode, verdict
from saps.search.tree_beam import TaskSearch
from saps.search.trial import Trial, Visit

SHOWN = 30  # programs and parts that an explanation lists
_SURE = 0.995  # a label above this probability needs no rival beside it


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a result came about."""

    nodes: tuple[ExplainedNode, ...]
    """Of the program, in pre-order."""
    visits: tuple[Visit, ...]
    """The programs that were run on the examples, in order."""
    verdicts: tuple[str, ...]
    """What became of each of them, in words."""
    pruned: Mapping[str, str]
    """Parts of programs that fail on an example, and how."""
    counts: Mapping[str, int]
    """How much work it was; empty after a beam."""
    ended: str
    """Why a search was over; empty after a beam."""

    def as_json(self) -> dict[str, Any]:
        """Plain values; at most ``SHOWN`` of each list."""
        return {
            "nodes": [node._asdict() for node in self.nodes],
            "tried": self._tried(),
            "pruned": dict(list(self.pruned.items())[:SHOWN]),
            "counts": dict(self.counts),
            "ended": self.ended,
        }

    def lines(self) -> Iterator[str]:
        """The same for people."""
        yield "nodes      probability, and what else could have stood there"
        for node in self.nodes:
            rival = f"   {node.rival} {_percent(node.rival_probability)}" if node.rival else ""
            shown = f"{'  ' * (node.level - 1)}{node.label}{rival if node.probability < _SURE else ''}"
            yield f"  {_percent(node.probability):>7}  {shown}"
        if self.visits:
            yield f"tried      {len(self.visits)} programs, the most probable first"
        for tried in self._tried():
            yield f"  {_percent(tried['probability']):>7}  {tried['program']}   {tried['verdict']}"
        if len(self.visits) > SHOWN:
            yield f"           and {len(self.visits) - SHOWN} more"
        if self.pruned:
            yield f"left       programs with one of {len(self.pruned)} parts that fail on an example"
        for part, wrong in list(self.pruned.items())[:SHOWN]:
            yield f"           {part}   {wrong}"
        if self.counts:
            yield f"counts     {', '.join(f'{count:,} {name}' for name, count in self.counts.items())}"
            yield f"ended      {self.ended}"

    def _tried(self) -> list[dict[str, Any]]:
        pairs = zip(self.visits[:SHOWN], self.verdicts, strict=False)
        return [
            {
                "program": to_lisp(visit.candidate.program),
                "probability": math.exp(visit.candidate.log_probability),
                "verdict": words,
            }
            for visit, words in pairs
        ]


def explanation_of(nodes: Sequence[ExplainedNode], trial: Trial, search: TaskSearch[Any] | None) -> Explanation:
    """How a result came about.

    Args:
        nodes: of its program.
        trial: what was run on the examples.
        search: how far the search went; None after a beam.
    """
    visits = tuple(trial.visits) if trial.examples else ()
    return Explanation(
        tuple(nodes),
        visits,
        tuple(verdict(visit, trial.examples) for visit in visits),
        {to_lisp(part): wrong for part, wrong in trial.pruned.items()},
        {} if search is None else _counts(trial, search),
        "" if search is None else search.ended,
    )


def _counts(trial: Trial, search: TaskSearch[Any]) -> dict[str, int]:
    return {
        "programs tried": len(trial.visits),
        "different ones": trial.visited,
        "partial programs expanded": search.expanded,
        "put on the queue": search.frontier.pushed,
        "dropped from it": search.frontier.dropped,
        "left for a part that fails": search.cut,
    }


def _percent(probability: float) -> str:
    return f"{100 * probability:.1f} %" if probability >= 0.0005 else f"{100 * probability:.0e} %"
