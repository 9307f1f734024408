"""What a report tells of each task: what was wanted and given, the tests with their values, and the verdict."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from saps.evaluation.execution import ExecutionJob, TestOutcome, shown_runs
from saps.evaluation.judge import JudgedTask
from saps.evaluation.predictions import Unparsed
from saps.lang.difference import differences
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree
from saps.synthesis.notation import write_value

if TYPE_CHECKING:
    from saps.evaluation.thoughts import Thought  # torch is slow to import

MOST_SHOWN = 200  # characters of a value
EXACT, RIGHT, NOT_PARSED, NO_PREDICTION, UNTESTED = (
    "exact match",
    "passes all tests",
    "not parsed",
    "no prediction",
    "another program",
)
DIED = "the process did not survive it"


@dataclass(frozen=True, slots=True)
class ShownTest:
    """A judging test with its values as text."""

    input: str
    wanted: str
    given: str
    """The value that the program gave, or what went wrong; empty where there was no program."""
    outcome: TestOutcome


@dataclass(frozen=True, slots=True)
class Case:
    """A judged task as a report shows it."""

    number: int
    """Its place among the judged ones, from 1 on."""
    judged: JudgedTask
    tests: tuple[ShownTest, ...]
    thought: "Thought | None" = None
    """What the model that was judged thought of it; None for predictions."""
    other: JudgedTask | None = None
    """The same task with the prediction that it is compared with."""

    @property
    def given(self) -> Tree | None:
        """The predicted program, if there is one."""
        return self.judged.prediction if isinstance(self.judged.prediction, Tree) else None

    def differing(self) -> list[tuple[Tree, Tree]]:
        """The subtrees of the wanted program that the given one has otherwise, each beside what stands there."""
        return [] if self.given is None else differences(self.judged.task.program, self.given)

    def as_json(self) -> dict[str, Any]:
        """Plain values, one line of the report's JSONL; its ``program`` makes that a file of predictions."""
        task = self.judged.task
        problem = self.judged.prediction.problem if isinstance(self.judged.prediction, Unparsed) else None
        found: dict[str, Any] = {
            "number": self.number,
            "text": " ".join(task.text),
            "wanted": to_lisp(task.program),
            "program": None if self.given is None else to_lisp(self.given),
            "verdict": verdict_of(self.judged),
            "problem": problem,
            "differs": [[to_lisp(a), to_lisp(b)] for a, b in self.differing()],
            "arguments": dict(task.args),
            "result": task.return_type,
            "template": task.template,
            "depth": self.judged.judgement.depth,
            "nodes": self.judged.judgement.nodes,
            "clean": self.judged.judgement.clean,
            "tests": [
                {"input": test.input, "wanted": test.wanted, "given": test.given, "outcome": test.outcome}
                for test in self.tests
            ],
            "model": None if self.thought is None else self.thought.as_json(),
        }
        if self.other is not None:
            program = self.other.prediction
            given = to_lisp(program) if isinstance(program, Tree) else None
            found["against"] = {"program": given, "verdict": verdict_of(self.other)}
        return found


def cases_of(
    judged: Sequence[JudgedTask],
    workers: int,
    shown: int,
    thoughts: "Sequence[Thought] | None" = None,
    others: Sequence[JudgedTask] | None = None,
) -> list[Case]:
    """The case of each judged task; the given programs are run once more, for their values.

    Args:
        judged: the tasks, in the order of the file.
        workers: processes to run programs in.
        shown: how many tests of each task, the first ones, did not judge.
        thoughts: of the model that was judged.
        others: the same tasks with the predictions that these are compared with.
    """
    jobs = (ExecutionJob(one.prediction, one.task.tests[shown:]) for one in judged if isinstance(one.prediction, Tree))
    runs = shown_runs(jobs, workers, MOST_SHOWN)
    found = []
    for place, one in enumerate(judged):
        values = next(runs) if isinstance(one.prediction, Tree) else ("",) * len(one.verdict.outcomes)
        found.append(
            Case(
                place + 1,
                one,
                _shown_tests(one, shown, values),
                None if thoughts is None else thoughts[place],
                None if others is None else others[place],
            )
        )
    return found


def _shown_tests(judged: JudgedTask, shown: int, values: Sequence[str] | None) -> tuple[ShownTest, ...]:
    tests, outcomes = judged.task.tests[shown:], judged.verdict.outcomes
    return tuple(
        ShownTest(
            write_value(dict(test.input), MOST_SHOWN),
            write_value(test.output, MOST_SHOWN),
            DIED if values is None else values[place],
            outcome,
        )
        for place, (test, outcome) in enumerate(zip(tests, outcomes, strict=True))
    )


def verdict_of(judged: JudgedTask) -> str:
    """What became of a prediction in a few words: the first that went wrong, where something did."""
    judgement = judged.judgement
    if judgement.exact:
        return EXACT
    if judgement.not_parsed:
        return NOT_PARSED
    if judgement.no_prediction:
        return NO_PREDICTION
    if not judgement.tests:
        return UNTESTED
    return next((outcome for outcome in judged.verdict.outcomes if outcome != "pass"), RIGHT)


def confused_labels(cases: Iterable[Case]) -> Mapping[tuple[str, str], int]:
    """How often one label was wanted and another given, atop of each subtree that differs; the commonest first."""
    counts = Counter((wanted.label, given.label) for case in cases for wanted, given in case.differing())
    return dict(counts.most_common())
