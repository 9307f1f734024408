"""The record of one task: words, program, types and tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from saps.lang.trees import Tree

SHOWN_TESTS = 3  # a system that searches with examples sees these; the others decide (NPS, 2018)


@dataclass(frozen=True, slots=True)
class Test:
    """One run of the program: inputs by name and the output expected of them."""

    __test__ = False  # not a class of tests, whatever pytest thinks of its name
    input: Mapping[str, Any]
    output: Any


@dataclass(frozen=True, slots=True)
class Task:
    """A sentence and the program that it asks for.

    Field by field the published AlgoLisp record: ``text`` tokens, ``program`` (``short_tree`` in the file), ``args``
    in the order of the file (name -> type as written, such as ``int[]``), ``return_type``, ``tests``, and ``template``,
    the name of the template at the root (``nodes`` in the file; empty where unknown). ``clean_text`` is not in the
    published data: the words before they were disturbed, empty where they were not.
    """

    text: tuple[str, ...]
    program: Tree
    args: Mapping[str, str]
    return_type: str
    tests: tuple[Test, ...]
    template: str = ""
    clean_text: tuple[str, ...] = ()
