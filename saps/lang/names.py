"""The names that a program reads, and their declarations."""

from saps.lang.errors import ProgramError, quoted
from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import checked_label
from saps.lang.trees import Tree
from saps.lang.types import Type, parse_type

LAMBDA_PARAMETERS = {"lambda1": ("arg1",), "lambda2": ("arg1", "arg2")}
"""What the body of each kind of lambda may read besides ``self`` and what stands around it."""
RESERVED = frozenset({"main", "self", "arg1", "arg2"})
"""Names that mean something in programs besides those of primitives."""


def free_names(tree: Tree) -> tuple[str, ...]:
    """The arguments that a program reads: atoms that are no primitives and bound by no lambda, in order, each once."""
    found: dict[str, None] = {}
    stack: list[tuple[Tree, frozenset[str]]] = [(tree, frozenset({"main"}))]
    while stack:
        node, bound = stack.pop()
        if not node.children:
            if node.label not in bound and node.label not in PRIMITIVES:
                found[node.label] = None
            continue
        inner = bound.union(LAMBDA_PARAMETERS.get(node.label, ()))
        stack.extend((child, inner) for child in reversed(node.children))
    return tuple(found)


def parse_declaration(text: str) -> tuple[str, Type]:
    """Name and type of an argument, as ``a:int[]`` declares them.

    Raises:
        ProgramError: there is no colon, the name cannot be one or means something already, or the type is none.
    """
    name, colon, kind = text.partition(":")
    name = name.strip()
    if not colon or not name:
        raise ProgramError(f"{quoted(text)} declares nothing; write a name and a type, such as a:int[]")
    if name in PRIMITIVES or name in RESERVED:
        raise ProgramError(f"{name} means something in the language; give the argument another name")
    return checked_label(name), parse_type(kind.strip())
