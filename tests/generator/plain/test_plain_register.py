"""The plain register: laws of its texts and programs; and the published one as it was before there was another."""

import hashlib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from saps.generator import Switches, generate, shipped_library
from saps.generator.composition import Instance, draw_instance
from saps.generator.plain.composition import compose_plain
from saps.generator.plain.reading import plain_library
from saps.generator.plain.speech import PHRASES, PLAIN_FORMS
from saps.generator.streams import make_stream
from saps.generator.tasks import draw_tests
from saps.generator.vocabulary import vocabularies_of_library
from saps.generator.wordings import Alternatives, Parts
from saps.lang.inference import check
from saps.lang.primitives import PRIMITIVES
from saps.lang.types import parse_type
from saps.tasks.files import task_line
from saps.tasks.task import Task
from saps.tasks.tokens import tokenize
from saps.tasks.vocabulary import label_of

COUNT = 500
FREQUENT = 30  # weight of a template at the root
NOISY = Switches(names="words", typos=0.1, synonyms=0.2, drop_words=0.05, shuffle_declarations=0.5, paraphrases=2)


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(COUNT, seed=5, switches=Switches(register="plain")))


@pytest.mark.parametrize(
    ("switches", "digest"),
    [
        (Switches(), "f3c524b363bf05c9b339a4a66a6ef175e7aa41a45de6c7012e72a1ea4762d70a"),
        (NOISY, "e5ead982260ace4414632f12153476d5710034db58600c8e779f072302fd967e"),
        (
            Switches(tests=0, max_depth=2, names="shuffled"),
            "734f924a7e7cca44cf61b53a4fac2c09ce974f16255b05c724116a755ae8a608",
        ),
    ],
)
def test_the_published_register_is_byte_for_byte_what_it_was_before_the_plain_one(
    switches: Switches, digest: str
) -> None:
    assert _digest(generate(300, seed=14, switches=switches)) == digest


def _digest(tasks: Iterable[Task]) -> str:
    state = hashlib.sha256()
    for task in tasks:
        state.update(task_line(task))
    return state.hexdigest()


def test_no_mark_is_left_in_a_text_and_it_is_as_the_tokeniser_leaves_it(tasks: list[Task]) -> None:
    for task in tasks:
        assert not {*"*[]{}<>|"} & {*"".join(task.text)}, task.text
        assert tokenize(" ".join(task.text)) == task.text


def test_programs_are_well_typed_and_take_the_arguments_that_the_task_declares(tasks: list[Task]) -> None:
    for task in tasks:
        arguments = {name: parse_type(kind) for name, kind in task.args.items()}
        check(task.program, arguments, parse_type(task.return_type))
        assert {*task.args} <= {node.label for node in task.program.preorder()}
        assert not {*task.args} & {*PRIMITIVES}


def test_outputs_are_not_constant(tasks: list[Task]) -> None:
    for task in tasks:
        assert len(task.tests) == 10
        assert any(test.output != task.tests[0].output for test in task.tests)


def test_some_texts_name_their_arguments_and_some_do_not(tasks: list[Task]) -> None:
    named = sum({*task.args} <= {*task.text} for task in tasks)
    assert 0.4 * COUNT < named < 0.8 * COUNT


def test_an_argument_that_the_text_does_not_name_has_a_name_that_does_not_occur_in_it() -> None:
    library, rng = plain_library(), Random(3)
    unnamed = 0
    for _ in range(500):
        composed = compose_plain(draw_instance(library, rng, 3), library, rng)
        for argument in composed.arguments:
            if argument.dropped:
                unnamed += 1
                assert argument.name not in composed.text
    assert unnamed > 100


def test_no_word_and_no_label_is_missing_from_the_vocabularies() -> None:
    for register in ("plain", "mixed"):
        stream = make_stream(1, Switches(register=register, tests=0))  # type: ignore[arg-type]
        words, labels = vocabularies_of_library(stream.library, stream.switches)
        for index in range(1500):
            (task,) = stream.tasks(index)
            assert {*task.text} <= {*words}, {*task.text} - {*words}
            assert {label_of(node) for node in task.program.preorder()} <= {*labels}


def test_mixed_has_both_registers_in_their_shares() -> None:
    mixed = list(generate(200, seed=8, switches=Switches(register="mixed", plain_share=0.25, tests=0)))
    published = {" ".join(task.text) for task in generate(200, seed=8, switches=Switches(tests=0))}
    same = sum(" ".join(task.text) in published for task in mixed)
    assert 130 < same < 170


def test_paraphrases_of_a_plain_task_share_program_and_names() -> None:
    made = list(islice(generate(40, seed=2, switches=Switches(register="plain", paraphrases=4, tests=0)), 40))
    programs = [task.program for task in made]
    assert len({*programs}) < 25
    assert len({task.text for task in made}) == 40


def test_noise_disturbs_plain_texts_but_not_their_names() -> None:
    switches = Switches(register="plain", typos=0.3, tests=0)
    for task in generate(50, seed=4, switches=switches):
        assert all(name in task.text for name in task.args if name in task.clean_text)


def test_the_templates_choose_as_in_the_published_register() -> None:
    only = {task.template for task in generate(30, seed=1, switches=Switches(register="plain", only=["median"]))}
    assert only == {"basic_median"}


def test_every_template_may_stand_inside_others_only_with_a_phrase() -> None:
    for template in plain_library().templates:
        assert not template.inner or template.inner_wordings
        assert {wording.form for wording in template.inner_wordings.options} <= {*PHRASES} < {*PLAIN_FORMS}


def test_tasks_of_both_registers_are_made_from_a_command_line(tmp_path: Path) -> None:
    from saps.cli import main

    made = tmp_path / "plain.jsonl"
    assert main(f"data generate --count 5 --register plain --output {made}".split()) == 0
    assert main(f"data generate --count 5 --register mixed --plain-share 0.9 --output {tmp_path}/m.jsonl".split()) == 0
    assert len(made.read_text().splitlines()) == 5


def test_every_published_template_is_said_plainly() -> None:
    assert {template.name for template in shipped_library().templates} <= {
        template.name for template in plain_library().templates
    }


def test_frequent_templates_have_thirty_wordings_without_counting_synonyms() -> None:
    few = {
        template.name: count
        for template in plain_library().templates
        if template.weight >= FREQUENT and (count := sum(_ways(w.phrase) for w in template.wordings.options)) < 30
    }
    assert not few


def _ways(parts: Parts) -> int:
    """In how many ways a wording can be said, word lists (synonyms) counted once."""
    ways = 1
    for part in parts:
        if isinstance(part, Alternatives) and not part.key:
            ways *= sum(_ways(option) for option in part.options)
    return ways


@pytest.mark.parametrize("name", [template.name for template in plain_library().templates if template.weight])
def test_every_template_alone_gives_a_task_that_runs_and_is_not_constant(name: str) -> None:
    library = plain_library()
    template = next(template for template in library.templates if template.name == name)
    rng = Random(name)
    for _ in range(40):
        composed = compose_plain(Instance(template), library, rng)
        tests = draw_tests(composed.program, composed.arguments, rng, 10)
        if tests is not None:
            assert {*composed.text} <= {*tokenize(" ".join(composed.text))}
            return
    raise AssertionError("all draws fail or are constant")
