"""Types of programs: inferred by unification, checked against what is declared.

Algorithm M (Lee and Yi, 1998) for Hindley-Milner types: the type that a place needs is pushed down to it, so that a
mistake is reported at the deepest node that cannot be mended. A primitive gets fresh type variables wherever it stands;
``arg1``, ``arg2`` and ``self`` have one type in a lambda. A program argument declared ``any`` fits everywhere.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple, NoReturn

from saps.lang.errors import TypeMistake
from saps.lang.names import LAMBDA_PARAMETERS, free_names
from saps.lang.primitives import PRIMITIVES, Primitive
from saps.lang.spelling import MAX_DEPTH, checked_depth
from saps.lang.stack import stack_room
from saps.lang.trees import Tree
from saps.lang.types import Type, function
from saps.lang.unification import Unifier, instance, renamed
from saps.lang.unknown import is_literal, nearest, wanted_instead

_FRAMES = 3  # Python frames that a level of the tree takes, at most

Scope = Mapping[str, Type]


class _Place(NamedTuple):
    """Where a node stands: the place of its parent, the parent's label, and which child it is."""

    parent: "_Place | None"
    label: str
    child: int

    @property
    def path(self) -> tuple[int, ...]:
        """Which child to go to from the root on, level by level; in order, these are the nodes in pre-order."""
        children: list[int] = []
        place = self
        while place.parent is not None:
            children.append(place.child)
            place = place.parent
        return tuple(reversed(children))

    def __str__(self) -> str:
        steps = [] if self.parent is None else [f"{self.label}[{self.child}]"]
        place = self.parent
        while place is not None and place.parent is not None:
            steps.append(f"{place.label}[{place.child}]")
            place = place.parent
        return " > ".join(["root", *reversed(steps)])


_ROOT = _Place(None, "", 0)


def infer(tree: Tree, args: Mapping[str, Type]) -> Type:
    """The principal type of a program whose arguments have the given types, with type variables T, U, ...

    Raises:
        TypeMistake: two parts do not fit, a name is unknown, or a call has the wrong number of operands.
        ProgramError: the tree is larger than parsers allow, or its types grow beyond all use.
    """
    return _Inference().type_of(tree, args, None).parameters[-1]


def check(tree: Tree, args: Mapping[str, Type], result: Type) -> None:
    """Checks that a program with arguments of the given types gives the declared result.

    Raises:
        TypeMistake, ProgramError: as ``infer``, or the program gives another type.
    """
    _Inference().type_of(tree, args, result)


def infer_arguments(tree: Tree, args: Mapping[str, Type], result: Type | None = None) -> tuple[dict[str, Type], Type]:
    """The types of all arguments that a program reads, declared or not, and of its value.

    Args:
        tree: the program.
        args: the declared types; the others are inferred from how the program uses them.
        result: the declared type of the value, if there is one.

    Raises:
        TypeMistake, ProgramError: as ``infer``.
    """
    return _inferred(_Inference(), tree, args, result)


class TypedNode(NamedTuple):
    """A node with its type; ``path`` says which child to go to from the root on."""

    path: tuple[int, ...]
    label: str
    type: Type


def explain(tree: Tree, args: Mapping[str, Type], result: Type | None = None) -> list[TypedNode]:
    """The nodes of a program in pre-order with their types; a type variable means the same at all of them.

    Takes and raises what ``infer_arguments`` does.
    """
    inference = _Inference()
    _inferred(inference, tree, args, result)
    return inference.typed_nodes()


def _inferred(
    inference: "_Inference", tree: Tree, args: Mapping[str, Type], result: Type | None
) -> tuple[dict[str, Type], Type]:
    """What ``infer_arguments`` gives: other names than the declared are arguments if they can be, that is, data."""
    checked_depth(tree)
    names = [name for name in free_names(tree) if name not in args and not is_literal(name)]
    everything = {**args, **{name: Type(f"A{number}") for number, name in enumerate(names)}}
    *kinds, value = inference.type_of(tree, everything, result).parameters
    arguments = dict(zip(everything, kinds, strict=True))
    functions = [name for name in names if arguments[name].is_function]
    if functions:
        inference.refuse(functions[0], [name for name in arguments if name not in functions])
    return arguments, value


