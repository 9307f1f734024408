"""How much of a file of tasks the templates can derive, and what stands in the way."""

from collections import Counter
from dataclasses import dataclass, field

from saps.generator.parser import ParsedText, ProgramParser, TextParser, missing_parts
from saps.generator.realism.coverage import Inventory, Missing
from saps.generator.templates import Library
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree
from saps.tasks.task import Task

_BEFORE, _AFTER = 3, 2  # words shown on both sides of the place where the reading of a text ends


@dataclass(frozen=True, slots=True)
class Derivability:
    """What the templates derive; the numbers are of tasks."""

    tasks: int
    programs: int
    """programs that templates compose to"""
    texts: int
    """texts that wordings compose to, the right program being among the parses"""
    best: int
    """texts whose best parse is the right program: exact match of the parser that needs no learning"""
    ambiguous: int
    """texts with more than one parse"""
    missing_parts: tuple[Missing, ...]
    """sub-trees of programs for which there is no template, most frequent first"""
    unread: tuple[Missing, ...]
    """where the reading of texts ends: words read <> words not understood"""
    misread: tuple[Missing, ...]
    """texts that have parses, but none with the right program, by root"""


@dataclass(slots=True)
class DerivabilityTally:
    """Reads tasks one by one."""

    library: Library
    counts: Counter[str] = field(default_factory=Counter)
    _parts: Inventory[str] = field(default_factory=Inventory)
    _unread: Inventory[str] = field(default_factory=Inventory)
    _misread: Inventory[str] = field(default_factory=Inventory)
    _known: dict[tuple[Tree, tuple[tuple[str, str], ...]], tuple[Tree, ...]] = field(default_factory=dict)
    _programs: ProgramParser = field(init=False)
    _texts: TextParser = field(init=False)

    def __post_init__(self) -> None:
        self._programs = ProgramParser(self.library)
        self._texts = TextParser(self.library)

    def add(self, task: Task) -> None:
        """Reads the program and the text of a task."""
        self.counts["tasks"] += 1
        parts = self._missing_parts(task)
        self.counts["programs"] += not parts
        self._parts.add(map(to_lisp, parts), task.text)
        parsed = self._texts.parse(task.text, task.args)
        programs = [found.program for found in parsed.parses]
        self.counts["best"] += parsed.best() == task.program
        self.counts["ambiguous"] += len(programs) > 1
        if task.program in programs:
            self.counts["texts"] += 1
        elif programs:
            self._misread.add([f"{task.template or '(unknown)'} read as {to_lisp(programs[0])}"], task.text)
        else:
            self._unread.add([stop(parsed)], task.text)

    def _missing_parts(self, task: Task) -> tuple[Tree, ...]:
        key = (task.program, tuple(task.args.items()))
        if key not in self._known:
            self._known[key] = missing_parts(self._programs, task.program, task.args, task.return_type)
        return self._known[key]

    def figures(self, most: int) -> Derivability:
        """The figures so far, with at most so many entries in each list."""
        counts = self.counts
        return Derivability(
            tasks=counts["tasks"],
            programs=counts["programs"],
            texts=counts["texts"],
            best=counts["best"],
            ambiguous=counts["ambiguous"],
            missing_parts=self._parts.coverage(str, most).missing,
            unread=self._unread.coverage(str, most).missing,
            misread=self._misread.coverage(str, most).missing,
        )


def stop(parsed: ParsedText) -> str:
    """Where the reading of a text ends: ``words read <> words not understood``."""
    at = parsed.furthest
    read, rest = parsed.words[max(0, at - _BEFORE) : at], parsed.words[at : at + _AFTER]
    return " ".join((*read, "<>", *(rest or ("(the end)",))))
