"""Tasks without end: words, program, types and ten tests, the same for the same seed."""

from collections.abc import Collection, Iterator
from hashlib import blake2b
from random import Random
from typing import Any

from saps.errors import UserError
from saps.lang.interpreter import Limits, compile_program
from saps.lang.trees import Tree
from saps.tasks.generator.composition import Argument, compose, draw_instance
from saps.tasks.generator.inputs import DRAW
from saps.tasks.generator.loading import shipped_library
from saps.tasks.generator.sentences import sentence
from saps.tasks.generator.templates import Library
from saps.tasks.hashes import program_hash
from saps.tasks.task import Task, Test

TESTS = 10  # a task of the published data has as many
MAX_DEPTH = 3  # instances below each other; the published data goes as deep
LIMITS = Limits(steps=10_000)  # a program that needs more on such small inputs is drawn again
INPUT_DRAWS = 10 * TESTS  # tries for ten distinct inputs; ten of ten possible ones take 30 on average
TASK_DRAWS = 1_000  # tries for one task; about half of all draws are good
SAME_TEXTS = 1_000  # repeated texts in a row after which the templates are taken to have no more


def generate(
    count: int,
    seed: int,
    *,
    library: Library | None = None,
    exclude: Collection[str] = frozenset(),
    max_depth: int = MAX_DEPTH,
) -> Iterator[Task]:
    """``count`` tasks with texts that differ from each other.

    Task number i is drawn from a stream of its own that depends on ``seed`` and i alone, so a shorter run is the
    beginning of a longer one and the work can be divided among processes.

    Args:
        count: how many; 0 or more.
        seed: any integer.
        library: the templates; those shipped with the package if not given.
        exclude: hashes (``program_hash``) of programs that must not come up.
        max_depth: how many template instances may stand below each other, 1 or more.

    Raises:
        UserError: an argument out of its range, or templates that cannot give as many tasks.
    """
    if count < 0:
        raise UserError(f"{count} tasks cannot be made; ask for 0 or more")
    if max_depth < 1:
        raise UserError(f"a program is at least 1 template deep, not {max_depth}")
    return _generate(count, seed, library or shipped_library(), frozenset(exclude), max_depth)


def _generate(count: int, seed: int, library: Library, exclude: frozenset[str], max_depth: int) -> Iterator[Task]:
    texts: set[bytes] = set()
    index, repeated = 0, 0
    while len(texts) < count:
        task = draw_task(Random(f"{seed}/{index}"), library, exclude, max_depth)
        index += 1
        key = blake2b(" ".join(task.text).encode(), digest_size=8).digest()
        repeated = repeated + 1 if key in texts else 0
        if repeated > SAME_TEXTS:
            raise UserError(f"the templates give no more than about {len(texts)} different texts; ask for fewer tasks")
        if not repeated:
            texts.add(key)
            yield task


def draw_task(rng: Random, library: Library, exclude: frozenset[str], max_depth: int) -> Task:
    """The first good task of a stream of random numbers.

    Raises:
        UserError: none comes up; the templates or the exclusions are at odds with each other.
    """
    for _ in range(TASK_DRAWS):
        instance = draw_instance(library, rng, max_depth)
        composed = compose(instance, library, rng)
        text = sentence(composed, library, rng)
        if exclude and program_hash(composed.program) in exclude:
            continue
        tests = draw_tests(composed.program, composed.arguments, rng)
        if tests is None:
            continue
        args = {argument.name: argument.type for argument in composed.arguments}
        template = instance.template
        return Task(text, composed.program, args, template.result, tests, template.root)
    raise UserError(f"no good task in {TASK_DRAWS} draws: programs fail, are constant or are all excluded")


def draw_tests(program: Tree, arguments: tuple[Argument, ...], rng: Random) -> tuple[Test, ...] | None:
    """Ten tests with distinct inputs; None where a run fails, all outputs are equal, or inputs are too few."""
    tests: list[Test] = []
    seen: set[str] = set()
    compiled = compile_program(program)
    for _ in range(INPUT_DRAWS):
        values = {argument.name: DRAW[argument.type](argument.ranges, rng) for argument in arguments}
        key = repr(values)
        if key in seen:
            continue
        seen.add(key)
        outcome = compiled.run(values, LIMITS)
        if outcome.kind != "value":
            return None
        tests.append(Test(values, outcome.value))
        if len(tests) == TESTS:
            return tuple(tests) if _differ(tests) else None
    return None


def _differ(tests: list[Test]) -> bool:
    first: Any = tests[0].output
    return any(test.output != first for test in tests)
