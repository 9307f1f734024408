"""From a program to the ways in which templates compose to exactly this program: each sub-tree is parsed once."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from saps.generator.parser.derivations import Derivation, Filler
from saps.generator.templates import Library, Template
from saps.lang.trees import Tree

MOST_DERIVATIONS = 100  # of one sub-tree; a program of the published data has hardly more than two

Bindings = dict[str, Tree]


class ProgramParser:
    """Parses programs by the templates of a library."""

    def __init__(self, library: Library) -> None:
        """Sorts the templates by the type of their result and the head of their pattern."""
        self._templates: dict[tuple[str, str], list[Template]] = {}
        for template in library.templates:
            if template.program.children:  # a pattern that is only a slot says nothing about a program
                key = (template.result, template.program.label)
                self._templates.setdefault(key, []).append(template)

    def derivations(
        self, program: Tree, args: Mapping[str, str], result: str, limit: int = MOST_DERIVATIONS
    ) -> list[Derivation]:
        """The ways in which templates compose to a program, at most ``limit``; none where they cannot.

        Args:
            program: the program.
            args: its arguments, name -> type.
            result: the type of its result.
            limit: how many derivations are enough, of the program and of each of its sub-trees.
        """
        return ProgramChart(self, args, limit).derivations(program, result, as_root=True)

    def derivable(self, program: Tree, args: Mapping[str, str], result: str) -> bool:
        """Whether templates compose to a program."""
        return bool(self.derivations(program, args, result, limit=1))

    def matches(self, tree: Tree, result: str, as_root: bool = False) -> Iterator[tuple[Template, Bindings]]:
        """Templates whose pattern fits the tree, with what then stands in their slots, derivable or not."""
        for template in self._templates.get((result, tree.label), ()):
            if (template.weight if as_root else template.inner) > 0:
                bindings = template.program.match(tree, {slot.name for slot in template.slots})
                if bindings is not None:
                    yield template, bindings


class ProgramChart:
    """What is known of the sub-trees of one program."""

    def __init__(self, parser: ProgramParser, args: Mapping[str, str], limit: int) -> None:
        """``args`` as name -> type; ``limit`` bounds the derivations of each sub-tree."""
        self._parser = parser
        self._args = args
        self._limit = limit
        self._fillers: dict[tuple[Tree, str], Sequence[Filler]] = {}

    def derivations(self, tree: Tree, result: str, as_root: bool = False) -> list[Derivation]:
        """The derivations of a tree with this result."""
        found: list[Derivation] = []
        for template, bindings in self._parser.matches(tree, result, as_root):
            choices = [self.fillers(bindings[slot.name], slot.type) for slot in template.slots]
            ways = islice(product(*choices), self._limit - len(found))
            found.extend(Derivation(template, fillers) for fillers in ways)
        return found

    def fillers(self, tree: Tree, type_name: str) -> Sequence[Filler]:
        """What a tree may be in a slot of a type: an argument, or one of its derivations."""
        if not tree.children:
            return [tree.label] if self._args.get(tree.label) == type_name else []
        key = (tree, type_name)
        if key not in self._fillers:
            self._fillers[key] = self.derivations(tree, type_name)
        return self._fillers[key]
