"""From templates to a program with its words: instances nested in each other, letters, phrases, statements.

An instance is drawn first (which templates stand in which slots), then spoken: each instance takes one of its wordings,
letters are handed out from the inside out, and a slot's words are those of what fills it.
"""

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from string import ascii_lowercase

from saps.generator.inputs import Ranges
from saps.generator.templates import Library, Slot, Template, Weighted, Wording
from saps.generator.wordings import PLURAL_LINKS, Parts, Phrase, render
from saps.lang.trees import Tree

NESTED = 1.7  # a slot of a nested instance is filled so much rather than one of the root, as in the published data
WORDING_DRAWS = 20  # tries for a wording that goes with the form of what fills a slot


@dataclass(frozen=True, slots=True)
class Instance:
    """A template with other instances in some of its slots; a slot without one holds an argument."""

    template: Template
    fillers: dict[str, "Instance"] = field(default_factory=dict)

    def size(self) -> int:
        """How many instances it is, with those within."""
        return 1 + sum(inner.size() for inner in self.fillers.values())

    def arguments(self) -> Iterator[Slot]:
        """The slots that hold an argument, over all instances, in the order of the text."""
        for slot in self.template.slots:
            if slot.name in self.fillers:
                yield from self.fillers[slot.name].arguments()
            else:
                yield slot

    def modes(self) -> Iterator[str]:
        """The input modes of all its slots and of those within."""
        for slot in self.template.slots:
            yield slot.mode
        for inner in self.fillers.values():
            yield from inner.modes()


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
    """A given root and further instances in slots, at most ``max_depth`` instances deep.

    Slots of nested instances are drawn ``NESTED`` times as often as those of the root. One that is drawn is filled in
    the share of its type, ``Library.filled``; else the program has an instance less.
    """
    root = Instance(template)
    spaces = [(root, slot, 1) for slot in root.template.slots if slot.is_open]
    for _ in range(library.instances.pick(rng) - 1):
        fitting = [i for i, (_, slot, depth) in enumerate(spaces) if depth < max_depth and slot.type in library.inner]
        if not fitting:
            break
        totals = list(accumulate(1.0 if spaces[i][2] == 1 else NESTED for i in fitting))
        drawn = fitting[bisect(totals, rng.random() * totals[-1])]
        owner, slot, depth = spaces[drawn]
        if rng.random() >= library.filled[slot.type]:
            continue
        del spaces[drawn]
        inner = Instance(library.inner[slot.type].pick(rng))
        owner.fillers[slot.name] = inner
        spaces.extend((inner, inner_slot, depth + 1) for inner_slot in inner.template.slots if inner_slot.is_open)
    return root


def compose(instance: Instance, library: Library, rng: Random, letters: Sequence[str] = ascii_lowercase) -> Composed:
    """The program of an instance and its words; ``letters`` are handed out as names, the first ones first."""
    spoken = _choose(instance, instance.template.wordings, rng, letters)
    types = Counter(slot.type for slot in instance.arguments())
    dropped = {kind for kind, count in types.items() if count == 1 and rng.random() < library.sentences.dropped}
    signed = any(map(library.modes.has_both_signs, instance.modes()))
    speaker = _Speaker(library, rng, dropped, library.modes.signed_ranges if signed else library.modes.ranges)
    program, phrase = speaker.say(spoken, ())
    return Composed(program, tuple(speaker.arguments), tuple(speaker.statements), phrase)


@dataclass(slots=True)
class _Name:
    """The letter of an argument or of what a wording introduces; it changes until the whole program has its letters."""

    letter: str


@dataclass(slots=True)
class _Spoken:
    """An instance with the wording chosen for it and the names in it."""

    instance: Instance
    wording: Wording
    inner: dict[str, "_Spoken"]
    own: dict[str, _Name] = field(default_factory=dict)
    """by slot or by name of the template"""
    names: list[_Name] = field(default_factory=list)
    """its own and those within, in the order of the slots"""

    @property
    def form(self) -> str:
        """The form that the phrase will have."""
        same = self.wording.same_as
        if same in self.inner:
            return self.inner[same].form
        return "bare" if same and same not in self.instance.template.letters else self.wording.form


