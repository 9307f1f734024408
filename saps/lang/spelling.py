"""The three spellings of a program, parsed and printed; printing is the inverse of parsing.

========== =========================
JSON tree  ``["reduce","a","0","+"]``
Lisp       ``(reduce a 0 +)``
comma form ``(reduce, a, 0, +)``
========== =========================

Size and depth are looked at before anything recursive starts, so no text can overflow the stack.
"""

import json
import re
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from saps.lang.errors import ProgramError, quoted
from saps.lang.primitives import PRIMITIVES
from saps.lang.trees import Tree
from saps.resources import resource

MAX_DEPTH = 200  # levels of a tree; the deepest program of the data set has 19
MAX_NODES = 10_000  # nodes of a tree; the largest program of the data set has 177
MAX_CHARACTERS = 200_000  # of a program's text, about twenty a node
MAX_ATOM = 100  # characters of an atom

_LABEL = re.compile(r'[^\s()\[\],"\x00-\x1f\x7f-\x9f\ud800-\udfff]+|"[^"\x00-\x1f\x7f-\x9f\ud800-\udfff]*"')
_SCAN = {
    "bracketed": re.compile(r'"[^"\n]*"|[()\[\]"]'),
    "json": re.compile(r'"(?:\\.|[^"\\])*"|[()\[\]"]', re.DOTALL),
}
_CLOSING = {"(": ")", "[": "]"}
Short = str | list[Any]
"""A program as JSON data: an atom, or a list of the head and its arguments."""


def parse(code: str) -> Tree:
    """The tree of a program in any of the three spellings.

    A lone text in quotes is a string literal if it is one of the language's (``"z"``), else an atom in JSON.

    Raises:
        ProgramError: the text is no program, or too large or deep; with the column and what to do.
    """
    if len(code) > MAX_CHARACTERS:
        raise ProgramError(f"a program of {len(code):,} characters; at most {MAX_CHARACTERS:,} are allowed")
    stripped = code.strip()
    if not stripped:
        raise ProgramError("the program is empty; write one such as (reduce a 0 +)")
    in_json = stripped[0] == "[" or (stripped[0] == '"' and stripped not in PRIMITIVES)
    start = "json" if in_json else "bracketed"
    _check_brackets(code, start)
    try:
        tree = _parser().parse(code, start=start)
    except UnexpectedInput as error:
        raise _syntax_error(code, start, error) from None
    assert isinstance(tree, Tree)
    checked_depth(tree)
    return tree


def to_lisp(tree: Tree) -> str:
    """The Lisp spelling: ``(reduce a 0 +)``."""
    return _to_brackets(tree, " ")


def to_comma(tree: Tree) -> str:
    """The comma form: ``(reduce, a, 0, +)``."""
    return _to_brackets(tree, ", ")


def to_json(tree: Tree) -> str:
    """The JSON tree without white space, as the published data sets write it: ``["reduce","a","0","+"]``."""
    text = json.dumps(to_short(tree), separators=(",", ":"), ensure_ascii=True)
    # The only clash: the name z alone would read as the literal "z", so its letter is written as an escape.
    return f'"\\u{ord(text[1]):04x}{text[2:]}' if not tree.children and text in PRIMITIVES else text


def to_short(tree: Tree) -> Short:
    """The tree as nested lists of strings, ready for ``json.dump``."""
    if not tree.children:
        return tree.label
    return [tree.label, *map(to_short, tree.children)]


def from_short(short: object) -> Tree:
    """The tree of nested lists of strings, as ``short_tree`` of a record holds it.

    Raises:
        ProgramError: something in it is no atom and no call, or it is too large or deep.
    """
    return _Builder().build(short, 1)


class _Builder:
    """Builds one tree out of nested lists and counts its nodes."""

    def __init__(self) -> None:
        self._nodes = 0

    def build(self, short: object, depth: int) -> Tree:
        """The tree of a part that stands at a depth."""
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise _too_large(f"{MAX_DEPTH} levels" if depth > MAX_DEPTH else f"{MAX_NODES:,} nodes")
        if isinstance(short, str):
            return Tree(checked_label(short))
        if not isinstance(short, list):
            raise ProgramError(f"a program is made of strings and lists, found {quoted(repr(short)[:60])}")
        if len(short) < 2 or not isinstance(short[0], str):
            raise ProgramError(f"a call is a list of a name and at least one argument, found {_brief(short)}")
        return Tree(checked_label(short[0]), tuple([self.build(child, depth + 1) for child in short[1:]]))


def checked_depth(tree: Tree) -> int:
    """The depth of a tree, which may have been made by hand and be larger than parsers allow.

    Raises:
        ProgramError: it has more levels or nodes than are allowed; the walk ends there.
    """
    depth, nodes, level = 0, 0, [tree]
    while level:
        depth, nodes = depth + 1, nodes + len(level)
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise _too_large(f"{MAX_DEPTH} levels" if depth > MAX_DEPTH else f"{MAX_NODES:,} nodes")
        level = [child for node in level for child in node.children]
    return depth


