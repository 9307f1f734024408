"""Generated tasks against real ones: sizes and shares side by side, what is covered, what templates can derive."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from saps.errors import UserError
from saps.generator.realism.coverage import Coverage, Inventory, Production, SubTrees, bigrams, trigrams
from saps.generator.realism.derivability import Derivability, DerivabilityTally
from saps.generator.realism.profile import Profile, ProfileTally
from saps.generator.templates import Library
from saps.lang.spelling import to_lisp
from saps.tasks.task import Task


@dataclass(frozen=True, slots=True)
class Comparison:
    """All figures; ``coverage`` says how much of the real tasks the generated ones cover."""

    generated: Profile
    real: Profile
    coverage: dict[str, Coverage]
    """words, bigrams, trigrams, productions, sub-trees, programs"""
    derivability: Derivability | None
    """of the real tasks by the templates of a library; None where no library was given"""

    def as_json(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        return asdict(self)


def compare(generated: Iterable[Task], real: Iterable[Task], library: Library | None, most: int = 100) -> Comparison:
    """Compares generated tasks with real ones.

    Both are read as streams, the real ones first; what is kept of the generated ones is a number for each program and
    each text.

    Args:
        generated: the tasks that were made.
        real: the tasks that they should be like.
        library: the templates of which to say what they derive of the real tasks; None to leave that out.
        most: how many missing things each list holds.

    Raises:
        UserError: one of the two holds no task.
    """
    tally = _ComparisonTally(library)
    for task in real:
        tally.add_real(task)
    for task in generated:
        tally.add_generated(task)
    return tally.figures(most)


class _ComparisonTally:
    """What is counted on the way."""

    def __init__(self, library: Library | None) -> None:
        self._generated, self._real = ProfileTally(), ProfileTally()
        self._words, self._programs = Inventory[str](), Inventory[int]()
        self._bigrams, self._trigrams = Inventory[tuple[str, str]](), Inventory[tuple[str, str, str]]()
        self._productions, self._sub_trees = Inventory[Production](), Inventory[int]()
        self._numbers = SubTrees()
        self._derivability = DerivabilityTally(library) if library else None

    def add_real(self, task: Task) -> None:
        text = task.text
        numbers = self._numbers.add(task.program)
        walk = self._numbers.walk(task.program)
        self._real.add(task)
        self._words.add(text, text)
        self._bigrams.add(bigrams(text), text)
        self._trigrams.add(trigrams(text), text)
        self._productions.add(walk.productions, text)
        self._sub_trees.add(numbers, text)
        self._programs.add(numbers[-1:], text)
        if self._derivability:
            self._derivability.add(task)

    def add_generated(self, task: Task) -> None:
        walk = self._numbers.walk(task.program)
        self._generated.add(task)
        self._words.see(task.text)
        self._bigrams.see(bigrams(task.text))
        self._trigrams.see(trigrams(task.text))
        self._productions.see(walk.productions)
        self._sub_trees.see(walk.numbers)
        self._programs.see(walk.numbers[-1:])

    def figures(self, most: int) -> Comparison:
        if not self._generated.counts.tasks or not self._real.counts.tasks:
            raise UserError("one of the two files holds no task; there is nothing to compare")
        return Comparison(
            self._generated.profile(),
            self._real.profile(),
            {
                "words": self._words.coverage(str, most),
                "bigrams": self._bigrams.coverage(" ".join, most),
                "trigrams": self._trigrams.coverage(" ".join, most),
                "productions": self._productions.coverage(_show_production, most),
                "sub-trees": self._sub_trees.coverage(self._show, most),
                "programs": self._programs.coverage(self._show, most),
            },
            self._derivability.figures(most) if self._derivability else None,
        )

    def _show(self, number: int) -> str:
        return to_lisp(self._numbers.tree(number))


def _show_production(production: Production) -> str:
    label, children = production
    return f"({' '.join((label, *children))})"