def _choose(instance: Instance, wordings: Weighted[Wording], rng: Random, letters: Sequence[str]) -> _Spoken:
    """A wording for each instance, and letters from the inside out: the first ones by slots and introduced names.

    What fills a slot comes with letters of its own; those that the slots before it took give way to free ones.
    """
    template = instance.template
    inner = {
        name: _choose(filler, filler.template.inner_wordings, rng, letters) for name, filler in instance.fillers.items()
    }
    spoken = _Spoken(instance, _fitting(wordings, inner, rng), inner)
    taken: set[str] = set()
    names = [slot.name for slot in template.slots] + [name for name in template.letters if name in spoken.wording.names]
    for name, wish in zip(names, letters, strict=False):
        if name not in inner:
            spoken.own[name] = _Name(wish)
        group = inner[name].names if name in inner else [spoken.own[name]]
        _give_way(group, taken, letters)
        spoken.names += group
    return spoken


def _fitting(wordings: Weighted[Wording], inner: Mapping[str, _Spoken], rng: Random) -> Wording:
    """One of the wordings that go with what fills the slots, or any where too few do."""
    wording = wordings.pick(rng)
    for _ in range(WORDING_DRAWS):
        if _fits(wording, inner):
            break
        wording = wordings.pick(rng)
    return wording


def _fits(wording: Wording, inner: Mapping[str, _Spoken]) -> bool:
    """Whether slots hold arguments, or words for one thing such as an array and not its squares, where they must."""
    several = any(name in inner and inner[name].form in PLURAL_LINKS for name in wording.single)
    return not several and wording.arguments.isdisjoint(inner)


def _give_way(group: list[_Name], taken: set[str], letters: Sequence[str]) -> None:
    """Other letters for those of the group that are taken, none that the group has already."""
    kept = {name.letter for name in group}
    for name in group:
        if name.letter in taken:
            name.letter = next(letter for letter in letters if letter not in taken and letter not in kept)
        taken.add(name.letter)


@dataclass(slots=True)
class _Speaker:
    """What one walk over an instance gathers."""

    library: Library
    rng: Random
    dropped: set[str]
    ranges: Callable[[tuple[str, ...]], Ranges]
    """of an argument below slots with these modes"""
    arguments: list[Argument] = field(default_factory=list)
    statements: list[tuple[str, ...]] = field(default_factory=list)

    def say(self, spoken: _Spoken, modes: tuple[str, ...]) -> tuple[Tree, Phrase]:
        """The program of an instance and its phrase; statements and arguments are added on the way."""
        template = spoken.instance.template
        programs: dict[str, Tree] = {}
        phrases: dict[str, Phrase] = {}
        for slot in template.slots:
            inside = (*modes, slot.mode) if slot.mode else modes
            if slot.name in spoken.inner:
                programs[slot.name], phrases[slot.name] = self.say(spoken.inner[slot.name], inside)
            else:
                programs[slot.name], phrases[slot.name] = self._argument(slot, spoken.own[slot.name].letter, inside)
        for name in template.letters:
            if name in spoken.own:
                phrases[name] = Phrase((spoken.own[name].letter,), spoken.wording.form)
        return template.program.substitute(programs), self._phrase(spoken.wording, phrases)

    def _phrase(self, wording: Wording, phrases: Mapping[str, Phrase]) -> Phrase:
        chosen: dict[str, Parts] = {}
        for statement in wording.statements:
            self.statements.append(tuple(render(statement, phrases, self.rng, chosen)))
        if wording.same_as:
            return phrases[wording.same_as]
        return Phrase(tuple(render(wording.phrase, phrases, self.rng, chosen)), wording.form)

    def _argument(self, slot: Slot, name: str, modes: tuple[str, ...]) -> tuple[Tree, Phrase]:
        dropped = slot.type in self.dropped
        self.arguments.append(Argument(name, slot.type, self.ranges(modes), dropped))
        words = self.library.sentences.nouns[slot.type].given.split() if dropped else (name,)
        return Tree(name), Phrase(tuple(words), "bare")
