"""Python functions written from outlines: bodies of lambdas, and loops."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from saps.lang.compiler.expressions import Expression, Names, call, choice
from saps.lang.compiler.fragments import Fragment
from saps.lang.compiler.functions import KnownLambda, Simple, call_tokens
from saps.lang.compiler.outlines import FragmentCompiler, Outline, Scope
from saps.lang.compiler.runtime import MISSING, Closure, call_self, is_member, truth
from saps.lang.machine import ARITY, IMPLEMENTATIONS
from saps.lang.operations.numbers import need_truth

_NAMESPACE: Mapping[str, Any] = {
    "LIST_AND_INT": (list, int),
    "MISSING": MISSING,
    "call_self": call_self,
    "is_member": is_member,
    "need_truth": need_truth,
    "truth": truth,
}
_FUNCTION = """\
def make({given}):
    def node(m, x, y, me):
        {lines}
    return node
"""


class _Head(NamedTuple):
    """What there is to know of a function besides its tokens; ``loop`` is the label of one, or empty for a body."""

    loop: str
    fixed: int
    inputs: int
    given: int
    calls: int
    is_lambda: bool
    quiet: bool


class _Written(NamedTuple):
    """A function that makes closures of one outline, and the primitives that it wants last."""

    factory: Callable[..., Closure]
    primitives: tuple[str, ...]


class Loop(NamedTuple):
    """A call of ``map``, ``filter`` or ``reduce`` with a known function."""

    label: str
    function: Simple | KnownLambda
    slow: Callable[..., Any]
    """Does the loop otherwise, given (m, x, y, me, operands, fixed values)."""
    whole: Closure
    """Does all of it otherwise."""


def body_function(compiler: FragmentCompiler, body: Fragment, scope: Scope, slow: Closure) -> Closure:
    """The body of a lambda; where an input is missing, ``slow`` finds out whether it is read."""
    outline = Outline(compiler, scope)
    outline.add(body)
    head = _Head("", 0, len(outline.inputs), len(outline.given), 0, True, True)
    return _made(_written(head, tuple(outline.tokens)), outline, slow)


def loop_function(outline: Outline, loop: Loop) -> Closure:
    """A loop: it pays for all calls ahead, or for each call in its turn if the function takes more steps itself.

    Args:
        outline: that of the list, the start of a ``reduce``, and the values that partials fix.
        loop: the rest.
    """
    function = loop.function
    is_lambda, quiet = False, True
    if isinstance(function, KnownLambda):
        is_lambda, quiet = True, function.body.quiet
        outline.scope = outline.scope.inside(function.binds)
        outline.add(function.body)
    else:
        names = [f"f{index}" for index in range(len(function.fixed))]
        elements = [["x"], ["y"]] if loop.label == "reduce" else [["x"]]
        outline.tokens += call_tokens(function, names, elements)
    counts = (len(function.fixed), len(outline.inputs), len(outline.given))
    head = _Head(loop.label, *counts, function.calls, is_lambda, quiet)
    return _made(_written(head, tuple(outline.tokens)), outline, loop.whole, loop.slow, function.cost)


def forget_sources() -> None:
    """Forgets what was written, as the number of operands of some primitive may change."""
    _written.cache_clear()


def _made(written: _Written, outline: Outline, *values: Any) -> Closure:
    primitives = [IMPLEMENTATIONS[label] for label in written.primitives]
    return written.factory(*values, *outline.inputs, *outline.given, *primitives)


@lru_cache(maxsize=1024)  # some 5 KB each; the programs of the data have about a hundred
def _written(head: _Head, tokens: tuple[str, ...]) -> _Written:
    """Source is written, and compiled by Python, once for an outline: few occur again and again."""
    writer = _Writer(tokens)
    inputs = [f"n{index}" for index in range(head.inputs)]
    lines = [f"{name} = m.names.get(l{name[1:]}, MISSING)" for name in inputs]
    if inputs:
        lines.append(f"if {' or '.join([f'{name} is MISSING' for name in inputs])}: return whole(m, x, y, me)")
    lines += _loop(head, writer) if head.loop else [f"return {writer.expression().source}"]
    primitives = writer.names.primitives
    counts = (("l", head.inputs), ("g", head.given), ("p", len(primitives)))
    given = ["whole", *(["slow", "cost"] if head.loop else [])]
    given += [f"{letter}{index}" for letter, count in counts for index in range(count)]
    text = _FUNCTION.format(given=", ".join(given), lines="\n        ".join(lines))
    namespace = dict(_NAMESPACE)
    exec(compile(text, "<outline of a program>", "exec"), namespace)
    return _Written(namespace["make"], tuple(primitives))


class _Writer:
    """Reads tokens and writes them as an expression."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.names = Names()
        self.me = "me"
        """What closures get as the innermost lambda."""
        self._tokens, self._given = iter(tokens), 0

    def expression(self) -> Expression:
        """The expression that begins at the next token."""
        token = next(self._tokens)
        if token[0] == "(":
            return self._call(token[1:])
        if token in ("given", "closure"):
            name, self._given = f"g{self._given}", self._given + 1
            if token == "given":
                return Expression(name, simple=True)
            return Expression(f"{name}(m, x, y, {self.me})")
        return Expression(token, simple=True, truth=token in ("True", "False"), literal=token.isdecimal())

    def _call(self, label: str) -> Expression:
        if label == "if":
            return choice(self.expression(), self.expression(), self.expression())
        if label == ",self":
            return Expression(f"call_self(m, me, {self.expression().source})")
        if label == ",in":
            return Expression(f"is_member(m, {self.expression().source}, {self.expression().source})", truth=True)
        if label[0] == ",":
            operands = [self.expression().source for _ in range(int(label[1:]))]
            return Expression(f"m.call(me, ({', '.join(operands)},))")
        return call(self.names, label, [self.expression() for _ in range(ARITY[label])])


