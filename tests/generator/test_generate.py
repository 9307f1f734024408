"""Laws of generated tasks."""

from itertools import islice
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.generator import Switches, generate, load_library, shipped_library
from saps.generator.streams import make_stream
from saps.lang.inference import check
from saps.lang.interpreter import run, same_value
from saps.lang.spelling import parse
from saps.lang.types import parse_type
from saps.resources import resource
from saps.tasks.files import write_tasks
from saps.tasks.hashes import program_hash
from saps.tasks.task import Task

COUNT = 400


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(COUNT, seed=11))


def test_the_same_seed_gives_the_same_tasks_and_another_seed_others(tasks: list[Task]) -> None:
    assert list(generate(60, seed=11)) == tasks[:60]
    assert list(generate(60, seed=12)) != tasks[:60]


def test_every_program_is_of_the_type_that_its_task_declares(tasks: list[Task]) -> None:
    for task in tasks:
        check(task.program, {name: parse_type(text) for name, text in task.args.items()}, parse_type(task.return_type))


def test_every_task_passes_its_own_tests(tasks: list[Task]) -> None:
    for task in tasks:
        for test in task.tests:
            outcome = run(task.program, test.input)
            assert outcome.kind == "value"
            assert same_value(outcome.value, test.output)


def test_a_task_has_ten_tests_with_distinct_inputs_and_outputs_that_differ(tasks: list[Task]) -> None:
    for task in tasks:
        assert len({repr(test.input) for test in task.tests}) == len(task.tests) == 10
        assert any(test.output != task.tests[0].output for test in task.tests)
        assert all(set(test.input) == set(task.args) for test in task.tests)


def test_texts_are_unique_and_programs_varied(tasks: list[Task]) -> None:
    assert len({task.text for task in tasks}) == COUNT
    assert len({task.program for task in tasks}) > 0.6 * COUNT


def test_all_result_types_come_up(tasks: list[Task]) -> None:
    assert {task.return_type for task in tasks} == {"int", "int[]", "string", "string[]", "bool"}


def test_every_argument_is_in_the_program_and_named_in_the_text_unless_dropped(tasks: list[Task]) -> None:
    for task in tasks:
        atoms = {node.label for node in task.program.preorder()}
        assert set(task.args) <= atoms
        dropped = set(task.args) - set(task.text)
        assert not dropped or "given" in task.text[1:]


def test_a_depth_of_one_gives_single_templates() -> None:
    shallow = {task.program.size() for task in generate(60, seed=3, switches=Switches(max_depth=1))}
    assert shallow <= {template.program.size() for template in shipped_library().templates}


def test_a_run_is_the_beginning_of_a_longer_one(tasks: list[Task]) -> None:
    assert list(generate(30, seed=11)) == tasks[:30]


def test_the_shipped_sample_is_made_again_byte_for_byte(tmp_path: Path) -> None:
    again = tmp_path / "sample.jsonl"
    write_tasks(again, generate(64, seed=1))
    assert again.read_bytes() == resource("data/sample.jsonl").read_bytes()


def test_excluded_programs_do_not_come_up() -> None:
    banned = {program_hash(parse('(reduce a "" str_max)')), program_hash(parse("(head a)"))}
    plain = [program_hash(task.program) for task in generate(150, seed=1, switches=Switches(max_depth=1))]
    assert banned & set(plain)
    kept = [
        program_hash(task.program) for task in generate(150, seed=1, switches=Switches(max_depth=1), exclude=banned)
    ]
    assert len(kept) == 150
    assert not banned & set(kept)


def test_a_count_below_zero_is_refused() -> None:
    with pytest.raises(UserError, match="-1 tasks"):
        next(generate(-1, seed=0))


def test_templates_that_have_no_more_texts_say_so(tmp_path: Path) -> None:
    for name in ("sentences", "words", "inputs"):
        text = (resource("data/templates") / f"{name}.yaml").read_text()
        (tmp_path / f"{name}.yaml").write_text(text)
    single = "templates: {same: {result: int, program: (+ number 1), slots: {number: int}, singular: 'a {number}'}}"
    (tmp_path / "one.yaml").write_text(single)
    with pytest.raises(UserError, match=r"no more than about \d+ different texts"):
        list(generate(1000, seed=0, library=load_library(tmp_path)))


def test_programs_that_are_all_excluded_are_reported() -> None:
    class Everything(frozenset[str]):
        def __contains__(self, item: object) -> bool:
            return True

    stream = make_stream(0, Switches())._replace(exclude=Everything({"all"}))
    with pytest.raises(UserError, match="no good task"):
        stream.tasks(0)


def test_tasks_come_one_by_one() -> None:
    assert len(list(islice(generate(10**9, seed=0), 3))) == 3
