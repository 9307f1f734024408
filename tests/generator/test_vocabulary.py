"""The vocabularies that are read off the templates hold all that comes up."""

import pytest

from saps.generator import Switches
from saps.generator.streams import make_stream
from saps.generator.vocabulary import vocabularies_of_library
from saps.tasks.vocabulary import label_of

TASKS = 20_000


@pytest.mark.parametrize("switches", [Switches(tests=0), Switches(tests=0, names="words", synonyms=0.5)])
def test_no_word_and_no_label_is_unknown(switches: Switches) -> None:
    count = TASKS if switches.names == "letters" else TASKS // 10
    stream = make_stream(1, switches)
    words, labels = vocabularies_of_library(stream.library, switches)
    seen_words, seen_labels = set(), set()
    for index in range(count):
        (task,) = stream.tasks(index)
        seen_words.update(task.text)
        seen_labels.update(label_of(node) for node in task.program.preorder())
    assert seen_words <= set(words)
    assert seen_labels <= set(labels)
    if count == TASKS:
        assert len(set(words) - seen_words) < 0.1 * len(words)  # what cannot come up is not in it


def test_the_templates_decide_what_is_in_it() -> None:
    switches = Switches(only=["median"])
    words, labels = vocabularies_of_library(make_stream(1, switches).library, switches)
    assert "median" in words
    assert "fibonacci" not in words
    assert "sort/1" in labels
    assert "reverse/1" not in labels
