"""Running what a search finds: verdicts, parts that cannot be run, programs that never end."""

import pytest

from saps.lang.example import Example
from saps.lang.interpreter import Limits
from saps.lang.spelling import parse, to_lisp
from saps.search.explain import verdict
from saps.search.hypothesis import Candidate, Hypothesis
from saps.search.step import Label
from saps.search.trial import Deadline, Trial
from tests.in_time import in_time

_MANY = "(range 0 (* 10 40))"
ENDLESS = parse(
    f"(reduce {_MANY} 0 (lambda2 (reduce {_MANY} arg1 (lambda2 (reduce {_MANY} arg1 (lambda2 (+ arg1 arg2)))))))"
)


def grown(*labels: Label) -> Hypothesis:
    """A hypothesis with these labels, its holes left out."""
    last = None
    for label in labels:
        last = label, last
    return Hypothesis(len(labels), None, last)


def begun(text: str) -> Hypothesis:
    """A program up to the atom marked by a star."""
    labels = [(node.label, len(node.children)) for node in parse(text.replace("*", "")).preorder()]
    marked = [node.label for node in parse(text.replace("*", "_marked")).preorder()]
    end = next(place for place, label in enumerate(marked) if label.endswith("_marked"))
    return grown(*labels[: end + 1])


@pytest.mark.parametrize(
    ("program", "part"),
    [
        ("(+ (head a*) 1)", "(head a)"),
        ("(+ (head (reverse a*)) 1)", "(head (reverse a))"),
        ("(+ (- (head a) b*) 1)", "(- (head a) b)"),
        ("(+ (head a) b*)", "(+ (head a) b)"),
        ("(reduce (map a (lambda1 (/ 1 arg1*))) 0 +)", "(map a (lambda1 (/ 1 arg1)))"),
        ("(if (== b* 0) 1 (/ 1 b))", None),
        ("(if (== b 0*) 1 (/ 1 b))", "(== b 0)"),
        ("(if (== b 0) 1* (/ 1 b))", None),
        ("(if (== b 0) (+ (head a*) 1) 1)", None),
        ("(if (== (head a*) 0) 1 2)", "(head a)"),
        ("(+ (if (== b 0) (head a*) 1) 1)", None),
        ("(if (== b 0) 1 (+ (/ 1 b*) 2))", None),
        ("(map a (lambda1 (+ (/ 1 b*) arg1)))", None),
    ],
)
def test_the_part_that_an_atom_finishes(program: str, part: str | None) -> None:
    trial = Trial([Example({"a": [1], "b": 2}, 1)], Limits(steps=0))  # whatever is run fails
    assert trial.fails(begun(program)) == (part is not None)
    assert [to_lisp(failing) for failing in trial.pruned] == ([] if part is None else [part])


def test_a_part_that_fails_on_an_example_fails_wherever_it_stands() -> None:
    trial = Trial([Example({"a": [1], "b": 2}, 1), Example({"a": [], "b": 2}, 1)])
    assert trial.fails(begun("(+ (head a*) 1)"))
    assert list(trial.pruned) == [parse("(head a)")]
    assert not trial.fails(begun("(+ (len a*) 1)"))
    assert not trial.fails(begun("(if (== b 0) 1 (+ (head a*) 1))"))
    assert not Trial([Example({"a": [1]}, 1)]).fails(begun("(+ (head a*) 1)"))
    assert not Trial().fails(begun("(+ (head a*) 1)"))


def test_a_function_as_a_part_is_not_run() -> None:
    trial = Trial([Example({"a": [], "b": 1}, [])])
    assert not trial.fails(begun("(reverse (map a (partial0 b +*)))"))
    assert not trial.fails(grown(("map", 2), ("a", 0), ("partial0", 2), ("b", 0), ("+", 0)))
    chosen = begun("(reverse (map a (if (== b 1) (partial0 b +) (if (== b 2) square even*))))")
    assert not trial.fails(grown(*chosen.labels()[3:]))
    assert not trial.fails(chosen)


def test_verdicts_say_what_a_program_does_instead() -> None:
    trial = Trial([Example({"a": [3, 4]}, 7), Example({"a": []}, 0)])
    codes = ["(len a)", "(head a)", "(reduce a 0 -)", '(strlen "")', "(len (reverse a))", "(reduce a 0 +)"]
    passed = [trial.visit(Candidate(parse(code), -float(k))) for k, code in enumerate(codes)]
    assert passed == [False] * 5 + [True]
    verdicts = [verdict(visit, trial.examples) for visit in trial.visits]
    assert verdicts[:3] == ["gives 2 on example 1", "gives 3 on example 1", "gives -7 on example 1"]
    assert verdicts[4] == "does on the examples what number 1 does"
    assert verdicts[5] == "passes"
    assert [visit.is_new for visit in trial.visits] == [True, True, True, True, False, True]
    assert trial.visited == 5


def test_a_program_without_end_is_left_when_the_time_is_over() -> None:
    wide = Limits(steps=10**9, elements=10**9)

    def visit() -> Trial:
        trial = Trial([Example({"a": []}, 0)] * 3, wide, Deadline(0.2))
        assert not trial.visit(Candidate(ENDLESS, 0.0))
        return trial

    trial = in_time(0.2 + 0.1, visit)
    assert "seconds" in verdict(trial.visits[0], trial.examples)


def test_long_values_are_neither_kept_as_keys_nor_shown_whole() -> None:
    trial = Trial([Example({"b": 500}, 0)])
    trial.visit(Candidate(parse("(range 0 b)"), 0.0))
    assert trial.visits[0].outcomes[0].kind == "value"
    assert all(len(part) <= 64 for key in trial._first_with for _, part in key)
    assert len(verdict(trial.visits[0], trial.examples)) < 100


def test_a_part_is_run_no_further_than_the_first_example_on_which_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Limits] = []
    limits = Trial._limits
    monkeypatch.setattr(Trial, "_limits", lambda self, steps: runs.append(self.limits) or limits(self, steps))
    trial = Trial([Example({"a": values, "b": 1}, 1) for values in ([1], [], [2])])
    assert trial.fails(begun("(+ (head a*) 1)"))
    assert len(runs) == 2