def _loop(head: _Head, writer: _Writer) -> list[str]:
    """Lines of a loop: the operands, what is certain before it begins, and itself."""
    operands = ["values", "start"] if head.loop == "reduce" else ["values"]
    fixed = [f"f{index}" for index in range(head.fixed)]
    lines = [f"{name} = {writer.expression().source}" for name in (*operands, *fixed)]
    slow = f"return slow(m, x, y, me, ({', '.join([*operands, ''])}), ({', '.join([*fixed, ''])}))"
    # The slow way, unless it is certain that no limit on calls, lambdas or, where all is paid ahead, steps is met.
    refused = ["type(values) is not list", f"m.calls + {head.calls} > m.limits.calls"]
    refused += ["m.lambdas >= m.limits.lambdas"] if head.is_lambda else []
    lines += [f"if {' or '.join(refused)}: {slow}"]
    lines += ["count = len(values)"]
    if head.quiet:
        lines += ["steps = count * cost", "if steps <= m.steps_left: m.steps_left -= steps"]
        lines += [f"elif not m.pays(steps, 0): {slow}"]
    writer.me = "None"  # only loops over lambdas that do not read it are written
    return [*lines, *_repeated(head, writer.expression())]


_PUT = {"map": "put({value})", "filter": "if {value}: put(x)", "reduce": "x = {value}"}
_LIST = (  # what m.make_list(count) does, where it is not to end the run
    "if count <= m.limits.list_length and count <= m.elements_left: m.elements_left -= count",
    "else: m.make_list(count)",
)
_UNSURE = "t0 = {value}; put(x) if t0 is True else t0 is False or need_truth('filter', t0)"


def _repeated(head: _Head, value: Expression) -> list[str]:
    folds = head.loop == "reduce"
    lines = ["x = start"] if folds else [*_LIST, "made = []", "put = made.append"]
    if not head.quiet:
        lines += ["m.calls += 1", "m.lambdas += 1"]
    lines += [f"for {'y' if folds else 'x'} in values:"]
    if not head.quiet:
        lines += ["    m.steps_left -= cost", "    if m.steps_left < 0: m.refill()"]
    put = _UNSURE if head.loop == "filter" and not value.truth else _PUT[head.loop]
    lines += ["    " + put.format(value=value.source)]
    if not head.quiet:
        lines += ["m.calls -= 1", "m.lambdas -= 1"]
    return [*lines, "return x" if folds else "return made"]