@lru_cache(maxsize=4096)
def checked_label(label: str) -> str:
    """The label itself, if it can be an atom or head in every spelling.

    Raises:
        ProgramError: it is empty or too long, or holds blanks, brackets, commas, stray quotes or control characters.
    """
    if len(label) > MAX_ATOM:
        raise ProgramError(f"an atom of {len(label):,} characters, {quoted(label)}; at most {MAX_ATOM} are allowed")
    if not _LABEL.fullmatch(label):
        raise ProgramError(f"{quoted(label)} is no atom; use letters, digits and signs, or a literal in double quotes")
    return label


def _too_large(limit: str) -> ProgramError:
    return ProgramError(f"the program has more than {limit}, which is the most allowed")


def _brief(short: list[object]) -> str:
    """A list for a message, without walking into it: it may be deep."""
    return f"a list of {len(short)}" if short else "an empty list"


def _to_brackets(tree: Tree, separator: str) -> str:
    if not tree.children:
        return tree.label
    parts = [tree.label, *[_to_brackets(child, separator) for child in tree.children]]
    return f"({separator.join(parts)})"


def _check_brackets(code: str, start: str) -> None:
    """Looks at brackets, quotes and depth, with a list for a stack."""
    opened: list[tuple[str, int]] = []
    for match in _SCAN[start].finditer(code):
        mark, column = match[0], match.start() + 1
        if mark in _CLOSING:
            opened.append((mark, column))
            if len(opened) >= MAX_DEPTH:
                raise ProgramError(f"nested deeper than {MAX_DEPTH} levels, which is the most allowed", column)
        elif mark == '"':
            raise ProgramError('the quote opened here is never closed; add a "', column)
        elif mark in ")]":
            _close(opened, mark, column)
    if opened:
        mark, column = opened[-1]
        raise ProgramError(
            f"the {mark!r} opened at column {column} is never closed; add {_CLOSING[mark]!r}", len(code) + 1
        )


def _depth(prefix: str, start: str) -> int:
    """How many brackets are open at the end of a well-bracketed text's prefix."""
    marks = [match[0] for match in _SCAN[start].finditer(prefix)]
    return sum(mark in _CLOSING for mark in marks) - sum(mark in ")]" for mark in marks)


def _close(opened: list[tuple[str, int]], mark: str, column: int) -> None:
    if not opened:
        raise ProgramError(f"{mark!r} closes nothing; remove it", column)
    opening, where = opened.pop()
    if _CLOSING[opening] != mark:
        raise ProgramError(
            f"{mark!r} does not close the {opening!r} of column {where}; write {_CLOSING[opening]!r}", column
        )


class _ToTree(Transformer[Token, Tree]):
    """Builds the tree while the parser runs, so that nothing recursive happens afterwards."""

    def atom(self, children: list[Token]) -> Tree:
        """An atom in brackets or alone."""
        return Tree(_label(children[0], str(children[0])))

    def call(self, children: list[Any]) -> Tree:
        """A head and its arguments."""
        return Tree(_label(children[0], str(children[0])), tuple(children[1:]))

    def json_atom(self, children: list[Token]) -> Tree:
        """An atom as a JSON string."""
        return Tree(_label(children[0], _json_string(children[0])))

    def json_call(self, children: list[Any]) -> Tree:
        """A head and its arguments as a JSON list."""
        return Tree(_label(children[0], _json_string(children[0])), tuple(children[1:]))


class _BadAtom(UnexpectedInput):
    """Carries a bad atom out of the parser, with its place."""

    def __init__(self, token: Token, message: str) -> None:
        super().__init__(message)
        self.offset = token.start_pos or 0
        self.message = message


def _label(token: Token, label: str) -> str:
    try:
        return checked_label(label)
    except ProgramError as error:
        raise _BadAtom(token, str(error)) from None


def _json_string(token: Token) -> str:
    try:
        return str(json.loads(str(token)))
    except ValueError:
        raise _BadAtom(token, f"{quoted(str(token))} is no JSON string; mend what follows the backslash") from None


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(
        resource("grammar/algolisp.lark").read_text(encoding="utf-8"),
        parser="lalr",
        start=["bracketed", "json"],
        transformer=_ToTree(),
    )


def _syntax_error(code: str, start: str, error: UnexpectedInput) -> ProgramError:
    if isinstance(error, _BadAtom):
        return ProgramError(error.message, error.offset + 1)
    column = (error.pos_in_stream or 0) + 1
    if isinstance(error, UnexpectedCharacters):
        atom = 'an atom in double quotes, such as "a"' if start == "json" else "an atom or a bracket"
        return ProgramError(f"{quoted(code[error.pos_in_stream or 0])} cannot stand here; write {atom}", column)
    if not isinstance(error, UnexpectedToken) or error.token.type == "$END":
        return ProgramError("the program ends too early", len(code) + 1)
    found = quoted(str(error.token))
    if error.token.type in ("RPAR", "RSQB"):
        return ProgramError(f"an argument is missing before {found}; a call has a name and at least one", column)
    if code[: column - 1].strip() and not _depth(code[: column - 1], start):
        return ProgramError(f"the program is complete before {found}; put one call around all of it", column)
    return ProgramError(f"{found} cannot stand here; {_mend(start)}", column)


def _mend(start: str) -> str:
    if start == "json":
        return 'a call is written ["head","argument"], with a comma between'
    return "a call is written (head argument) or, with a comma between any two parts, (head, argument)"
