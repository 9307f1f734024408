"""What a person gets: every candidate with its type and its runs, and which of them is the answer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from saps.errors import UserError
from saps.lang.errors import ProgramError
from saps.lang.inference import infer
from saps.lang.interpreter import Limits, Outcome, compile_program
from saps.lang.spelling import to_lisp, to_short
from saps.lang.trees import Tree
from saps.lang.types import Type, parse_type
from saps.search.beam import Candidate
from saps.synthesis.explanation import Story, tell
from saps.synthesis.guesses import guess_arguments
from saps.synthesis.notation import Question, write_example, write_value
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.tokens import tokenize
from saps.tasks.vocabulary import Vocabulary


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
    """Its run on the input; None where there is none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The candidates, most probable first, and the choice among them."""

    question: Question
    """As asked, with the types of all arguments."""
    words: tuple[str, ...]
    """The sentence as the model saw it."""
    guessed: bool
    """The types were guessed from the sentence."""
    attempts: tuple[Attempt, ...]
    rank: int
    """Which attempt is the answer; 0 is the most probable one."""
    passes: bool
    """It passes all examples, of which there is at least one."""
    tried: int
    """How many candidates were run on the examples to find it."""
    story: Story | None = None
    """How it came about; None where nobody asked."""

    @property
    def chosen(self) -> Attempt:
        """The answer itself."""
        return self.attempts[self.rank]

    def as_json(self) -> dict[str, Any]:
        """Plain values; results are JSON as text, since JSON itself has no ``inf`` and browsers no large integers."""
        return {
            "text": " ".join(self.words),
            "arguments": dict(self.question.arguments or {}),
            "guessed": self.guessed,
            "examples": [write_example(example) for example in self.question.examples],
            "chosen": self.rank,
            "passes": self.passes,
            "tried": self.tried,
            "story": None if self.story is None else self.story.as_json(),
            "candidates": [_attempt_as_json(attempt) for attempt in self.attempts],
        }


def ask(synthesizer: Synthesizer, question: Question, limits: Limits | None = None) -> Answer:
    """Finds the programs, and runs each on the examples and the input.

    Args:
        synthesizer: the model.
        question: what is asked.
        limits: budget of each run.

    Raises:
        UserError: the sentence is empty or holds unknown words, an argument has a name that the model has never seen,
            or examples and input do not fit the arguments.
    """
    limits = limits or Limits()
    known = question.arguments if question.arguments is not None else guess_arguments(tokenize(question.text))
    typed = question.typed(known)
    if not question.allow_unknown:
        _refuse_unknown_names(known, synthesizer.system.vocabularies.labels)
    found = synthesizer.synthesize(
        typed.text,
        known,
        typed.examples,
        typed.candidates,
        typed.allow_unknown,
        limits,
        typed.result,
        typed.search,
        typed.seconds,
        typed.avoid_errors,
    )
    kinds = {name: parse_type(written) for name, written in known.items()}
    ran = {visit.candidate.program: visit.outcomes for visit in found.trial.visits}
    attempts = tuple(_attempt(candidate, typed, kinds, limits, ran) for candidate in found.candidates)
    choice, guessed = found.choice, question.arguments is None
    story = tell(synthesizer, found) if typed.explain or typed.search else None
    return Answer(typed, found.text, guessed, attempts, choice.rank, choice.passes, choice.tried, story)


def shown(outcome: Outcome) -> str:
    """How a run ended, in a line: the value as JSON, or what went wrong."""
    return write_value(outcome.value) if outcome.kind == "value" else outcome.message


def _refuse_unknown_names(arguments: Mapping[str, str], labels: Vocabulary) -> None:
    for name in arguments:
        if f"{name}/0" not in labels:
            known = sorted(label[0] for label in labels if len(label) == 3 and label[0].isalpha() and label[1:] == "/0")
            raise UserError(
                f"the model has never seen an argument named {name}; name it as one of {', '.join(known)}, here and in "
                "the sentence"
            )


def _attempt(
    candidate: Candidate,
    question: Question,
    kinds: Mapping[str, Type],
    limits: Limits,
    ran: Mapping[Tree, tuple[Outcome, ...]],
) -> Attempt:
    """What a candidate does; ``ran`` holds the runs on the examples that were done already."""
    program = candidate.program
    try:
        kind, mistake = str(infer(program, kinds)), ""
    except ProgramError as error:
        kind, mistake = "", str(error)
    compiled = compile_program(program)  # once for all its runs
    outcomes = ran.get(program) or tuple(compiled.run(example.input, limits) for example in question.examples)
    pairs = zip(outcomes, question.examples, strict=True)
    passed = tuple(outcome.gives(example.output) for outcome, example in pairs)
    result = None if question.input is None else compiled.run(question.input, limits)
    return Attempt(program, math.exp(candidate.log_probability), kind, mistake, outcomes, passed, result)


def _attempt_as_json(attempt: Attempt) -> dict[str, Any]:
    runs = zip(attempt.outcomes, attempt.passed, strict=True)
    return {
        "program": to_lisp(attempt.program),
        "tree": to_short(attempt.program),
        "probability": attempt.probability,
        "type": attempt.type or None,
        "mistake": attempt.mistake or None,
        "examples": [{"passes": passed, **_outcome_as_json(outcome)} for outcome, passed in runs],
        "result": None if attempt.result is None else _outcome_as_json(attempt.result),
    }


def _outcome_as_json(outcome: Outcome) -> dict[str, str]:
    return {"kind": outcome.kind, "shown": shown(outcome)}
