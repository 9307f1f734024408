"""Type programs and see at once what they give; the line begins with a colon for everything else (:help tells)."""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from saps.cli.check import typed_line, typed_tree
from saps.errors import UserError
from saps.lang.errors import ProgramError, quoted
from saps.lang.interpreter import run as run_program
from saps.lang.names import free_names, parse_declaration
from saps.lang.printing import printed
from saps.lang.spelling import parse, to_lisp
from saps.lang.trees import Tree
from saps.lang.types import Type, parse_type, type_of_value
from saps.lang.unknown import check_names
from saps.tasks.files import read_tasks

PROMPT = "saps> "
_HISTORY_LENGTH = 1_000  # lines
_DIGITS = 10  # of a number of a task
_SHOWN = 10_000  # characters of a value; `:full PROGRAM` shows all
_BINDING = re.compile(r"([^\s()\[\],\":=]+)\s*=(?!=)\s*(.*)", re.DOTALL)
_HELP = """\
PROGRAM            its value, in any spelling: (reduce a 0 +)
:full PROGRAM      the same, however long the value is
NAME = JSON        an input: a = [1, 2, 3]
:inputs            the inputs as they are
:type PROGRAM      its type, and the type at each of its nodes
:tree PROGRAM      the program as a drawn tree
:load FILE N [K]   task number N of a file, with the inputs of its test number K (1 if not given)
:help              this
:quit              the end, as Ctrl-D is"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none: all is asked inside."""


def run(args: argparse.Namespace) -> int:
    """Answers lines until they end."""
    talk(Session(), _lines())
    return 0


class Session:
    """What has been said so far: inputs by name, and the types of those whose type is known."""

    def __init__(self) -> None:
        self.inputs: dict[str, Any] = {}
        self.types: dict[str, Type] = {}
        self._commands: Mapping[str, Callable[[str], str]] = {
            ":help": lambda _: _HELP,
            ":full": lambda code: self._evaluate(parse(code), sys.maxsize),
            ":inputs": lambda _: self._show_inputs(),
            ":type": self._show_type,
            ":tree": lambda code: drawn(parse(code)),
            ":load": self._load,
        }

    def answer(self, line: str) -> str:
        """What to print for a line.

        Raises:
            UserError: the line is no program, no input and no command. Columns count from where a program begins.
        """
        command, code = split_command(line)
        if command:
            if command not in self._commands:
                raise UserError(f"there is no {command}; :help lists what there is")
            return self._commands[command](code)
        binding = _BINDING.fullmatch(code)
        if binding:
            return self._bind(binding[1], binding[2])
        return self._evaluate(parse(code))

    def _evaluate(self, tree: Tree, most: int = _SHOWN) -> str:
        check_names(tree, self.inputs, lambda name: f"{quoted(name)} has no value; give it one: {name} = [1, 2]")
        outcome = run_program(tree, self.inputs)
        return printed(outcome.value, most) if outcome.kind == "value" else f"{outcome.kind}: {outcome.message}"

    def _bind(self, name: str, text: str) -> str:
        parse_declaration(f"{name}:any")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise UserError(f'what {name} is to be is not JSON; write {name} = [1, 2] or {name} = "text"') from None
        self.inputs[name] = value
        self.types.pop(name, None)
        kind = type_of_value(value)
        if kind is not None:
            self.types[name] = kind
        return ""

    def _show_inputs(self) -> str:
        if not self.inputs:
            return "there are none; give one, such as a = [1, 2], or :load a task"
        return "\n".join([f"{name} = {printed(value, _SHOWN)}" for name, value in self.inputs.items()])

    def _show_type(self, code: str) -> str:
        tree = parse(code)
        names = set(free_names(tree))
        declared = {name: kind for name, kind in self.types.items() if name in names}
        return "\n".join([typed_line(tree, declared), *typed_tree(tree, declared)])

    def _load(self, text: str) -> str:
        words = text.split()
        if len(words) not in (2, 3) or not all(map(_counts, words[1:])):
            raise UserError("write :load FILE N, where N counts the file's tasks from 1, and perhaps the test's number")
        number, test = int(words[1]), int(words[2]) if len(words) == 3 else 1
        task = next(islice(read_tasks(_at_home(words[0])), number - 1, None), None)
        if task is None:
            raise UserError(f"{words[0]} has no task {number}; give a smaller number")
        if test > len(task.tests):
            raise UserError(f"task {number} has {len(task.tests)} tests, not {test}; give a smaller number")
        self.inputs = dict(task.tests[test - 1].input)
        self.types = {name: parse_type(kind) for name, kind in task.args.items()}
        lines = [" ".join(task.text), to_lisp(task.program), self._show_inputs()]
        return "\n".join([*lines, f"wanted: {printed(task.tests[test - 1].output, _SHOWN)}"])


