"""How one task is drawn: words, program, types and ten tests, the same for the same seed and number."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, NamedTuple

from saps.errors import UserError
from saps.generator.composition import Argument, Composed, Instance, compose, draw_inside
from saps.generator.holdout import Combination, draw_held_out
from saps.generator.inputs import DRAW
from saps.generator.noise import disturbed, letters_for
from saps.generator.plain.composition import PlainComposed, compose_plain
from saps.generator.plain.speech import PlainLibrary
from saps.generator.sentences import sentence
from saps.generator.switches import Switches
from saps.generator.templates import Library
from saps.lang.example import Example
from saps.lang.interpreter import Limits, compile_program
from saps.lang.trees import Tree
from saps.tasks.canonical import canonical_program
from saps.tasks.hashes import program_hash
from saps.tasks.task import Task

TESTS = 10  # a task is good or not by as many, however many of them are asked for
LIMITS = Limits(steps=10_000)  # a program that needs more on such small inputs is drawn again
INPUT_DRAWS = 10  # tries for each distinct input; ten of ten possible ones take 30 on average
ROOT_DRAWS = 100  # draws below one root before it is given up; most are good
ROOTS = 20  # roots that are tried for one task
PARAPHRASE_DRAWS = 20  # tries for each further text

FILES, HELD_OUT, TRAINING = "", "held out", "training"
"""What a stream is for; those of one seed have nothing in common."""


class Stream(NamedTuple):
    """All that a task depends on beside its number; plain data that other processes can be given."""

    seed: int
    name: str
    """``FILES``, ``HELD_OUT`` or ``TRAINING``."""
    switches: Switches
    library: Library
    """The templates as the switches choose and weigh them."""
    exclude: frozenset[str]
    """Hashes of programs that must not come up."""
    held_out: tuple[Combination, ...]
    """Combinations that must not come up, or of which one must, by the name."""
    plain: PlainLibrary | None = None
    """The templates of the plain register, chosen and weighed; None where all is worded as the published data."""
    by_place: bool = False
    """A program must not be an excluded one with its arguments called by their place either: a, b, c."""
    is_exact: bool = False
    """A program of fewer templates than were drawn, since a slot was left to an argument, is drawn again."""

    def tasks(self, index: int) -> list[Task]:
        """Number ``index``: one program with as many texts as asked for, or as it has.

        Raises:
            UserError: none comes up; the templates or the exclusions are at odds with each other.
        """
        rng = self._random(index)
        drawn = self._drawn(index, rng)
        texts = _paraphrases(drawn, self, rng) if self.switches.paraphrases > 1 else [drawn.text]
        args = {argument.name: argument.type for argument in drawn.composed.arguments}
        template = drawn.instance.template
        first = Task((), drawn.composed.program, args, template.result, drawn.tests, template.root)
        if not self.switches.is_noisy:
            return [replace(first, text=text.clean) for text in texts]
        noise = self._random(index, "noise")
        return [self._disturbed(first, text, drawn.letters, noise) for text in texts]

    def _disturbed(self, task: Task, text: "_Text", letters: Collection[str], rng: Random) -> Task:
        words = text.shuffled if rng.random() < self.switches.shuffle_declarations else text.clean
        return replace(task, text=disturbed(words, self.switches, letters, rng), clean_text=text.clean)

    def _random(self, index: int, purpose: str = "") -> Random:
        """Random numbers of their own for each task and purpose: noise and names change nothing else."""
        return Random("/".join(str(part) for part in (self.seed, index, self.name, purpose) if part != ""))

    def _drawn(self, index: int, rng: Random) -> "_Drawn":
        if self.plain is not None:
            share = self.switches.plain_share if self.switches.register == "mixed" else 1.0
            if self._random(index, "register").random() < share:
                return self._replace(library=self.plain)._draw(rng, ())
        return self._draw(rng, letters_for(self.switches.names, self._random(index, "names")))

    def _draw(self, rng: Random, letters: Sequence[str]) -> "_Drawn":
        """The first good program of a stream of random numbers."""
        for instance in self._instances(rng):
            composed = _compose(instance, self.library, rng, letters)
            if self._is_kept_out(composed.program):
                continue
            text = _text(composed, self, rng)
            if self.by_place and self._is_kept_out(_by_place(composed, text)):
                continue
            tests = draw_tests(composed.program, composed.arguments, rng, self.switches.tests)
            if tests is not None:
                names = letters or tuple(argument.name for argument in composed.arguments)
                return _Drawn(self.library, instance, composed, names, text, tests)
        raise UserError(f"no good task in {ROOTS * ROOT_DRAWS} draws: programs fail, are constant or are all excluded")

    def _instances(self, rng: Random) -> Iterator[Instance]:
        """Instances to try. A root is kept for many of them, so that its share does not depend on how many are good."""
        if self.name == HELD_OUT:
            yield from draw_held_out(self.held_out, self.library, self.switches.max_depth, rng)
            return
        for _ in range(ROOTS):
            root = self.library.roots.pick(rng)
            for _ in range(ROOT_DRAWS):
                instance = draw_inside(root, self.library, rng, self.switches.max_depth)
                if not self.is_exact or instance.size() in self.library.instances.options:
                    yield instance

    def _is_kept_out(self, program: Tree) -> bool:
        if self.exclude and program_hash(program) in self.exclude:
            return True
        return self.name != HELD_OUT and any(combination.is_in(program) for combination in self.held_out)


class _Text(NamedTuple):
    """The words of a task, and the same with arguments declared in another order (where that is asked for)."""

    clean: tuple[str, ...]
    shuffled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A good program, and its first text."""

    library: Library
    instance: Instance
    composed: Composed
    letters: Sequence[str]
    """what arguments may be called"""
    text: _Text
    tests: tuple[Example, ...]


