"""Tasks in other words, and with other names of their arguments."""

from random import Random

import pytest

from saps.generator import Library, Switches, generate, shipped_library
from saps.generator.plain.reading import plain_library
from saps.generator.rewording import Reworder
from saps.lang.interpreter import compile_program
from saps.tasks.phrases import NAME, rename_in_text


@pytest.mark.parametrize("library", [shipped_library(), plain_library()], ids=["published", "plain"])
def test_another_sentence_for_the_same_program(library: Library) -> None:
    tasks = list(generate(60, seed=5, switches=Switches(tests=3)))
    reworder, rng = Reworder(library), Random(1)
    said = [(task, again) for task in tasks if (again := reworder.reword(task, rng)) is not None]
    assert len(said) > 50
    for task, again in said:
        assert again.text != task.text
        assert again.program.size() == task.program.size()
        assert sorted(again.args.values()) == sorted(task.args.values())
        for test in again.tests:
            assert compile_program(again.program).run(test.input).value == test.output


def test_no_words_for_a_program_that_no_template_makes() -> None:
    task = next(generate(1, seed=5, switches=Switches(tests=0, only=["basic_reduce_int_array"])))
    other = task.program.substitute(dict.fromkeys(task.args, task.program))
    assert Reworder(shipped_library()).reword(type(task)(task.text, other, task.args, "int[]", ()), Random(1)) is None


def test_names_change_in_a_text_as_if_it_had_been_drawn_with_them() -> None:
    """The generator's own ``names: words`` is the reference, where a text introduces no names beside its arguments."""
    lettered = generate(200, seed=5, switches=Switches(tests=0))
    worded = generate(200, seed=5, switches=Switches(tests=0, names="words"))
    compared = 0
    for task, other in zip(lettered, worded, strict=True):
        if set(NAME.findall(" ".join(task.text))) <= set(task.args):
            compared += 1
            assert rename_in_text(task.text, dict(zip(task.args, other.args, strict=True))) == other.text
    assert compared > 150