def _counts(word: str) -> bool:
    """Whether it is a number from 1 on that some file may have so many tasks of."""
    return word.isdecimal() and len(word) < _DIGITS and int(word) > 0


def _at_home(name: str) -> Path:
    """The file; ``~`` at its beginning is a user's home.

    Raises:
        UserError: that user has none.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise UserError(f"{name}: {Path(name).parts[0]} is no user's home here; write the whole path") from None


def split_command(line: str) -> tuple[str, str]:
    """The command of a line, empty where there is none, and the rest."""
    stripped = line.strip()
    if not stripped.startswith(":"):
        return "", stripped
    command, _, rest = stripped.partition(" ")
    return command, rest.strip()


def drawn(tree: Tree) -> str:
    """A program as a tree of characters."""
    from nltk.tree import Tree as Drawing  # takes a moment to import
    from nltk.tree.prettyprinter import TreePrettyPrinter

    def node(part: Tree) -> Any:
        return Drawing(part.label, [node(child) for child in part.children])

    lines = str(TreePrettyPrinter(node(tree)).text()).splitlines()
    # Words of a sentence would hang under the leaves; here there are none, and the two lines for them go.
    return "\n".join([line.rstrip() for line in lines[:-2]])


def talk(session: Session, lines: Iterable[str]) -> None:
    """Prints an answer to each line; a mistake is pointed at and ends nothing."""
    for line in lines:
        if split_command(line)[0] in (":quit", ":q"):
            return
        if not line.strip():
            continue
        try:
            answer = session.answer(line)
        except KeyboardInterrupt:
            answer = "stopped"
        except UserError as error:
            answer = pointed(line, error)
        if answer:
            print(answer, flush=True)


def pointed(line: str, error: UserError) -> str:
    """A mistake in a line, with a mark below its column where that is known."""
    if not isinstance(error, ProgramError) or error.column is None:
        return f"error: {error}"
    code = split_command(line)[1]
    column = len(PROMPT) + line.index(code) + error.column - 1
    return f"{' ' * column}^\nerror: {str(error).partition(': ')[2]}"


def _lines() -> Iterator[str]:
    """What is typed, or what stands in a file or pipe; that is repeated, so that marks stand below their lines."""
    if not sys.stdin.isatty():
        for line in sys.stdin:
            print(PROMPT + line.rstrip("\n"))
            yield line.rstrip("\n")
        return
    print("AlgoLisp; :help tells what there is")
    with _history():
        while True:
            try:
                yield input(PROMPT)
            except EOFError:
                print()
                return
            except KeyboardInterrupt:  # takes the line back
                print()


@contextmanager
def _history() -> Iterator[None]:
    """Lets the lines be edited, with those of earlier sessions, where Python has what it takes."""
    try:
        import readline

        path = history_file()
    except (ImportError, RuntimeError):  # RuntimeError: the user has no home
        yield
        return
    with suppress(OSError):
        readline.read_history_file(path)
    readline.set_history_length(_HISTORY_LENGTH)
    try:
        yield
    finally:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(path)


def history_file() -> Path:
    """Where the lines of earlier sessions are kept.

    Raises:
        RuntimeError: the user has no home.
    """
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if state else Path.home() / ".local" / "state") / "saps" / "history"
