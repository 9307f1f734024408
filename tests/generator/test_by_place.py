"""A program that is to be judged is kept out whatever its arguments are called."""

from saps.generator.streams import make_stream
from saps.generator.switches import Switches
from saps.tasks.canonical import canonical_program
from saps.tasks.hashes import program_hash
from saps.tasks.task import Task


def by_place_hash(task: Task) -> str:
    return program_hash(canonical_program(task.program, task.text, task.args))


def test_no_excluded_program_comes_up_under_other_names() -> None:
    switches = Switches(register="plain", tests=0)
    drawn = [make_stream(3, switches).tasks(index)[0] for index in range(60)]
    excluded = {by_place_hash(task) for task in drawn}
    stream = make_stream(3, switches, exclude=excluded)
    assert any(by_place_hash(stream.tasks(i)[0]) in excluded for i in range(60))
    by_place = stream._replace(by_place=True)
    assert not any(by_place_hash(by_place.tasks(i)[0]) in excluded for i in range(60))
