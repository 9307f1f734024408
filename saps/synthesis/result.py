"""What becomes of a query: every candidate with its type and its runs, and which of them is the answer."""

from dataclasses import dataclass
from typing import Any

from saps.lang.interpreter import Outcome
from saps.lang.spelling import to_lisp, to_short
from saps.lang.trees import Tree
from saps.synthesis.explanation import Explanation
from saps.synthesis.notation import write_example, write_value
from saps.tasks.query import Query

_SHOWN = 10_000  # characters of a value


@dataclass(frozen=True, slots=True)
class Attempt:
    """One candidate: what it is, and what it does."""

    program: Tree
    probability: float
    """What the model gives it, from 0 to 1."""
    type: str
    """The type of its result; empty where it has none."""
    mistake: str
    """Why it has no type; empty where it has one."""
    outcomes: tuple[Outcome, ...]
    """Its runs on the examples."""
    passed: tuple[bool, ...]
    """Whether each of these gave the wanted output."""
    result: Outcome | None
    """Its run on the inputs; None where there are none."""
    unused: tuple[str, ...] = ()
    """Arguments that it ignores."""


@dataclass(frozen=True, slots=True)
class Result:
    """The candidates, most probable first, and the choice among them."""

    query: Query
    """The words as the model saw them, the types of all arguments, and the examples."""
    attempts: tuple[Attempt, ...]
    rank: int
    """Which attempt is the answer; 0 is the most probable one."""
    passes: bool
    """It passes all examples, of which there is at least one."""
    tried: int
    """How many candidates were run on the examples to find it."""
    explanation: Explanation | None = None
    """How it came about; None after a beam, unless it was asked for."""
    doubt: str = ""
    """Why the answer is not sure; empty where it is (``saps.synthesis.doubt``)."""

    @property
    def chosen(self) -> Attempt:
        """The answer itself."""
        return self.attempts[self.rank]

    @property
    def program(self) -> Tree:
        """The answer's program."""
        return self.chosen.program

    def as_json(self) -> dict[str, Any]:
        """Plain values; outcomes are JSON as text, since JSON itself has no ``inf`` and browsers no large integers."""
        return {
            "text": " ".join(self.query.text),
            "arguments": dict(self.query.arguments),
            "guessed": self.query.guessed,
            "examples": [write_example(example) for example in self.query.examples],
            "chosen": self.rank,
            "passes": self.passes,
            "tried": self.tried,
            "doubt": self.doubt,
            "story": None if self.explanation is None else self.explanation.as_json(),
            "candidates": [_attempt_as_json(attempt) for attempt in self.attempts],
        }


def shown(outcome: Outcome) -> str:
    """How a run ended, in a line: the value as JSON, or what went wrong."""
    return write_value(outcome.value, _SHOWN) if outcome.kind == "value" else outcome.message


def _attempt_as_json(attempt: Attempt) -> dict[str, Any]:
    runs = zip(attempt.outcomes, attempt.passed, strict=True)
    return {
        "program": to_lisp(attempt.program),
        "tree": to_short(attempt.program),
        "probability": attempt.probability,
        "type": attempt.type or None,
        "mistake": attempt.mistake or None,
        "unused": list(attempt.unused),
        "examples": [{"passes": passed, **_outcome_as_json(outcome)} for outcome, passed in runs],
        "result": None if attempt.result is None else _outcome_as_json(attempt.result),
    }


def _outcome_as_json(outcome: Outcome) -> dict[str, str]:
    return {"kind": outcome.kind, "shown": shown(outcome)}
