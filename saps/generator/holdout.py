"""Combinations of templates that are held out of training, to see whether a model composes what it never saw.

A combination is looked for in the program, not in how it was drawn: whether a program holds it is a function of the
program alone, so a program can never stand on both sides.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from random import Random

from saps.errors import UserError
from saps.generator.composition import Instance, draw_instance
from saps.generator.templates import Library, Template
from saps.lang.trees import Tree

DRAWS = 200_000  # programs drawn for one with a combination; about two seconds


@dataclass(frozen=True)
class Combination:
    """Templates of which none may stand inside the others: directly in a slot, or anywhere below one."""

    inner: tuple[Template, ...]
    outer: tuple[Template, ...]
    anywhere: bool

    def is_in(self, program: Tree) -> bool:
        """Whether the program of an ``inner`` template stands where a slot of an ``outer`` one is."""
        return any(
            any(inner.program.match(place, _slots(inner)) is not None for inner in self.inner)
            for node in program.preorder()
            for outer in self.outer
            for filled in _fillers(outer, node)
            for place in (filled.preorder() if self.anywhere else (filled,))
        )

    def is_drawn(self, instance: Instance) -> bool:
        """Whether it was drawn so; then it also is in the program."""
        outer, inner = ({template.name for template in side} for side in (self.outer, self.inner))
        return any(
            node.template.name in outer and any(below.template.name in inner for below in self._below(node))
            for node in _instances(instance)
        )

    def _below(self, instance: Instance) -> Iterator[Instance]:
        for filler in instance.fillers.values():
            yield from _instances(filler) if self.anywhere else (filler,)


def draw_held_out(
    combinations: Collection[Combination], library: Library, max_depth: int, rng: Random
) -> Iterator[Instance]:
    """Instances with one of the combinations, as often as they come up among all instances.

    Raises:
        UserError: when none of many thousand makes a good task.
    """
    drawn = 0
    for _ in range(DRAWS):
        instance = draw_instance(library, rng, max_depth)
        if any(combination.is_drawn(instance) for combination in combinations):
            drawn += 1
            yield instance
    raise UserError(
        f"hold_out: {drawn} of {DRAWS} programs have one of the combinations, and none makes a good task; "
        "name other ones, or let programs be deeper"
    )


def _instances(instance: Instance) -> Iterator[Instance]:
    """An instance and all below it."""
    yield instance
    for filler in instance.fillers.values():
        yield from _instances(filler)


def _slots(template: Template) -> frozenset[str]:
    return frozenset(slot.name for slot in template.slots)


def _fillers(template: Template, node: Tree) -> Collection[Tree]:
    """What stands in the slots of a template whose program the node is; nothing where it is another."""
    found = template.program.match(node, _slots(template))
    return () if found is None else found.values()
