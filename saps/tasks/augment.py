"""Augmentation: the phrase and the program of one task take the place of an argument of another.

That is how the tasks of the data set were composed, so no alignment of words and nodes is needed: where a task says
"c" and its program says c, both may say what another task of the same type asks for.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from saps.lang.trees import Tree
from saps.tasks.phrases import GIVEN, NAME, NOUNS, declare, split_text
from saps.tasks.task import Task

MAX_WORDS, MAX_NODES = 65, 60  # larger compositions are left out: 95 % of the published dev split stays below both
TRIES = 3  # guests that are tried before a task is left as it is

_QUESTION = re.compile(r"(what is|what are|compute|find|your task is to find|your task is to compute) ")


class Sentence(NamedTuple):
    """A task's text in parts: opening, and a body in which every argument is called by its name."""

    opening: str
    body: str


def read_sentence(task: Task) -> Sentence | None:
    """The parts of a task's text, or None where its words do not follow the pattern of the data set."""
    opening, groups, rest = split_text(task.text)
    if not opening or not groups:
        return None
    for kind in (group.kind for group in groups if not group.names):
        names = [name for name, of_kind in task.args.items() if of_kind == kind]
        if len(names) != 1:
            return None
        rest = rest.replace(GIVEN[kind], names[0])
    is_ambiguous = "a" in task.args and " a sorted " in rest  # "elements of a sorted" or "form a sorted sequence"
    return None if is_ambiguous or "given" in rest.split() else Sentence(opening, rest)


class _ParsedTask(NamedTuple):
    task: Task
    sentence: Sentence


class Substitution:
    """Composes new tasks out of a set of tasks; what it makes of task i on draw d is a function of (seed, d, i)."""

    def __init__(self, tasks: Sequence[Task], share: float, seed: int, excluded: Callable[[Tree], bool]) -> None:
        """Splits the sentences of all tasks.

        Args:
            tasks: what is composed.
            share: probability that a task is changed.
            seed: fixes every draw.
            excluded: tells of a program whether it must not be made, because it is kept for judging.
        """
        self.tasks, self.share, self.seed, self.excluded = tasks, share, seed, excluded
        self.sentences = [read_sentence(task) for task in tasks]
        self.donors = self._donors(zip(tasks, self.sentences, strict=True))

    @staticmethod
    def _donors(parts: Iterable[tuple[Task, Sentence | None]]) -> dict[str, list[_ParsedTask]]:
        """Tasks that are one question and a noun phrase, by type; a program that stands often is kept once a text."""
        donors: dict[str, list[list[_ParsedTask]]] = defaultdict(list)
        places: dict[tuple[Tree, str], list[_ParsedTask]] = {}  # (reverse a) gives numbers here and strings there
        for task, sentence in parts:
            question = sentence and _QUESTION.match(sentence.body)
            if not sentence or not question or task.return_type not in NOUNS:
                continue
            noun = Sentence(sentence.opening, sentence.body[question.end() :])
            key = (task.program, task.return_type)
            if key not in places:
                places[key] = []
                donors[task.return_type].append(places[key])
            places[key].append(_ParsedTask(task, noun))
        return {kind: [part for of_program in programs for part in of_program[:4]] for kind, programs in donors.items()}

    def __call__(self, index: int, draw: int) -> Task:
        """Task ``index``, changed or not, as it is seen on pass ``draw`` over the tasks."""
        task, sentence = self.tasks[index], self.sentences[index]
        rng = random.Random(f"{self.seed}:{draw}:{index}")
        if sentence is None or rng.random() >= self.share:
            return task
        slots = [name for name, kind in task.args.items() if self.donors.get(kind)]
        if not slots:
            return task
        for _ in range(TRIES):
            slot = rng.choice(slots)
            composed = compose(_ParsedTask(task, sentence), slot, rng.choice(self.donors[task.args[slot]]))
            fits = len(composed.text) <= MAX_WORDS and composed.program.size() <= MAX_NODES
            if fits and not self.excluded(composed.program):
                return composed
        return task


def compose(host: _ParsedTask, slot: str, guest: _ParsedTask) -> Task:
    """The host's task with the guest's phrase and program in the place of the argument ``slot``."""
    taken = set(NAME.findall(host.sentence.body)) | set(host.task.args)
    taken.discard(slot)
    own = set(NAME.findall(guest.sentence.body)) | set(guest.task.args)  # its arguments, and letters that it defines
    free = (letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in taken)
    letters = {name: next(free) for name in sorted(own)}
    noun = NAME.sub(lambda match: letters[match[1]], guest.sentence.body)
    program = guest.task.program.substitute({name: Tree(letters[name]) for name in guest.task.args})
    body = NAME.sub(lambda match: noun if match[1] == slot else match[1], host.sentence.body)
    args = {name: kind for name, kind in host.task.args.items() if name != slot}
    args |= {letters[name]: kind for name, kind in guest.task.args.items()}
    text = f"{host.sentence.opening} {declare(args)} , {body}"
    composed = host.task.program.substitute({slot: program})
    return Task(tuple(text.split()), composed, args, host.task.return_type, (), host.task.template)
