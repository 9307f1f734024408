"""Many queries decoded one way or another: greedily, with constraints, by a beam, or by search with examples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from saps.batches.data_module import EVALUATION_BATCH
from saps.lang.errors import ProgramError
from saps.lang.trees import Tree
from saps.search.choose import choose
from saps.search.tree_beam import SearchLimits
from saps.search.trial import Trial
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import Query

Way = Literal["greedy", "constrained", "beam", "search"]

_BEAM_ROWS = 1_280  # hypotheses that a step of a beam sees
_SEARCH_PROGRAMS = 6_400  # visited by the searches that go on together: what they remember must fit into memory


@dataclass(frozen=True, slots=True)
class Decoding:
    """How programs are looked for."""

    way: Way = "greedy"
    """Label by label, the same among the labels that may stand, by a beam, or by best-first search."""
    candidates: int = 10
    """Width of the beam."""
    budget: int = 100
    """Programs that a search visits."""


class Found(NamedTuple):
    """What was found for one query."""

    program: Tree | None  # the answer
    problem: str = ""  # why there is none
    listed: tuple[Tree, ...] = ()  # all programs that were looked at, the most probable first
    visited: int = 0  # how many with different behaviour were visited when one passed all examples; 0: none passes
    run: int = 0  # how many were run for that


def decode(
    synthesizer: Synthesizer,
    queries: Sequence[Query],
    decoding: Decoding,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Found]:
    """The answer to each query, in order; queries of similar lengths are decoded together.

    The results do not depend on what is decoded together. ``progress`` hears how many queries are done.
    """
    ways: dict[Way, Callable[[Synthesizer, Sequence[Query], Decoding], list[Found]]] = {
        "greedy": _greedily,
        "constrained": _with_constraints,
        "beam": _by_beam,
        "search": _by_search,
    }
    order = sorted(range(len(queries)), key=lambda index: len(queries[index].text))
    found = [Found(None)] * len(queries)
    size = _together(decoding)
    for at in range(0, len(order), size):
        chunk = order[at : at + size]
        answers = ways[decoding.way](synthesizer, [queries[index] for index in chunk], decoding)
        for index, answer in zip(chunk, answers, strict=True):
            found[index] = answer
        progress(at + len(chunk))
    return found


def _together(decoding: Decoding) -> int:
    """How many queries are decoded at a time."""
    if decoding.way == "beam":
        return max(1, _BEAM_ROWS // decoding.candidates)
    if decoding.way == "search":
        return max(1, min(EVALUATION_BATCH, _SEARCH_PROGRAMS // decoding.budget))
    return EVALUATION_BATCH


def _greedily(synthesizer: Synthesizer, queries: Sequence[Query], decoding: Decoding) -> list[Found]:
    return [Found(answer.program, answer.problem) for answer in synthesizer.greedy(queries)]


def _with_constraints(synthesizer: Synthesizer, queries: Sequence[Query], decoding: Decoding) -> list[Found]:
    return _where_possible(
        synthesizer, queries, lambda some: [Found(answer.program) for answer in synthesizer.constrained(some)]
    )


def _by_beam(synthesizer: Synthesizer, queries: Sequence[Query], decoding: Decoding) -> list[Found]:
    def beam(some: Sequence[Query]) -> list[Found]:
        found = []
        for query, candidates in zip(some, synthesizer.candidates(some, decoding.candidates), strict=True):
            trial = Trial(query.examples)
            choice = choose(candidates, trial)
            visited = (trial.visited, choice.tried) if choice.passes else (0, 0)
            found.append(Found(choice.program, "", tuple(candidate.program for candidate in candidates), *visited))
        return found

    return _where_possible(synthesizer, queries, beam)


def _by_search(synthesizer: Synthesizer, queries: Sequence[Query], decoding: Decoding) -> list[Found]:
    def search(some: Sequence[Query]) -> list[Found]:
        found = []
        for query, one in zip(some, synthesizer.searched(some, SearchLimits(decoding.budget)), strict=True):
            listed = tuple(visit.candidate.program for visit in one.trial.visits)
            if one.winner:
                found.append(Found(one.winner.program, "", listed, one.trial.visited, len(listed)))
            else:
                first = listed[0] if listed else synthesizer.candidates([query], 1)[0][0].program
                found.append(Found(first, "", listed))
        return found

    return _where_possible(synthesizer, queries, search)


def _where_possible(
    synthesizer: Synthesizer, queries: Sequence[Query], decoder: Callable[[Sequence[Query]], list[Found]]
) -> list[Found]:
    """Decodes the queries for which the model's labels make programs at all."""
    found: list[Found | None] = []
    for query in queries:
        try:
            synthesizer.rules(query)
            found.append(None)
        except ProgramError as error:
            found.append(Found(None, str(error)))
    possible = [query for query, none in zip(queries, found, strict=True) if none is None]
    decoded = iter(decoder(possible) if possible else ())
    return [next(decoded) if none is None else none for none in found]
