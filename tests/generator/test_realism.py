"""How near generated tasks are to the published ones; needs the file of the development split.

The published splits share no program, so a split holds all of the many tasks of a program or none of them: some
programs of one template alone fill a large part of it. Shares are therefore compared among programs of several
templates.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import fmean, quantiles

import pytest

from saps.generator import generate, shipped_library
from saps.generator.composition import compose, draw_instance
from saps.generator.parser import Derivation, ProgramParser
from saps.generator.sentences import sentence
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree
from saps.tasks.files import read_tasks
from saps.tasks.phrases import split_text
from saps.tasks.task import Task
from saps.tasks.vocabulary import label_of

FOLDER = os.environ.get("SAPS_ALGOLISP", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="SAPS_ALGOLISP names no folder with metaset3.dev.jsonl.gz")
LIBRARY = shipped_library()
QUESTION = ("what", "find", "compute", "your", "on", "for", "how")
COVERED = 1.0, 0.998, 0.99  # shares of the words, pairs and triples of words of the published texts that are ours


@dataclass(frozen=True)
class Read:
    """A task, and how the templates compose to its program."""

    task: Task
    derivation: Derivation

    @property
    def instances(self) -> int:
        return sum(1 for _ in self.derivation.instances())


def several(tasks: Iterable[Task]) -> list[Read]:
    """The tasks whose programs are made of several templates."""
    parser = ProgramParser(LIBRARY)
    known: dict[tuple[str, str], list[Derivation]] = {}
    read = []
    for task in tasks:
        key = (to_lisp(task.program), str(task.args))
        if key not in known:
            known[key] = parser.derivations(task.program, task.args, task.return_type)
        read += [Read(task, derivation) for derivation in known[key][:1]]
    return [each for each in read if each.instances > 1]


@pytest.fixture(scope="module")
def published_tasks() -> list[Task]:
    return list(read_tasks(Path(FOLDER) / "metaset3.dev.jsonl.gz"))


@pytest.fixture(scope="module")
def published(published_tasks: list[Task]) -> list[Read]:
    return several(published_tasks)


@pytest.fixture(scope="module")
def generated() -> list[Read]:
    return several(generate(3_000, seed=0))


@pytest.fixture(scope="module")
def said() -> list[tuple[tuple[str, ...], Tree]]:
    """Sentences and programs that are not run."""
    rng, pairs = Random(0), []
    for _ in range(15_000):
        composed = compose(draw_instance(LIBRARY, rng, max_depth=3), LIBRARY, rng)
        pairs.append((sentence(composed, LIBRARY, rng), composed.program))
    return pairs


def shares(values: Iterable[str]) -> dict[str, float]:
    counts = Counter(values)
    return {value: count / counts.total() for value, count in counts.items()}


def test_published_programs_are_made_of_the_templates(published_tasks: list[Task]) -> None:
    parser = ProgramParser(LIBRARY)
    programs = {(to_lisp(task.program), str(task.args)): task for task in published_tasks}
    derivable = [parser.derivable(task.program, task.args, task.return_type) for task in programs.values()]
    assert fmean(derivable) >= 0.995


@pytest.mark.parametrize("length", [1, 2, 3])
def test_published_words_are_ours(
    published_tasks: list[Task], said: list[tuple[tuple[str, ...], Tree]], length: int
) -> None:
    def runs(text: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
        return zip(*(text[start:] for start in range(length)), strict=False)

    ours = {run for text, _ in said for run in runs(text)}
    theirs = Counter(run for task in published_tasks for run in runs(task.text))
    assert sum(count for run, count in theirs.items() if run in ours) >= COVERED[length - 1] * theirs.total()


def test_program_symbols_are_the_same_but_for_letters(
    published_tasks: list[Task], said: list[tuple[tuple[str, ...], Tree]]
) -> None:
    def labels(programs: Iterable[Tree]) -> set[str]:
        found = {label_of(node) for program in programs for node in program.preorder()}
        return {label for label in found if not (len(label) == 3 and label[0].isalpha())}

    assert labels(program for _, program in said) == labels(task.program for task in published_tasks)


def test_roots_come_up_as_often(published: list[Read], generated: list[Read]) -> None:
    def roots(read: list[Read]) -> dict[str, float]:
        return shares(each.derivation.template.root for each in read if "string" not in str(each.task.args))

    theirs, ours = roots(published), roots(generated)
    assert set(theirs) <= set(ours)
    for root, share in theirs.items():
        assert ours[root] == pytest.approx(share, rel=0.35, abs=0.006), root


def test_what_stands_inside_comes_up_as_often(published: list[Read], generated: list[Read]) -> None:
    def inner(read: list[Read], result: str) -> dict[str, float]:
        inside = [part.template for each in read for part in list(each.derivation.instances())[1:]]
        return shares(template.root for template in inside if template.result == result)

    for result in ("int", "int[]"):
        theirs, ours = inner(published, result), inner(generated, result)
        for root, share in theirs.items():
            assert ours[root] == pytest.approx(share, rel=0.4, abs=0.02), root


def test_programs_have_as_many_templates(published: list[Read], generated: list[Read]) -> None:
    theirs, ours = (fmean(each.instances == 2 for each in read) for read in (published, generated))
    assert ours == pytest.approx(theirs, abs=0.05)
    assert {each.instances for each in published} == {each.instances for each in generated} == {2, 3}


@pytest.mark.parametrize(
    ("measure", "tolerance"),
    [
        (lambda task: len(task.text), 0.05),
        (lambda task: task.program.size(), 0.1),
        (lambda task: task.program.depth(), 0.05),
    ],
)
def test_texts_and_programs_are_as_large(
    published: list[Read], generated: list[Read], measure: Callable[[Task], int], tolerance: float
) -> None:
    theirs, ours = ([measure(each.task) for each in read] for read in (published, generated))
    assert fmean(ours) == pytest.approx(fmean(theirs), rel=tolerance)
    assert quantiles(ours, n=20) == pytest.approx(quantiles(theirs, n=20), rel=2 * tolerance, abs=1)


def test_openings_come_up_as_often(published: list[Read], generated: list[Read]) -> None:
    theirs, ours = (shares(each.task.text[0] for each in read) for read in (published, generated))
    assert ours == pytest.approx(theirs, abs=0.03)


def test_questions_come_up_as_often(published: list[Read], generated: list[Read]) -> None:
    def questions(read: list[Read]) -> dict[str, float]:
        return shares(" ".join(each.task.text).rpartition(" , ")[2].partition(" ")[0] for each in read)

    theirs, ours = questions(published), questions(generated)
    for word in ("what", "find", "compute", "your"):
        assert ours[word] == pytest.approx(theirs[word], abs=0.03)


def test_statements_come_up_as_often(published: list[Read], generated: list[Read]) -> None:
    def stated(read: list[Read]) -> float:
        return fmean(not split_text(each.task.text).rest.startswith(QUESTION) for each in read)

    assert stated(generated) == pytest.approx(stated(published), abs=0.04)


def test_names_are_dropped_as_often(published: list[Read], generated: list[Read]) -> None:
    def dropped(read: list[Read]) -> float:
        """Share of the arguments that are alone of their type which have no name."""
        groups = [group for each in read for group in split_text(each.task.text).groups if len(group.names) < 2]
        return fmean(not group.names for group in groups)

    assert dropped(generated) == pytest.approx(dropped(published), abs=0.03)


def test_arguments_have_the_letters_that_the_generator_gives(published: list[Read], generated: list[Read]) -> None:
    def letters(read: list[Read]) -> dict[str, float]:
        return shares("".join(dict(each.derivation.arguments())) for each in read)

    theirs, ours = letters(published), letters(generated)
    for names, share in theirs.items():
        if share > 0.005:
            assert ours.get(names, 0) == pytest.approx(share, rel=0.3, abs=0.01), names
