"""From templates to a program with its words: instances nested in each other, letters, phrases, statements.

An instance is drawn first (which templates stand in which slots), then spoken: letters are handed out in the order of
the slots, each instance takes one of its wordings, and a slot's words are those of what fills it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from string import ascii_lowercase

from saps.lang.trees import Tree
from saps.tasks.generator.inputs import Ranges
from saps.tasks.generator.templates import Library, Slot, Template, Wording
from saps.tasks.generator.wordings import Parts, Phrase, render


@dataclass(frozen=True, slots=True)
class Instance:
    """A template with other instances in some of its slots; a slot without one holds an argument."""

    template: Template
    fillers: dict[str, "Instance"] = field(default_factory=dict)

    def arguments(self) -> Iterator[Slot]:
        """The slots that hold an argument, over all instances, in the order of the text."""
        for slot in self.template.slots:
            if slot.name in self.fillers:
                yield from self.fillers[slot.name].arguments()
            else:
                yield slot


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of the program: its letter, its type, what its values are, and whether the text drops its name."""

    name: str
    type: str
    ranges: Ranges
    dropped: bool


@dataclass(frozen=True, slots=True)
class Composed:
    """A program and its words: what is done first (the statements), then what is asked for."""

    program: Tree
    arguments: tuple[Argument, ...]
    statements: tuple[tuple[str, ...], ...]
    phrase: Phrase


def draw_instance(library: Library, rng: Random, max_depth: int) -> Instance:
    """A root by weight and what stands in it, as ``draw_inside`` draws it."""
    return draw_inside(library.roots.pick(rng), library, rng, max_depth)


def draw_inside(template: Template, library: Library, rng: Random, max_depth: int) -> Instance:
    """A given root and further instances in slots drawn evenly, at most ``max_depth`` instances deep."""
    root = Instance(template)
    spaces = [(root, slot, 1) for slot in root.template.slots]
    for _ in range(library.instances.pick(rng) - 1):
        fitting = [i for i, (_, slot, depth) in enumerate(spaces) if depth < max_depth and slot.type in library.inner]
        if not fitting:
            break
        owner, slot, depth = spaces.pop(fitting[int(rng.random() * len(fitting))])
        inner = Instance(library.inner[slot.type].pick(rng))
        owner.fillers[slot.name] = inner
        spaces.extend((inner, inner_slot, depth + 1) for inner_slot in inner.template.slots)
    return root


def compose(instance: Instance, library: Library, rng: Random, letters: Sequence[str] = ascii_lowercase) -> Composed:
    """The program of an instance and its words; ``letters`` are handed out as names, the first ones first."""
    speaker = _Speaker(library, rng, _dropped_types(instance, library, rng), letters)
    wording = instance.template.wordings.pick(rng)
    program, phrase = speaker.say(instance, wording, ())
    return Composed(program, tuple(speaker.arguments), tuple(speaker.statements), phrase)


def _dropped_types(instance: Instance, library: Library, rng: Random) -> set[str]:
    """The types whose only argument loses its name; never two that would both be "the given array"."""
    counts = Counter(slot.type for slot in instance.arguments())
    dropped: set[str] = set()
    said: set[str] = set()
    for type_name, count in counts.items():
        given = library.sentences.nouns[type_name].given
        if count == 1 and given not in said and rng.random() < library.sentences.dropped:
            dropped.add(type_name)
            said.add(given)
    return dropped


@dataclass(slots=True)
class _Speaker:
    """What one walk over an instance gathers."""

    library: Library
    rng: Random
    dropped: set[str]
    letters: Sequence[str]
    taken: set[str] = field(default_factory=set)
    arguments: list[Argument] = field(default_factory=list)
    statements: list[tuple[str, ...]] = field(default_factory=list)

    def say(self, instance: Instance, wording: Wording, modes: tuple[str, ...]) -> tuple[Tree, Phrase]:
        """The program of an instance and its phrase; statements and arguments are added on the way."""
        template = instance.template
        own = _own_letters(template, wording, self.letters, self.taken)
        programs: dict[str, Tree] = {}
        phrases: dict[str, Phrase] = {}
        for slot in template.slots:
            inside = (*modes, slot.mode) if slot.mode else modes
            inner = instance.fillers.get(slot.name)
            if inner is None:
                programs[slot.name], phrases[slot.name] = self._argument(slot, own[slot.name], inside)
            else:
                inner_wording = inner.template.inner_wordings.pick(self.rng)
                programs[slot.name], phrases[slot.name] = self.say(inner, inner_wording, inside)
        for name in template.letters:
            if name in own:
                phrases[name] = Phrase((self._letter(own[name]),), "bare")
        return template.program.substitute(programs), self._phrase(wording, phrases)

    def _phrase(self, wording: Wording, phrases: Mapping[str, Phrase]) -> Phrase:
        chosen: dict[str, Parts] = {}
        for statement in wording.statements:
            self.statements.append(tuple(render(statement, phrases, self.rng, chosen)))
        if wording.same_as:
            return phrases[wording.same_as]
        return Phrase(tuple(render(wording.phrase, phrases, self.rng, chosen)), wording.form)

    def _argument(self, slot: Slot, wish: str, modes: tuple[str, ...]) -> tuple[Tree, Phrase]:
        name = self._letter(wish)
        dropped = slot.type in self.dropped
        self.arguments.append(Argument(name, slot.type, self.library.modes.ranges(modes), dropped))
        words = self.library.sentences.nouns[slot.type].given.split() if dropped else (name,)
        return Tree(name), Phrase(tuple(words), "bare")

    def _letter(self, wish: str) -> str:
        """The wished letter, or the next free one where an instance in between took it."""
        name = wish if wish not in self.taken else next(x for x in self.letters if x not in self.taken)
        self.taken.add(name)
        return name


def _own_letters(template: Template, wording: Wording, letters: Sequence[str], taken: set[str]) -> dict[str, str]:
    """The letters that an instance would like: the first by its slots and names; others for those that are taken."""
    names = [slot.name for slot in template.slots]
    names += [name for name in template.letters if name in wording.names]
    wished = dict(zip(names, letters, strict=False))
    free = iter([letter for letter in letters[len(names) :] if letter not in taken])
    return {name: next(free) if letter in taken else letter for name, letter in wished.items()}
