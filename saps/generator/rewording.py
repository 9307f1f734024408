"""A task said in other words: its program taken apart into templates, and these spoken anew."""

from collections.abc import Mapping, Sequence
from random import Random
from string import ascii_lowercase

from saps.generator.composition import Composed, Instance, compose
from saps.generator.parser.derivations import Derivation
from saps.generator.parser.program_parser import ProgramParser
from saps.generator.plain.composition import PlainComposed, compose_plain
from saps.generator.plain.speech import PlainLibrary
from saps.generator.sentences import sentence
from saps.generator.templates import Library
from saps.lang.trees import Tree
from saps.tasks.canonical import renamed_task
from saps.tasks.task import Task

DRAWS = 20  # tries for words that differ from the task's own


class Reworder:
    """Says tasks in the words of one register."""

    def __init__(self, library: Library) -> None:
        """``library``: the templates of the register, published or plain."""
        self._library = library
        self._parser = ProgramParser(library)

    def reword(self, task: Task, rng: Random) -> Task | None:
        """The same task in other words, its arguments named as these words name them; programs and tests follow.

        None where no templates of the register compose to the program, or they have no other words for it.
        """
        derivations = self._parser.derivations(task.program, task.args, task.return_type, limit=1)
        if not derivations:
            return None
        for _ in range(DRAWS):
            words, composed = self._said(derivations[0], rng)
            found = _with_names(task, words, composed)
            if found is not None and words != task.text:
                return found
        return None

    def _said(self, derivation: Derivation, rng: Random) -> tuple[tuple[str, ...], Composed]:
        if isinstance(self._library, PlainLibrary):
            plain: PlainComposed = compose_plain(_instance(derivation), self._library, rng)
            return plain.text, plain
        composed = compose(_instance(derivation), self._library, rng, ascii_lowercase)
        return sentence(composed, self._library, rng), composed


def _instance(derivation: Derivation) -> Instance:
    slots = zip(derivation.template.slots, derivation.fillers, strict=True)
    fillers = {slot.name: _instance(filler) for slot, filler in slots if isinstance(filler, Derivation)}
    return Instance(derivation.template, fillers)


def _with_names(task: Task, words: Sequence[str], composed: Composed) -> Task | None:
    """The task with the words and the names of a composition; None where that has another program.

    It has one where an argument stands twice, or where plain words put a number in the place of an argument.
    """
    names = _matched(task.program, composed.program, task.args)
    if names is None or len(composed.arguments) != len(task.args):
        return None
    reworded = renamed_task(task, names, words)
    return reworded if reworded.program == composed.program else None


def _matched(program: Tree, other: Tree, args: Mapping[str, str]) -> dict[str, str] | None:
    """What the other program calls each argument; None where the two have not the same shape."""
    names: dict[str, str] = {}
    pairs = zip(program.preorder(), other.preorder(), strict=False)
    for node, there in pairs:
        if len(node.children) != len(there.children):
            return None
        if node.label in args and not node.children and names.setdefault(node.label, there.label) != there.label:
            return None
    return names if len(names) == len(args) == len(set(names.values())) else None
