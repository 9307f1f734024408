"""Running a program: a value, or one of three ways to end without.

``run`` for a program that is run once; ``compile_program(tree).run(inputs)`` for one that is run on many inputs.
"""

from collections.abc import Mapping
from typing import Any

from saps.lang.compiler import Compiled, compile_program
from saps.lang.machine import Limits
from saps.lang.outcomes import Kind, Outcome
from saps.lang.trees import Tree
from saps.lang.values import same_value

__all__ = ["Compiled", "Kind", "Limits", "Outcome", "compile_program", "run", "same_value"]


def run(tree: Tree, inputs: Mapping[str, Any], limits: Limits = Limits()) -> Outcome:  # noqa: B008  (frozen)
    """Runs a program on inputs, bound by name; never raises, whatever the program and the inputs.

    Inputs and result are data: numbers, strings, lists and dictionaries of them. Inputs are not changed.
    """
    return compile_program(tree).run(inputs, limits)