def _compose(instance: Instance, library: Library, rng: Random, letters: Sequence[str]) -> Composed:
    """The program and the words of an instance in the register of the library; for plain ones, ``letters`` are the
    names of the arguments, or none."""
    if isinstance(library, PlainLibrary):
        return compose_plain(instance, library, rng, letters or None)
    return compose(instance, library, rng, letters)


def _by_place(composed: Composed, text: _Text) -> Tree:
    """The program with its arguments called by their place in a text."""
    arguments = {argument.name: argument.type for argument in composed.arguments}
    return canonical_program(composed.program, text.clean, arguments)


def _text(composed: Composed, stream: Stream, rng: Random) -> _Text:
    if isinstance(composed, PlainComposed):
        return _Text(composed.text, composed.text)
    if not stream.switches.shuffle_declarations:
        words = sentence(composed, stream.library, rng)
        return _Text(words, words)
    state = rng.getstate()
    clean = sentence(composed, stream.library, rng)
    rng.setstate(state)  # the same opening and question
    shuffled = replace(composed, arguments=_shuffled(composed.arguments, stream.seed, clean))
    return _Text(clean, sentence(shuffled, stream.library, rng))


def _shuffled(arguments: tuple[Argument, ...], seed: int, text: tuple[str, ...]) -> tuple[Argument, ...]:
    """Another order, by random numbers of its own."""
    return tuple(Random(f"{seed}/{' '.join(text)}").sample(arguments, len(arguments)))


def _paraphrases(drawn: _Drawn, stream: Stream, rng: Random) -> list[_Text]:
    """Different texts for the same program with the same names."""
    texts = {drawn.text.clean: drawn.text}
    names = {argument.name: argument.type for argument in drawn.composed.arguments}
    wanted = stream.switches.paraphrases
    for _ in range(wanted * PARAPHRASE_DRAWS):
        if len(texts) == wanted:
            break
        again = _compose(drawn.instance, drawn.library, rng, drawn.letters)
        if again.program == drawn.composed.program and {a.name: a.type for a in again.arguments} == names:
            text = _text(again, stream, rng)
            texts.setdefault(text.clean, text)
    return list(texts.values())


def draw_tests(program: Tree, arguments: tuple[Argument, ...], rng: Random, count: int) -> tuple[Example, ...] | None:
    """Tests with distinct inputs; None where a run fails, all outputs are equal, or inputs are too few.

    At least ten are drawn to see that; where no test is asked for, nothing is run and every program is good.
    """
    if not count:
        return ()
    tests: list[Example] = []
    seen: set[str] = set()
    run = compile_program(program).run
    wanted = max(count, TESTS)
    for _ in range(INPUT_DRAWS * wanted):
        values = {argument.name: DRAW[argument.type](argument.ranges, rng) for argument in arguments}
        key = repr(values)
        if key in seen:
            continue
        seen.add(key)
        outcome = run(values, LIMITS)
        if outcome.kind != "value":
            return None
        tests.append(Example(values, outcome.value))
        if len(tests) == wanted:
            return tuple(tests[:count]) if _differ(tests) else None
    return None


def _differ(tests: list[Example]) -> bool:
    first: Any = tests[0].output
    return any(test.output != first for test in tests)
