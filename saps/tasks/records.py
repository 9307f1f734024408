"""A task as one JSON object, in the published format, and the checks that a record must pass."""

from collections.abc import Callable, Mapping
from typing import Any

from saps.errors import UserError
from saps.lang.example import Example
from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import checked_label, from_short, to_short
from saps.lang.trees import Tree
from saps.tasks.task import Task
from saps.tasks.values import value_reader

_REQUIRED: Mapping[str, type | None] = {  # None: any type; the program's reader says more
    "text": list,
    "short_tree": None,
    "args": dict,
    "return_type": str,
    "tests": list,
}
_KIND: Mapping[type, str] = {list: "a list", dict: "an object", str: "a string"}
_LOCAL_NAMES = frozenset({"arg1", "arg2", "self", "main"})  # what a program may name besides primitives and arguments


def task_from_record(record: Any) -> Task:
    """The task that a parsed JSON object describes.

    Checked: the keys and the types of their values; that the program is a tree of known names, each called with as
    many arguments as it takes; that every test gives each declared argument, and no other, a value of its type, and an
    output of the return type. The tokens of ``text`` are any strings, or none at all. ``nodes`` and ``clean_text`` may
    be missing; ``funcs``, ``tags`` and unknown keys are left aside. A task without tests (an empty list) is one to
    learn from, not to judge by.

    Raises:
        UserError: what is wrong and what to do, without the place; the reader of files adds that.
    """
    _check_keys(record)
    args = record["args"]
    readers = {_argument(name): _reader_of(f'argument "{name}"', written) for name, written in args.items()}
    return Task(
        text=_text("text", record["text"]),
        program=_program(record["short_tree"], args),
        args=dict(args),
        return_type=record["return_type"],
        tests=_tests(record, readers),
        template=_template(record.get("nodes", [])),
        clean_text=_clean_text(record.get("clean_text")),
    )


def record_of(task: Task) -> dict[str, Any]:
    """The JSON object of a task: ``task_from_record`` of it is the task again; the order of keys is fixed."""
    record: dict[str, Any] = {
        "text": list(task.text),
        "short_tree": to_short(task.program),
        "args": dict(task.args),
        "return_type": task.return_type,
        "tests": [{"input": dict(test.input), "output": test.output} for test in task.tests],
        "nodes": [task.template] if task.template else [],
        "funcs": [],
        "tags": [],
    }
    return record | {"clean_text": list(task.clean_text)} if task.clean_text else record


def _check_keys(record: Any) -> None:
    if not isinstance(record, dict):
        raise UserError(f"a record is a JSON object, found {_show(record)}; write one task a line")
    for key, kind in _REQUIRED.items():
        if key not in record:
            raise UserError(f'the record lacks "{key}"; a task has {", ".join(_REQUIRED)}')
        if kind is not None and not isinstance(record[key], kind):
            raise UserError(f'"{key}" must be {_KIND[kind]}, found {_show(record[key])}')


def _clean_text(tokens: Any) -> tuple[str, ...]:
    """The words before they were disturbed; none where the key is missing."""
    if tokens is None:
        return ()
    if not isinstance(tokens, list):
        raise UserError(f'"clean_text" must be a list, found {_show(tokens)}')
    return _text("clean_text", tokens)


def _text(key: str, tokens: list[Any]) -> tuple[str, ...]:
    """The tokens as they stand: the published files have some with blanks and quotes, and a text may be empty."""
    for number, token in enumerate(tokens, start=1):
        if not isinstance(token, str):
            raise UserError(f'token {number} of "{key}" must be a string, found {_show(token)}')
        if not token.isascii() and not _is_encodable(token):
            raise UserError(f'token {number} of "{key}" holds half a character (a lone surrogate), {_show(token)}')
    return tuple(tokens)


def _is_encodable(token: str) -> bool:
    try:
        token.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _program(short_tree: Any, args: Mapping[str, str]) -> Tree:
    try:
        program = from_short(short_tree)
    except UserError as error:
        raise UserError(f'"short_tree": {error}') from None
    for node in program.preorder():
        _check_node(node, args)
    return program


def _check_node(node: Tree, args: Mapping[str, str]) -> None:
    """Refuses a name that is neither primitive nor in scope, and a call with too few or too many arguments."""
    primitive = PRIMITIVES.get(node.label)
    if node.arity == 0:
        if primitive is None and node.label not in args and node.label not in _LOCAL_NAMES:
            known = ", ".join(args) or "none"
            raise UserError(f'"short_tree": {node.label!r} is neither a primitive nor an argument (arguments: {known})')
    elif node.label == "main":  # the program itself, called with its arguments in their order
        if node.arity != len(args):
            raise UserError(f"\"short_tree\": 'main' takes {len(args)} arguments, as declared, found {node.arity}")
    elif primitive is None:
        raise UserError(f'"short_tree": {node.label!r} is no primitive, so it cannot be called')
    elif node.label != "self" and node.arity != primitive.arity:  # self takes as many as its lambda
        raise UserError(f'"short_tree": {node.label!r} takes {primitive.arity} arguments, found {node.arity}')


def _argument(name: str) -> str:
    """The name of an argument, if a program can mean it."""
    try:
        checked_label(name)
    except UserError as error:
        raise UserError(f'"args": {error}') from None
    if name in PRIMITIVES or name in _LOCAL_NAMES:
        raise UserError(f'"args": {name!r} means something else in every program; give the argument another name')
    return name


def _reader_of(what: str, written: Any) -> Callable[[Any], Any]:
    if not isinstance(written, str):
        raise UserError(f"{what}: a type is a string such as int[], found {_show(written)}")
    try:
        return value_reader(written)
    except UserError as error:
        raise UserError(f"{what}: {error}") from None


def _tests(record: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]]) -> tuple[Example, ...]:
    read_output = _reader_of("return_type", record["return_type"])
    return tuple(_test(number, test, readers, read_output) for number, test in enumerate(record["tests"], start=1))


def _test(
    number: int, test: Any, readers: Mapping[str, Callable[[Any], Any]], read_output: Callable[[Any], Any]
) -> Example:
    """Test ``number`` (from 1 on) with every value read by its declared type."""
    if not isinstance(test, dict) or not isinstance(test.get("input"), dict) or "output" not in test:
        raise UserError(f'test {number} must be {{"input": {{name: value}}, "output": value}}, found {_show(test)}')
    if test["input"].keys() != readers.keys():
        given, declared = ", ".join(test["input"]) or "none", ", ".join(readers) or "none"
        raise UserError(f'test {number} gives values to {given}, but "args" declares {declared}; give each a value')
    try:
        values = {name: readers[name](value) for name, value in test["input"].items()}
        return Example(values, read_output(test["output"]))
    except UserError as error:
        raise UserError(f"test {number}: {error}") from None


def _template(nodes: Any) -> str:
    if not isinstance(nodes, list) or not all(isinstance(name, str) and _is_encodable(name) for name in nodes):
        raise UserError(f'"nodes" must be a list with the name of the template at the root, found {_show(nodes)}')
    return nodes[0] if nodes else ""


def _show(value: Any) -> str:
    """A value as a message can hold it: one line, cut off after 60 characters."""
    shown = ascii(value) if isinstance(value, str | int | float | None) else type(value).__name__
    return shown if len(shown) <= 60 else shown[:57] + "..."
