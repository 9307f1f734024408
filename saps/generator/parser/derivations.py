"""A derivation: which templates, put into each other, give a program and its words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from saps.generator.templates import Template, Wording
from saps.lang.trees import Tree


@dataclass(frozen=True, slots=True, eq=False)
class Derivation:
    """A template with what fills its slots, in their order: the name of an argument, or a derivation."""

    template: Template
    fillers: tuple["Filler", ...]
    wording: Wording | None = None
    """the line of words that was read; None where only a program was"""

    def program(self) -> Tree:
        """The program: the pattern of the template with the programs of its slots."""
        slots = zip((slot.name for slot in self.template.slots), self.fillers, strict=True)
        programs = {
            name: filler.program() if isinstance(filler, Derivation) else Tree(filler) for name, filler in slots
        }
        return self.template.program.substitute(programs)

    def instances(self) -> Iterator["Derivation"]:
        """This and all those inside it, from the outside in."""
        yield self
        for filler in self.fillers:
            if isinstance(filler, Derivation):
                yield from filler.instances()

    def arguments(self) -> Iterator[tuple[str, str]]:
        """Name and type of the arguments in the order of the slots, one as often as it stands in a slot."""
        for slot, filler in zip(self.template.slots, self.fillers, strict=True):
            if isinstance(filler, Derivation):
                yield from filler.arguments()
            else:
                yield filler, slot.type

    def renamed(self, names: dict[str, str]) -> "Derivation":
        """The same with other names for some of its arguments."""
        fillers = [f.renamed(names) if isinstance(f, Derivation) else names.get(f, f) for f in self.fillers]
        return Derivation(self.template, tuple(fillers), self.wording)


Filler: TypeAlias = Derivation | str
