"""The plain evaluator: a walk over the tree. It is the definition of what a program means.

Evaluation is strict and from left to right but for the special forms. ``saps.lang.compiler`` does the same, faster.
"""

from collections.abc import Callable, Mapping
from typing import Any

from saps.lang.machine import ARITY, ATOMS, IMPLEMENTATIONS, Function, Limits, Machine, check_data
from saps.lang.operations.numbers import need_truth
from saps.lang.outcomes import ENDINGS, Outcome, outcome_of
from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import checked_depth
from saps.lang.stack import stack_room
from saps.lang.trees import Tree
from saps.lang.values import RuntimeFault, TypeFault

_FRAMES_A_LEVEL = 2  # Python frames that a level of the tree takes, at most
_FRAMES_A_CALL = 5  # Python frames between the evaluation of a call and that of a lambda's body, at most

Scope = tuple[Any, Any, Any, Mapping[str, Any]]
"""arg1, arg2 and the innermost lambda (``MISSING`` where there is none), and the names of the program."""

MISSING = object()
_SLOTS = {"arg1": 0, "arg2": 1, "self": 2}


def run_plainly(tree: Tree, inputs: Mapping[str, Any], limits: Limits = Limits()) -> Outcome:  # noqa: B008  (frozen)
    """Runs a program on inputs, bound by name; never raises, whatever the program and the inputs."""
    evaluator = Evaluator(limits)
    try:
        frames = (limits.lambdas + 2) * _FRAMES_A_LEVEL * (checked_depth(tree) + 2) + _FRAMES_A_CALL * limits.calls
        for value in inputs.values():
            check_data(value, limits)
        with stack_room(frames):
            value = evaluator.run(tree, inputs)
        check_data(value, limits)
        return Outcome("value", value, steps=evaluator.steps_taken())
    except ENDINGS as ending:
        return outcome_of(ending, evaluator.steps_taken())


def body_size(body: Tree) -> int:
    """The steps of evaluating a program or body once: its nodes, without the bodies of the lambdas in it."""
    size, stack = 0, [body]
    while stack:
        node = stack.pop()
        size += 1
        if node.label not in ("lambda1", "lambda2"):
            stack.extend(node.children)
    return size


class Evaluator(Machine):
    """One run by walking over the tree."""

    __slots__ = ("_sizes",)

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._sizes: dict[int, int] = {}

    def run(self, program: Tree, inputs: Mapping[str, Any]) -> Any:
        """The value of a program.

        Raises:
            Fault, ArithmeticError, ValueError: it has none; ``outcome_of`` says which way.
        """
        names = {**inputs, **ATOMS, "main": Main(program, tuple(inputs))}
        self.charge(body_size(program))
        return self.evaluate(program, (MISSING, MISSING, MISSING, names))

    def evaluate(self, node: Tree, scope: Scope) -> Any:
        """The value of a node in a scope."""
        label, operands = node.label, node.children
        if not operands:
            return self.atom(label, scope)
        if label in SPECIAL_FORMS:
            return SPECIAL_FORMS[label](self, node, scope)
        implementation = IMPLEMENTATIONS.get(label)
        if implementation is None:
            raise RuntimeFault(f"{label} is no function")
        need_operands(node, ARITY[label])
        # Written out, as no call through a list of operands: this is the innermost loop.
        first = self.evaluate(operands[0], scope)
        if len(operands) == 1:
            return implementation(self, first)
        second = self.evaluate(operands[1], scope)
        if len(operands) == 2:
            return implementation(self, first, second)
        return implementation(self, first, second, *[self.evaluate(operand, scope) for operand in operands[2:]])

    def atom(self, label: str, scope: Scope) -> Any:
        """The value of a constant, primitive, argument or lambda variable."""
        slot = _SLOTS.get(label)
        value = MISSING if slot is None else scope[slot]
        if value is MISSING:
            value = scope[3].get(label, MISSING)
        if value is MISSING:
            raise unknown(label)
        return value

    def size(self, body: Tree) -> int:
        """``body_size`` of a part of the program."""
        if id(body) not in self._sizes:
            self._sizes[id(body)] = body_size(body)
        return self._sizes[id(body)]


def unknown(label: str) -> RuntimeFault:
    """What is wrong with an atom that has no value where it stands."""
    if label in _SLOTS or label in PRIMITIVES:
        return RuntimeFault(f"{label} has no meaning here")
    return RuntimeFault(f"the name {label} is neither a primitive nor an argument")


class Lambda(Function):
    """A lambda and the scope around it; a ``lambda1`` sees the outer ``arg2``."""

    __slots__ = ("body", "outer")

    def __init__(self, arity: int, cost: int, body: Tree, outer: Scope) -> None:
        self.arity, self.cost, self.body, self.outer = arity, cost, body, outer

    def call(self, machine: Machine, operands: tuple[Any, ...]) -> Any:
        """Evaluates the body."""
        assert isinstance(machine, Evaluator)
        machine.enter_lambda()
        arg2 = operands[1] if self.arity == 2 else self.outer[1]
        value = machine.evaluate(self.body, (operands[0], arg2, self, self.outer[3]))
        machine.lambdas -= 1
        return value


class Main(Function):
    """The program itself, a function of its arguments in the order of the inputs."""

    __slots__ = ("names", "program")

    def __init__(self, program: Tree, names: tuple[str, ...]) -> None:
        self.arity, self.cost, self.program, self.names = len(names), 1 + body_size(program), program, names

    def call(self, machine: Machine, operands: tuple[Any, ...]) -> Any:
        """Runs the program again."""
        assert isinstance(machine, Evaluator)
        machine.enter_lambda()
        names = {**dict(zip(self.names, operands, strict=True)), **ATOMS, "main": self}
        value = machine.evaluate(self.program, (MISSING, MISSING, MISSING, names))
        machine.lambdas -= 1
        return value


def _if_form(machine: Evaluator, node: Tree, scope: Scope) -> Any:
    """Evaluates the condition, then only the chosen branch."""
    need_operands(node, 3)
    condition = machine.evaluate(node.children[0], scope)
    if type(condition) is not bool:
        need_truth("if", condition)
    return machine.evaluate(node.children[1 if condition else 2], scope)


def _lambda_form(machine: Evaluator, node: Tree, scope: Scope) -> Lambda:
    need_operands(node, 1)
    body = node.children[0]
    return Lambda(1 if node.label == "lambda1" else 2, 1 + machine.size(body), body, scope)


def _self_form(machine: Evaluator, node: Tree, scope: Scope) -> Any:
    """Calls the innermost lambda."""
    if scope[2] is MISSING:
        raise RuntimeFault("self outside of a lambda")
    return machine.call(scope[2], tuple([machine.evaluate(operand, scope) for operand in node.children]))


def _main_form(machine: Evaluator, node: Tree, scope: Scope) -> Any:
    """Calls the program."""
    return machine.call(scope[3]["main"], tuple([machine.evaluate(operand, scope) for operand in node.children]))


SPECIAL_FORMS: Mapping[str, Callable[[Evaluator, Tree, Scope], Any]] = {
    "if": _if_form,
    "lambda1": _lambda_form,
    "lambda2": _lambda_form,
    "self": _self_form,
    "main": _main_form,
}
"""How the heads that rule the evaluation of their operands are evaluated."""


def need_operands(node: Tree, count: int) -> None:
    """Raises TypeFault unless a call has so many operands."""
    if len(node.children) != count:
        raise TypeFault(f"{node.label} takes {count} operands, found {len(node.children)}")
