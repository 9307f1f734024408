"""Why a program is not derivable: its smallest sub-trees for which there is no template."""

from collections.abc import Mapping

from saps.generator.inputs import DRAW
from saps.generator.parser.program_parser import ProgramChart, ProgramParser
from saps.lang.names import LAMBDA_PARAMETERS
from saps.lang.trees import Tree

_IN_LAMBDAS = frozenset({"arg1", "arg2", "self"})


def missing_parts(parser: ProgramParser, program: Tree, args: Mapping[str, str], result: str) -> tuple[Tree, ...]:
    """The smallest sub-trees that no template derives, what is derivable inside them named by its type.

    Nothing for a derivable program. ``(reduce (map a is_prime) true &&)`` may give ``(map int[] is_prime)``.

    Args:
        parser: parses by the templates in question.
        program: the program.
        args: its arguments, name -> type.
        result: the type of its result.
    """
    diagnosis = _Diagnosis(parser, args)
    if diagnosis.chart.derivations(program, result, as_root=True):
        return ()
    return tuple(dict.fromkeys(diagnosis.blame(program, result, as_root=True)))


class _Diagnosis:
    """What looks for the parts at fault in one program."""

    def __init__(self, parser: ProgramParser, args: Mapping[str, str]) -> None:
        self.chart = ProgramChart(parser, args, limit=1)
        self._parser = parser
        self._args = args

    def blame(self, tree: Tree, result: str, as_root: bool = False) -> list[Tree]:
        """The parts at fault in a tree that is not derivable; the tree where it fits no template with proper slots."""
        ways = []
        for template, bindings in self._parser.matches(tree, result, as_root):
            at_fault = [
                (bindings[slot.name], slot.type)
                for slot in template.slots
                if not self.chart.fillers(bindings[slot.name], slot.type)
            ]
            if all(_is_closed(part) and part.children for part, _ in at_fault):
                ways.append(at_fault)
        if not ways:
            return [self._outline(tree, top=True)]
        best = min(ways, key=lambda way: sum(part.size() for part, _ in way))
        return [found for part, type_name in best for found in self.blame(part, type_name)]

    def _outline(self, tree: Tree, top: bool = False) -> Tree:
        """The tree with type names for its arguments and its derivable parts."""
        if not tree.children:
            return Tree(self._args.get(tree.label, tree.label))
        if not top:
            for type_name in DRAW:
                if self.chart.fillers(tree, type_name):
                    return Tree(type_name)
        return Tree(tree.label, tuple(self._outline(child) for child in tree.children))


def _is_closed(tree: Tree, bound: frozenset[str] = frozenset()) -> bool:
    """Whether a tree stands for itself, not for a piece of a function: all names of lambdas are bound in it."""
    if tree.label in _IN_LAMBDAS - bound:
        return False
    if tree.label in LAMBDA_PARAMETERS:
        bound |= {"self", *LAMBDA_PARAMETERS[tree.label]}
    return all(_is_closed(child, bound) for child in tree.children)
