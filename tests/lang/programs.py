"""Random programs, inputs and limits: sensible ones by type, and everything that goes wrong with them."""

import random
from collections.abc import Callable
from typing import Any

from saps.lang.machine import Limits
from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import MAX_DEPTH, to_comma, to_json, to_lisp
from saps.lang.trees import Tree

_ATOMS = [name for name, row in PRIMITIVES.items() if not row.arity]
_HEADS = [name for name, row in PRIMITIVES.items() if row.arity]
_LOOPS = ["map", "filter", "reduce", "self", "invoke1", "lambda1", "lambda2", "if", "=="]
_NAMES = ["a", "b", "c", "d", "arg1", "arg2", "self", "+", "==", "square", "||", "nonsense", "main"]


def settled(tree: Tree, bound: int) -> Tree:
    """A program without lambda variables where none are; ``bound`` counts the parameters of the lambdas around."""
    label = tree.label
    if label in ("lambda1", "lambda2"):
        bound = max(bound, int(label[-1]))
    elif bound < {"arg1": 1, "arg2": 2}.get(label, 0):
        label = "b"
    elif label == "self" and not bound:
        label = "square"
    return Tree(label, tuple([settled(child, bound) for child in tree.children]))


class Maker:
    """Makes programs by type; what it calls ``number`` may still be a list at run time, through ``c`` and ``arg1``."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def one_of(self, depth: int, *makers: Callable[[int], Tree]) -> Tree:
        return self.rng.choice(makers)(depth - 1)

    def call(self, heads: str, *makers: Callable[[int], Tree]) -> Callable[[int], Tree]:
        return lambda depth: Tree(self.rng.choice(heads.split()), tuple(maker(depth) for maker in makers))

    def atom(self, names: str) -> Callable[[int], Tree]:
        return lambda depth: Tree(self.rng.choice(names.split()))

    def number(self, depth: int) -> Tree:
        number, some, atoms = self.number, self.numbers, self.atom("b arg1 arg2 0 1 2 10 b arg1")
        if depth <= 0:
            return atoms(0)
        return self.one_of(
            depth, atoms, atoms, self.call("+ - * / % min max pow", number, number), self.call("+ - *", number, number),
            self.call("len", some), self.call("reduce", some, number, self.operation), self.call("self", number),
            self.call("if", self.truth, number, number), self.call("deref int-deref", some, number),
            self.call("head", some), self.call("invoke1", self.function, number), self.call("square abs floor", number),
            self.call("strlen", self.text),
        )  # fmt: skip

    def truth(self, depth: int) -> Tree:
        if depth <= 0:
            return self.atom("true false")(0)
        return self.one_of(
            depth, self.call("< > <= >= == !=", self.number, self.number), self.call("is_prime", self.number),
            self.call("== contains", self.numbers, self.numbers), self.call("&& ||", self.truth, self.truth),
            self.call("!", self.truth), self.membership, self.call("is_sorted", self.numbers),
        )  # fmt: skip

    def membership(self, depth: int) -> Tree:
        fixed = Tree("partial0", (self.number(depth - 1), Tree("==")))
        return Tree("reduce", (Tree("map", (self.numbers(depth - 1), fixed)), Tree("false"), Tree("||")))

    def numbers(self, depth: int) -> Tree:
        some, atoms = self.numbers, self.atom("a a c arg1 arg2")
        if depth <= 0:
            return atoms(0)
        return self.one_of(
            depth, atoms, self.call("map", some, self.function), self.call("filter", some, self.condition),
            self.call("range", self.atom("0 1 b"), self.number), self.call("digits", self.number),
            self.call("sort reverse tail", some), self.call("append", some, self.number),
            self.call("slice", some, self.number, self.number), self.call("map", some, self.function),
        )  # fmt: skip

    def text(self, depth: int) -> Tree:
        if depth <= 0:
            return self.atom('d "" "z"')(0)
        return self.one_of(
            depth, self.atom("d"), self.call("str_concat str_min str_max", self.text, self.text),
            self.call("str_index", self.number, self.text),
        )  # fmt: skip

    def function(self, depth: int) -> Tree:
        if depth <= 0:
            return self.atom("square abs is_prime digits self")(0)
        lambda1 = self.call("lambda1", self.number)
        return self.one_of(
            depth, lambda1, lambda1, self.call("partial0 partial1", self.number, self.operation),
            self.call("combine", self.function, self.function), self.atom("square self"),
            self.call("lambda1", self.numbers),
        )  # fmt: skip

    def operation(self, depth: int) -> Tree:
        if depth <= 0 or self.rng.random() < 0.4:
            return self.atom("+ * - min max % / == if append")(0)
        return self.one_of(
            depth, self.call("lambda2", self.number), self.call("combine", self.function, self.operation)
        )

    def condition(self, depth: int) -> Tree:
        compared = self.call("partial0 partial1", self.number, self.atom("< == > !="))
        lambda1 = self.call("lambda1", self.truth)
        return self.one_of(
            depth, lambda1, lambda1, compared, self.atom("is_prime !"), self.call("combine", self.atom("!"), compared)
        )

    def wild(self, depth: int) -> Tree:
        """Anything under anything."""
        if depth <= 0 or self.rng.random() < 0.2:
            return Tree(self.rng.choice([*_ATOMS, *_NAMES, *_NAMES]))
        head = self.rng.choice([*_HEADS, *_LOOPS, *_LOOPS, *_LOOPS, self.rng.choice(_NAMES)])
        count = PRIMITIVES[head].arity if head in PRIMITIVES else 1
        count += self.rng.random() < 0.01
        return Tree(head, tuple(self.wild(depth - 1) for _ in range(max(count, 1))))

    def deep(self, depth: int) -> Tree:
        """A chain of calls, as deep as is allowed or a little less or more."""
        tree = self.number(2)
        for _ in range(self.rng.choice([50, MAX_DEPTH - 10, MAX_DEPTH + 5])):
            head = self.rng.choice(["abs", "invoke1", "+", "if", "lambda1"])
            extra = {"abs": (), "lambda1": (), "+": (Tree("b"),), "if": (Tree("b"), Tree("true"))}
            if head == "invoke1":
                tree = Tree("invoke1", (Tree("lambda1", (tree,)), Tree("b")))
            else:
                tree = Tree(head, (*extra[head], tree) if head != "if" else (Tree("true"), tree, Tree("b")))
        return tree

    def program(self) -> Tree:
        """A program of some sort."""
        rng = self.rng
        maker, depth = rng.choice(
            [(self.number, 6), (self.numbers, 7), (self.truth, 6), (self.wild, 4), (self.wild, 7), (self.number, 9)]
            if rng.random() < 0.99
            else [(self.deep, 0)]
        )
        tree = maker(depth)
        return tree if maker == self.wild or rng.random() < 0.05 else settled(tree, 0)

    def text_of(self, tree: Tree) -> str:
        """A program written down, and often damaged: cut off, a character changed, a huge literal, a strange sign."""
        rng = self.rng
        text = rng.choice([to_lisp, to_comma, to_json])(tree)
        place = rng.randrange(len(text))
        damage = rng.choice(["", "", "cut", "character", "literal"])
        if damage == "cut":
            return text[:place]
        if damage == "character":
            return text[:place] + rng.choice('()[]," \x00\ud800é\\') + text[place + rng.randint(0, 1) :]
        if damage == "literal":
            return text.replace(rng.choice("ab012"), "9" * rng.choice([1, 50, 101, 5000]), 1)
        return text

    def inputs(self) -> dict[str, Any]:
        """Values for ``a`` to ``d``, mostly of the kinds that programs expect."""
        rng = self.rng
        numbers = [rng.randint(-3, 8) for _ in range(rng.choice([0, 1, 3, 6, 6, 25]))]
        strange = [numbers, [1.5, 2], ["x", "y"], [[1], [2, 1]], [2**65, -3, True], "text", [float("nan"), 1], {}]
        values: dict[str, Any] = {"a": numbers, "b": rng.choice([0, 1, 3, 5, -2, 30, 2**70, -(2**64), 1.5, True])}
        values |= {"c": rng.choice(strange), "d": rng.choice(["", "ab c", "z"])}
        if rng.random() < 0.1:
            del values[rng.choice("abcd")]
        return values

    def limits(self) -> Limits:
        """Wide limits, or narrow ones that many programs meet."""
        rng = self.rng
        if rng.random() < 0.5:
            return Limits(steps=3_000, elements=5_000)
        return Limits(
            steps=rng.randint(0, 400), elements=rng.randint(0, 300), calls=rng.choice([1_000, 1, 2, 3, 5]),
            lambdas=rng.choice([110, 0, 1, 2, 3, 10]), list_length=rng.choice([10_000, 5]),
            string_length=rng.choice([10_000, 3]), bits=rng.choice([10_000, 100]), nesting=rng.choice([50, 2]),
        )  # fmt: skip
