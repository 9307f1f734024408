"""Compiled programs."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import saps.lang.operations  # noqa: F401  (registers the primitives)
from saps.lang.compiler.closures import Compiler
from saps.lang.compiler.fragments import fragment_of
from saps.lang.compiler.runtime import MISSING, Closure, FastMachine
from saps.lang.errors import ProgramError
from saps.lang.machine import Limits, check_data
from saps.lang.outcomes import ENDINGS, Outcome, outcome_of
from saps.lang.plain import run_plainly
from saps.lang.spelling import checked_depth
from saps.lang.stack import stack_room
from saps.lang.trees import Tree
from saps.lang.values import NUMBERS

_FRAMES_A_LEVEL = 6  # Python frames that a level of the tree takes, at most, where functions are known
_FRAMES_A_CALL = 6  # Python frames of a call of a function value, at most
_FEW_FRAMES = 150  # for so many Python has room without asking
_FEW_LEVELS = _FEW_FRAMES // _FRAMES_A_LEVEL
_LIMITS = Limits()


class Compiled:
    """A program that was compiled once. Runs share nothing, so threads may run it at the same time."""

    __slots__ = ("_closure", "_frames", "_recursive", "_slots", "_steps", "tree")

    def __init__(self, tree: Tree, closure: Closure, compiler: Compiler, steps: int, depth: int) -> None:
        self.tree, self._closure, self._slots, self._steps = tree, closure, compiler.slots, steps
        self._frames, self._recursive = _FRAMES_A_LEVEL * (depth + 2), compiler.recursive

    def run(self, inputs: Mapping[str, Any], limits: Limits = _LIMITS) -> Outcome:
        """The outcome of a run on inputs, bound by name; the same as the plain evaluator's. Never raises."""
        machine = FastMachine(limits, inputs, self._slots)
        try:
            if not self._recursive and self._frames <= _FEW_FRAMES:
                return self._attempt(machine, inputs)
            lambdas = limits.lambdas + 2 if self._recursive else 1
            with stack_room(lambdas * self._frames + _FRAMES_A_CALL * limits.calls):
                return self._attempt(machine, inputs)
        except ENDINGS as ending:
            return outcome_of(ending, machine.steps_taken())

    def _attempt(self, machine: FastMachine, inputs: Mapping[str, Any]) -> Outcome:
        limits = machine.limits
        for value in inputs.values():
            if type(value) not in NUMBERS:
                check_data(value, limits)
        machine.charge(self._steps)
        value = self._closure(machine, MISSING, MISSING, MISSING)
        if type(value) not in NUMBERS:
            check_data(value, limits)
        return Outcome("value", value, "", machine.steps_taken())


class _Plain(Compiled):
    """A program that is left to the plain evaluator: one too large to run at all, or one that calls itself by name."""

    __slots__ = ()

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def run(self, inputs: Mapping[str, Any], limits: Limits = _LIMITS) -> Outcome:
        return run_plainly(self.tree, inputs, limits)


def compile_program(tree: Tree) -> Compiled:
    """The compiled form of any program; what is wrong with it is told by its runs."""
    try:
        depth = checked_depth(tree)
    except ProgramError:
        return _Plain(tree)
    with stack_room(_FRAMES_A_LEVEL * depth) if depth > _FEW_LEVELS else nullcontext():
        root = fragment_of(tree)
        compiler = Compiler()
        closure = compiler.program(root)
    if closure is None:
        return _Plain(tree)
    return Compiled(tree, closure, compiler, root.size, depth)