class _Inference:
    """The state of one inference: what each type variable stands for."""

    def __init__(self) -> None:
        self._types = Unifier()
        self._nodes: list[tuple[_Place, str, Type]] = []

    def type_of(self, tree: Tree, args: Mapping[str, Type], result: Type | None) -> Type:
        """The type of a whole program as a function of its arguments, with the declared result if there is one."""
        checked_depth(tree)
        wanted = result or self._types.fresh("T")
        # The program itself is a function named main; one without arguments cannot be called.
        program = function(tuple(args.values()), wanted)
        scope = {**args, "main": program}
        with stack_room(_FRAMES * MAX_DEPTH):
            self._infer(tree, wanted, scope, _ROOT)
        return renamed(self._types.resolved(program))

    def typed_nodes(self) -> list[TypedNode]:
        """What was found out about every node."""
        nodes = sorted(((place.path, label, kind) for place, label, kind in self._nodes), key=lambda node: node[0])
        # Renamed together, as the parameters of one type, so that a variable has the same name everywhere.
        kinds = renamed(Type("->", tuple([self._types.resolved(kind) for *_, kind in nodes]))).parameters
        return [TypedNode(path, label, kind) for (path, label, _), kind in zip(nodes, kinds, strict=True)]

    def refuse(self, name: str, others: Collection[str]) -> NoReturn:
        """Raises TypeMistake at the first place of a name that stands for nothing."""
        place = min((place for place, label, _ in self._nodes if label == name), key=lambda place: place.path)
        raise TypeMistake(str(place), *wanted_instead(name, others))

    def _infer(self, node: Tree, wanted: Type, scope: Scope, place: _Place) -> None:
        """Makes a node's type and the wanted one the same."""
        self._nodes.append((place, node.label, wanted))
        if not node.children:
            self._unify(wanted, self._atom(node.label, scope, place), place)
        elif node.label in LAMBDA_PARAMETERS:
            self._lambda(node, wanted, scope, place)
        else:
            self._call(node, wanted, scope, place)

    def _atom(self, label: str, scope: Scope, place: _Place) -> Type:
        row = PRIMITIVES.get(label)
        if row is not None and label != "self" and label not in LAMBDA_PARAMETERS:
            return self._instance(row, 0)
        if label in scope:
            return scope[label]
        if row is not None:
            missing = "a lambda around it" if label == "self" else "its body"
            raise TypeMistake(str(place), "a value", f"{label} without {missing}")
        raise TypeMistake(str(place), *wanted_instead(label, [name for name in scope if name != "main"]))

    def _lambda(self, node: Tree, wanted: Type, scope: Scope, place: _Place) -> None:
        _check_count(node, 1, place)
        names = LAMBDA_PARAMETERS[node.label]
        parameters = tuple(self._types.fresh("T") for _ in names)
        result = self._types.fresh("T")
        kind = function(parameters, result)
        self._unify(wanted, kind, place)
        inner = {**scope, **dict(zip(names, parameters, strict=True)), "self": kind}
        self._infer(node.children[0], result, inner, _Place(place, node.label, 0))

    def _call(self, node: Tree, wanted: Type, scope: Scope, place: _Place) -> None:
        places = [_Place(place, node.label, index) for index in range(len(node.children))]
        if node.label in ("self", "main"):
            kind = self._types.pruned(self._atom(node.label, scope, place))
            inferred: dict[int, Type] = {}
        else:
            kind, inferred = self._signature(node, wanted, scope, place, places)
        *parameters, result = kind.parameters
        _check_count(node, len(parameters), place)
        self._unify(wanted, result, place)
        for index, (child, parameter) in enumerate(zip(node.children, parameters, strict=True)):
            if index in inferred:
                self._unify(parameter, inferred[index], places[index])
            else:
                self._infer(child, parameter, scope, places[index])

    def _signature(
        self, node: Tree, wanted: Type, scope: Scope, place: _Place, places: list[_Place]
    ) -> tuple[Type, dict[int, Type]]:
        """The type of a call's head, and those of operands that had to be inferred for it.

        How many parameters ``W...`` stands for is seen from the function operand, or else from the wanted type.
        """
        row = PRIMITIVES.get(node.label)
        if row is None or not row.arity:
            meant = [] if row else nearest(node.label, ())
            hint = f", perhaps {' or '.join(meant)}" if meant else ""
            raise TypeMistake(str(place), f"a primitive that takes operands{hint}", f"a call of {node.label}")
        _check_count(node, row.arity, place)
        operand = next((index for index, kind in enumerate(row.parameters) if _rest_of(kind)), None)
        if operand is None:
            return self._instance(row, 0), {}
        given = self._types.fresh("T")
        self._infer(node.children[operand], given, scope, places[operand])
        for pattern, known in ((row.parameters[operand], given), (row.result, wanted)):
            known = self._types.pruned(known)
            if known.is_function:
                return self._instance(row, len(known.parameters) - len(pattern.parameters) + 1), {operand: given}
        return self._instance(row, 0), {operand: given}

    def _instance(self, row: Primitive, rest: int) -> Type:
        """A row's type with fresh variables, and ``rest`` of them in place of ``W...``."""
        return instance(row.signature, self._types.fresh, rest)

    def _unify(self, wanted: Type, found: Type, place: _Place) -> None:
        """Makes two types the same.

        Raises:
            TypeMistake: they cannot be.
        """
        if not self._types.unify(wanted, found):
            kinds = renamed(function((self._types.resolved(wanted),), self._types.resolved(found)))
            raise TypeMistake(str(place), *map(str, kinds.parameters))


def _rest_of(kind: Type) -> bool:
    return any(part.name.endswith("...") for part in kind.parameters)


def _check_count(node: Tree, count: int, place: _Place) -> None:
    if len(node.children) != count:
        words = "1 operand" if count == 1 else f"{count} operands"
        raise TypeMistake(str(place), f"{words} of {node.label}", str(len(node.children)))
