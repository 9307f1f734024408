"""The record of one task: words, program, types and tests."""

from collections.abc import Mapping
from dataclasses import dataclass

from saps.lang.example import Example
from saps.lang.trees import Tree

SHOWN_TESTS = 3  # a system that searches with examples sees these; the others decide (NPS, 2018)


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
    tests: tuple[Example, ...]
    template: str = ""
    clean_text: tuple[str, ...] = ()
