"""How much of the published dev split the templates derive; skipped where it is not at hand."""

import os
from itertools import islice
from pathlib import Path

import pytest

from saps.generator import shipped_library
from saps.generator.realism import Derivability, read_untested
from saps.generator.realism.derivability import DerivabilityTally

FOLDER = os.environ.get("SAPS_ALGOLISP")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="SAPS_ALGOLISP names no folder with metaset3.dev.jsonl.gz")

STEP = 8  # every eighth task, in a few seconds


@pytest.fixture(scope="module")
def derived() -> Derivability:
    tally = DerivabilityTally(shipped_library())
    for task in islice(read_untested(Path(FOLDER or "") / "metaset3.dev.jsonl.gz"), 0, None, STEP):
        tally.add(task)
    return tally.figures(most=5)


def test_templates_compose_to_the_programs(derived: Derivability) -> None:
    assert derived.programs >= 0.995 * derived.tasks, derived.missing_parts


def test_wordings_compose_to_the_texts_with_the_right_program(derived: Derivability) -> None:
    assert derived.texts >= 0.97 * derived.tasks, (derived.unread, derived.misread)


def test_the_first_reading_is_mostly_the_right_one(derived: Derivability) -> None:
    assert derived.best >= 0.95 * derived.tasks, derived.misread
