"""What a model thought of tasks: how probable the wanted program is and where it ranks, and what each node read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from saps.lang.trees import Tree
from saps.synthesis.attention import ReadProgram, read_programs
from saps.synthesis.decoding import Decoding, Found, decode
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import query_of
from saps.tasks.task import Task

RANKED = 10  # candidates of the beam in which a program that greedy decoding did not give is looked for


@dataclass(frozen=True, slots=True)
class Thought:
    """What a model thought of one task."""

    words: tuple[str, ...]
    """The tokens that it read."""
    rank: int | None
    """Place of the wanted program among those that were looked at, from 1 on; None where it is not among them."""
    looked_at: int
    """How many programs were looked at."""
    wanted: ReadProgram
    given: ReadProgram | None
    """None where no program was given."""

    def as_json(self) -> dict[str, Any]:
        """Plain values; weights of attention in percent, rounded."""
        return {
            "rank": self.rank,
            "looked_at": self.looked_at,
            "probability": self.wanted.probability,
            "given_probability": None if self.given is None else self.given.probability,
            "words": list(self.words),
            "wanted_nodes": _nodes(self.wanted),
            "given_nodes": None if self.given is None else _nodes(self.given),
        }


def _nodes(program: ReadProgram) -> dict[str, Any]:
    attention = program.attention
    return {
        "probabilities": [float(f"{probability:.4g}") for probability in program.probabilities],
        "attention": None if attention is None else [[round(100 * weight) for weight in row] for row in attention],
    }


def thoughts_of(
    synthesizer: Synthesizer, tasks: Sequence[Task], found: Sequence[Found], shown: int
) -> list[Thought] | None:
    """What a model thought of tasks for which it has found programs; None where it cannot tell.

    Args:
        synthesizer: the model.
        tasks: what was asked.
        found: what decoding found for each.
        shown: how many tests of each task the model was shown.
    """
    queries = [query_of(task, shown) for task in tasks]
    wanted = read_programs(synthesizer.system, queries, [task.program for task in tasks])
    if wanted is None:
        return None
    others = [place for place, one in enumerate(found) if one.program not in (None, tasks[place].program)]
    programs = [found[place].program or tasks[place].program for place in others]
    read = read_programs(synthesizer.system, [queries[place] for place in others], programs)
    given = dict(zip(others, read or (), strict=True))
    places = _ranks(synthesizer, tasks, found, shown)
    tokens = synthesizer.system.reading.tokens
    return [
        Thought(
            tuple(tokens(query)),
            *places[place],
            wanted[place],
            None if one.program is None else given.get(place, wanted[place]),
        )
        for place, (query, one) in enumerate(zip(queries, found, strict=True))
    ]


def _ranks(
    synthesizer: Synthesizer, tasks: Sequence[Task], found: Sequence[Found], shown: int
) -> list[tuple[int | None, int]]:
    """The place of each wanted program, and among how many; a program that greedy decoding gave is the first."""
    unlisted = [place for place, one in enumerate(found) if not one.listed and one.program != tasks[place].program]
    beam = decode(
        synthesizer, [query_of(tasks[place], shown) for place in unlisted], Decoding("beam", candidates=RANKED)
    )
    listed: dict[int, Sequence[Tree]] = {place: one.listed for place, one in zip(unlisted, beam, strict=True)}
    ranks: list[tuple[int | None, int]] = []
    for place, (task, one) in enumerate(zip(tasks, found, strict=True)):
        programs = one.listed or listed.get(place, (task.program,))
        ranks.append((programs.index(task.program) + 1 if task.program in programs else None, len(programs)))
    return ranks
