"""Arguments called by their place: the first is ``a``, the second ``b``, whatever a sentence calls them.

Their order is that in which the sentence declares them, since the published data list them in no order.

A system that reads and writes so learns once what it would otherwise learn for each name, and takes any name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from string import ascii_lowercase

from saps.errors import UserError
from saps.lang.example import Example
from saps.lang.trees import Tree
from saps.tasks.phrases import split_text
from saps.tasks.task import Task

CANONICAL = tuple(ascii_lowercase[:12])
"""The names by place; no task of the published data has as many arguments."""

MARKS = tuple(f"<{name}>" for name in CANONICAL)
"""What stands in a text for the name of an argument."""

_MAYBE = tuple(f"={mark}" for mark in MARKS)  # after a word that is the name of an argument, or just the word
_ARTICLES = tuple(f"a{mark}" for mark in _MAYBE)

CANONICAL_ALPHABET = (*MARKS, *_MAYBE, *_ARTICLES)

_WORDS = """
a amount amounts array arrays base character characters count data day days difference digit digits divisor element
elements end factor first height heights high i index integer integers item items left length letter letters limit
list lists low lower max min month name names number numbers other part place position power prefix price prices
product radius rate result right rotation rows s scores second sentence sequence set side size start step string
strings suffix sum target text texts times tuple upper value values weight weights width word words year
"""

WORDS_TOO = frozenset(_WORDS.split())
"""Names of arguments that are words of a sentence as well: "the number of digits in number"."""


def in_order(text: Sequence[str], arguments: Mapping[str, str]) -> tuple[str, ...]:
    """The names of arguments in the order in which a text declares them; those that it does not, as they are given.

    An unnamed declaration, "a string", is that of the next argument of its type that the text does not name.

    Args:
        text: the words of the sentence.
        arguments: name -> type as written.
    """
    declared = split_text(text).groups
    named = {name for group in declared for name in group.names}
    unnamed = [name for name in arguments if name not in named]
    order: list[str] = []
    for group in declared:
        if group.names:
            order += group.names
        elif found := next((name for name in unnamed if arguments[name] == group.kind and name not in order), None):
            order.append(found)
    known = [name for name in dict.fromkeys(order) if name in arguments]
    return (*known, *(name for name in arguments if name not in known))


def canonical_names(arguments: Iterable[str]) -> dict[str, str]:
    """The names of arguments in order -> their canonical ones.

    Raises:
        UserError: there are more than ``CANONICAL`` has.
    """
    names = tuple(arguments)
    if len(names) > len(CANONICAL):
        raise UserError(f"{len(names)} arguments; this model reads at most {len(CANONICAL)}")
    return dict(zip(names, CANONICAL, strict=False))


def canonical_text(text: Sequence[str], arguments: Iterable[str]) -> tuple[str, ...]:
    """A text with ``MARKS`` in the place of names: ``the sum of nums`` -> ``the sum of <a>``.

    Where a name is a word too, the mark only stands after it (``number =<a>``); the article and a name ``a`` are one
    token, ``a=<a>``. In ``kth`` with an argument ``k`` the name is found as well.
    """
    marks = {name.lower(): f"<{canonical}>" for name, canonical in canonical_names(arguments).items()}
    return tuple(token for word in text for token in _marked(word, marks))


def _marked(word: str, marks: Mapping[str, str]) -> tuple[str, ...]:
    mark = marks.get(word)
    if mark is None:
        letter = word[:-2]
        return (marks[letter], "th") if len(letter) == 1 and word[1:] == "th" and letter in marks else (word,)
    if word == "a":
        return (f"a={mark}",)
    return (word, f"={mark}") if word in WORDS_TOO else (mark,)


def canonical_program(program: Tree, text: Sequence[str], arguments: Mapping[str, str]) -> Tree:
    """A program that calls its arguments by their canonical names.

    Args:
        program: with the arguments' own names.
        text: the words of the sentence that it belongs to.
        arguments: name -> type as written.

    Raises:
        UserError: there are more arguments than ``CANONICAL`` has.
    """
    return renamed(program, canonical_names(in_order(text, arguments)))


def spelled_names(arguments: Iterable[str]) -> dict[str, str]:
    """What each canonical name stands for in a program for these arguments; one beyond them is nobody's name."""
    own = tuple(arguments)
    beyond = {name: f"undeclared-{name}" for name in CANONICAL[len(own) :]}
    return dict(zip(CANONICAL, own, strict=False)) | beyond


def renamed_task(task: Task, names: Mapping[str, str], text: Sequence[str]) -> Task:
    """A task whose arguments are called otherwise, in program, declarations and tests; ``text`` says it so."""
    tests = tuple(
        Example({names[name]: value for name, value in test.input.items()}, test.output) for test in task.tests
    )
    args = {names[name]: kind for name, kind in task.args.items()}
    return replace(task, text=tuple(text), program=renamed(task.program, names), args=args, tests=tests, clean_text=())


def renamed(program: Tree, names: Mapping[str, str]) -> Tree:
    """A program with other names in the place of some of its atoms."""
    return program.substitute({old: Tree(new) for old, new in names.items()})
