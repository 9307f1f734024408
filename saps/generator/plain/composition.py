"""One task of the plain register: a program, the names of its arguments, and its sentence."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from saps.generator.composition import Argument, Composed, Instance
from saps.generator.plain.naming import names_for
from saps.generator.plain.speaking import PlainSpeaker, noun_of, tidied
from saps.generator.plain.speech import (
    ACTION,
    ARGUMENTS,
    FIRST,
    IT,
    SECOND,
    Constant,
    PlainLibrary,
    PlainTemplate,
    PlainWording,
)
from saps.generator.plain.utterance import Entity, Utterance
from saps.generator.templates import Weighted, Wording
from saps.generator.wordings import Parts, Phrase
from saps.lang.trees import Tree

WORDING_DRAWS = 30  # tries for a wording that goes with what stands in the slots
STYLES = 3  # arguments of one type are told apart without names up to so many, less one


@dataclass(frozen=True, slots=True)
class PlainComposed(Composed):
    """A program with its whole sentence; statements and phrase are those of the published register."""

    text: tuple[str, ...]


def compose_plain(
    instance: Instance, library: PlainLibrary, rng: Random, names: Sequence[str] | None = None
) -> PlainComposed:
    """The program of an instance and a sentence for it.

    Args:
        instance: which templates stand in which slots.
        library: the plain templates.
        rng: where all choices come from.
        names: of the arguments in the order of the slots, for another text of the same program.
    """
    root = _Root(instance, library, rng)
    spoken = root.choose()
    entities = root.entities(spoken, names)
    text = tidied(root.sentence(spoken, entities))
    if names is None:
        _rename_unsaid(entities, text, library, rng)
    return PlainComposed(_program(spoken), _arguments(instance, library, spoken), (), Phrase((), "question"), text)


class _Root:
    """The choices for one task."""

    def __init__(self, instance: Instance, library: PlainLibrary, rng: Random) -> None:
        self.instance, self.library, self.rng, self.speech = instance, library, rng, library.speech
        arguments = list(instance.arguments())
        self.free = len(arguments) - 1  # slots that may hold a number: one argument at least is left
        self.replaced = _replaceable(instance)
        if self.replaced and rng.random() >= self.speech.shares["sequences"]:
            self.replaced = ""

    def choose(self) -> Utterance:
        """A wording for each instance, and numbers in some of the slots."""
        return self._choose(self.instance, self.instance.template.wordings, self.replaced)

    def _choose(self, instance: Instance, wordings: Weighted[Wording], replaced: str = "") -> Utterance:
        template = instance.template
        assert isinstance(template, PlainTemplate)
        constants = {}
        for slot in template.slots:
            is_free = slot.name in template.constants and slot.name not in instance.fillers and self.free
            if is_free and self.rng.random() < self.speech.shares["constants"]:
                constants[slot.name] = self.speech.constants.pick(self.rng)
                self.free -= 1
        inner = {}
        for name, filler in instance.fillers.items():
            below = filler.template
            assert isinstance(below, PlainTemplate)
            inner[name] = self._choose(filler, below.actions if name == replaced else below.inner_wordings)
        wording = self._fitting(wordings, inner, constants, replaced)
        if not _fits(wording, inner, constants) and constants:
            constants = {}
        return Utterance(template, wording, inner, constants, {}, {}, replaced)

    def _fitting(
        self,
        wordings: Weighted[Wording],
        inner: Mapping[str, Utterance],
        constants: Mapping[str, Constant],
        replaced: str,
    ) -> PlainWording:
        wording = wordings.pick(self.rng)
        for _ in range(WORDING_DRAWS):
            assert isinstance(wording, PlainWording)
            if _fits(wording, inner, constants) and not (replaced and wording.form in ("question", "clause")):
                break
            wording = wordings.pick(self.rng)
        assert isinstance(wording, PlainWording)
        return wording

    def entities(self, spoken: Utterance, names: Sequence[str] | None) -> list[Entity]:
        """The arguments of a task in the order of the slots, as they will be spoken of."""
        found = list(_slots(spoken))
        shares, draw = self.speech.shares, self.rng.random
        of_type = Counter(slot_type for _, _, slot_type in found)
        separate = Counter(
            kind for owner, name, kind in found if name not in owner.wording.joint | owner.wording.silent
        )
        silent = any(owner.wording.silent for owner, _, _ in found)
        named = draw() < shares["named"] * (0.35 if silent else 1.0)
        if not silent and any(count >= STYLES for count in separate.values()):
            named = True
        nouned = draw() < shares["nouned"]
        speaker = PlainSpeaker(self.speech, (), self.rng)
        nouns = {kind: noun_of(self.speech.nouns[kind], speaker) for kind in of_type}
        wanted = names_for(
            [(kind, name, name in owner.wording.ordinal) for owner, name, kind in found], self.speech, self.rng
        )
        if names is not None and len(names) == len(found):
            wanted = list(names)
        entities: list[Entity] = []
        places: Counter[str] = Counter()
        for (owner, name, kind), new in zip(found, wanted, strict=True):
            head, long = nouns[kind]
            called = named or name in owner.wording.terse
            entity = Entity(kind, new, called, nouned, head, long, places[kind], of_type[kind], len(found) == 1)
            places[kind] += 1
            owner.entities[name] = entity
            entities.append(entity)
        return entities

    def sentence(self, spoken: Utterance, entities: Sequence[Entity]) -> list[str]:
        """The whole sentence; some of its words are still marked."""
        speaker, rng, shares = PlainSpeaker(self.speech, entities, self.rng), self.rng, self.speech.shares
        declares = rng.random() < shares["declared"]
        form = spoken.wording.form
        said: Callable[[], list[str]] = partial(speaker.phrase, spoken)
        if spoken.replaced:
            first = partial(speaker.phrase, spoken.inner[spoken.replaced])
            second = said if form == ACTION else partial(speaker.frame, self.speech.verbs[form].pick(rng), {IT: said})
            sequence = self.speech.sequences.pick(rng)
            said, form = partial(speaker.frame, sequence, {FIRST: first, SECOND: second}), ACTION
        elif form in self.speech.verbs and rng.random() < shares["verbs"]:
            said, form = partial(speaker.frame, self.speech.verbs[form].pick(rng), {IT: said}), ACTION
        marks = {IT: said, ARGUMENTS: speaker.declarations}
        return speaker.frame(self._frame(form, declares), marks)

    def _frame(self, form: str, declares: bool) -> Parts:
        if declares:
            return self.speech.declaring[ACTION if form == ACTION else "other"].pick(self.rng)
        return (self.speech.actions if form == ACTION else self.speech.direct[form]).pick(self.rng)


def _replaceable(instance: Instance) -> str:
    """The slot of a root that can be said as an action before: the only one that holds another template."""
    if len(instance.fillers) != 1:
        return ""
    ((name, filler),) = instance.fillers.items()
    below = filler.template
    is_list = below.result.endswith("[]")
    return name if is_list and isinstance(below, PlainTemplate) and below.actions and not filler.fillers else ""


def _fits(wording: PlainWording, inner: Mapping[str, Utterance], constants: Mapping[str, Constant]) -> bool:
    """Whether the wording goes with what stands in the slots."""
    if not (wording.arguments | wording.terse).isdisjoint(inner) or not wording.arguments.isdisjoint(constants):
        return False
    return not any(inner[name].wording.form == "plural" for name in wording.single if name in inner)


def _slots(spoken: Utterance) -> list[tuple[Utterance, str, str]]:
    """The slots that hold arguments, each with its owner and type."""
    found = []
    for slot in spoken.template.slots:
        if slot.name in spoken.inner:
            found += _slots(spoken.inner[slot.name])
        elif slot.name not in spoken.constants:
            found.append((spoken, slot.name, slot.type))
    return found


def _rename_unsaid(entities: Sequence[Entity], text: Sequence[str], library: PlainLibrary, rng: Random) -> None:
    """Other names for arguments that the text does not name where a name happens to be among its words."""
    words, taken = {*text}, {entity.name for entity in entities}
    for entity in entities:
        if entity.spelled or entity.name not in words:
            continue
        nouns = library.speech.nouns[entity.type]
        for _ in range(WORDING_DRAWS):
            name = nouns.names.pick(rng)
            if name not in words and name not in taken:
                entity.name = name
                taken.add(name)
                break


def _program(spoken: Utterance) -> Tree:
    programs = {}
    for slot in spoken.template.slots:
        if slot.name in spoken.inner:
            programs[slot.name] = _program(spoken.inner[slot.name])
        elif slot.name in spoken.constants:
            programs[slot.name] = spoken.constants[slot.name].program
        else:
            programs[slot.name] = Tree(spoken.entities[slot.name].name)
    return spoken.template.program.substitute(programs)


def _arguments(instance: Instance, library: PlainLibrary, spoken: Utterance) -> tuple[Argument, ...]:
    signed = any(map(library.modes.has_both_signs, instance.modes()))
    ranges = library.modes.signed_ranges if signed else library.modes.ranges
    found: list[Argument] = []

    def visit(node: Utterance, path: tuple[str, ...]) -> None:
        for slot in node.template.slots:
            inside = (*path, slot.mode) if slot.mode else path
            if slot.name in node.inner:
                visit(node.inner[slot.name], inside)
            elif slot.name in node.entities:
                entity = node.entities[slot.name]
                found.append(Argument(entity.name, slot.type, ranges(inside), not entity.spelled))

    visit(spoken, ())
    return tuple(found)
