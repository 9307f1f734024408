"""How near generated tasks are to the published ones; needs the file of the development split."""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random
from statistics import fmean

import pytest

from saps.lang.trees import Tree
from saps.tasks.files import read_tasks
from saps.tasks.generator import shipped_library
from saps.tasks.generator.composition import compose, draw_instance
from saps.tasks.generator.sentences import sentence
from saps.tasks.vocabulary import label_of

FOLDER = os.environ.get("SAPS_ALGOLISP", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="SAPS_ALGOLISP names no folder with metaset3.dev.jsonl.gz")
Said = list[tuple[tuple[str, ...], Tree]]


@pytest.fixture(scope="module")
def published() -> Said:
    return [(task.text, task.program) for task in read_tasks(Path(FOLDER) / "metaset3.dev.jsonl.gz")]


@pytest.fixture(scope="module")
def generated() -> Said:
    """Sentences and programs that are not run, as many as the published ones."""
    library, rng, said = shipped_library(), Random(0), []
    for _ in range(10_000):
        composed = compose(draw_instance(library, rng, max_depth=3), library, rng)
        said.append((sentence(composed, library, rng), composed.program))
    return said


def runs_of(said: Said, length: int) -> Counter[tuple[str, ...]]:
    """How often each run of so many words comes up."""
    return Counter(text[i : i + length] for text, _ in said for i in range(len(text) - length + 1))


@pytest.mark.parametrize(("length", "share"), [(1, 0.999), (2, 0.99), (3, 0.97)])
def test_published_words_are_ours(published: Said, generated: Said, length: int, share: float) -> None:
    ours, theirs = runs_of(generated, length), runs_of(published, length)
    assert sum(count for run, count in theirs.items() if run in ours) >= share * theirs.total()


def test_program_symbols_are_the_same_but_for_letters(published: Said, generated: Said) -> None:
    def labels(said: Said) -> set[str]:
        found = {label_of(node) for _, program in said for node in program.preorder()}
        return {label for label in found if not (len(label) == 3 and label[0].isalpha())}

    assert labels(generated) == labels(published)


@pytest.mark.parametrize("measure", [Tree.size, Tree.depth])
def test_programs_are_as_large_and_deep(published: Said, generated: Said, measure: object) -> None:
    def mean(programs: Iterable[tuple[tuple[str, ...], Tree]]) -> float:
        return fmean(measure(program) for _, program in programs)  # type: ignore[operator]

    assert mean(generated) == pytest.approx(mean(published), rel=0.1)


def test_sentences_are_as_long_and_drop_as_many_names(published: Said, generated: Said) -> None:
    for measure in (len, lambda text: "given" in text[3:]):
        theirs, ours = (fmean(measure(text) for text, _ in said) for said in (published, generated))
        assert ours == pytest.approx(theirs, rel=0.1)
