"""From an instance to plain words: how arguments are spoken of, phrases within phrases, and the frame around them."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from random import Random

from saps.generator.plain.inflection import INFLECTIONS, finished, inflected, plural
from saps.generator.plain.speech import PlainNouns, Speech
from saps.generator.plain.utterance import Entity, Utterance
from saps.generator.templates import Weighted
from saps.generator.wordings import (
    ALL,
    BOTH,
    EACH,
    LINK,
    LINKS,
    NTH,
    OWN,
    PLURAL_LINK,
    SHORT,
    Alternatives,
    Named,
    Parts,
    Words,
)
from saps.tasks.phrases import listed

Draw = Callable[[], float]


class PlainSpeaker:
    """Says one task, from left to right, so that an argument is introduced where it comes up first."""

    def __init__(self, speech: Speech, entities: Sequence[Entity], rng: Random) -> None:
        self.speech, self.entities, self.rng, self.draw = speech, entities, rng, rng.random

    def phrase(self, spoken: Utterance) -> list[str]:
        """The words of the wording of an instance; verbs are still marked."""
        words: list[str] = []
        self._render(spoken.wording.phrase, spoken, words, self._said)
        return words

    def frame(self, frame: Parts, said: Mapping[str, Callable[[], list[str]]]) -> list[str]:
        """The words of a frame, its marks said by the functions when it is their turn."""
        words: list[str] = []
        chosen: dict[str, Parts] = {}
        self._frame(frame, said, chosen, words)
        return words

    def _frame(
        self, parts: Parts, said: Mapping[str, Callable[[], list[str]]], chosen: dict[str, Parts], words: list[str]
    ) -> None:
        for part in parts:
            if isinstance(part, Words):
                words.extend(part.words)
            elif isinstance(part, Named):
                inner = said[part.name]()
                words.extend(inflected(inner, INFLECTIONS[part.link]) if part.link in INFLECTIONS else inner)
            elif isinstance(part, Alternatives):
                self._frame(_taken(part, chosen, self.draw), said, chosen, words)

    def declarations(self) -> list[str]:
        """All arguments, those of one type together: "a list of numbers nums and an integer k"."""
        mentions, groups = self.speech.mentions, dict.fromkeys(entity.type for entity in self.entities)
        words: list[str] = []
        for number, kind in enumerate(groups):
            group = [entity for entity in self.entities if entity.type == kind]
            if number:
                words += ["and"] if number == len(groups) - 1 else [","]
            named = group[0].named
            if len(group) == 1:
                words += self._mention(mentions.declared_named if named else mentions.declared_unnamed, group[0])
            else:
                words += self._together(mentions.declared_names if named else mentions.declared_several, group)
            for entity in group:
                entity.known, entity.spelled = True, entity.named
        return words

    def _render(
        self, parts: Parts, spoken: Utterance, words: list[str], said: Callable[[Named, Utterance], list[str]]
    ) -> None:
        """Adds the words of some parts; ``said`` tells those of a mark."""
        for part in parts:
            if isinstance(part, Words):
                words.extend(part.words)
            elif isinstance(part, Named):
                words.extend(said(part, spoken))
            elif isinstance(part, Alternatives):
                self._render(_taken(part, spoken.chosen, self.draw), spoken, words, said)
            else:
                self._render(part.many if _is_plural(spoken, part.name) else part.one, spoken, words, said)

    def _said(self, part: Named, spoken: Utterance) -> list[str]:
        """What a mark stands for."""
        link, name = part.link, part.name
        if link == BOTH:
            return self._both(name.split(), spoken)
        if link == NTH:
            return self._nth(name, spoken)
        if link in (ALL, EACH):
            return self._elements(link, name, spoken)
        if link == LINK:
            return [self._link(link, name, spoken)]
        if link in LINKS:
            return [self._link(link, name, spoken), *self._slot(name, spoken)]
        return self._slot(name, spoken, link)

    def _slot(self, name: str, spoken: Utterance, link: str = "") -> list[str]:
        """What stands in a slot."""
        if name == spoken.replaced:
            return self.frame(self.speech.results.pick(self.rng), {})
        if name in spoken.inner:
            return self.phrase(spoken.inner[name])
        if name in spoken.constants:
            return [*_one_of(spoken.constants[name].words, self.draw).split()]
        entity = spoken.entities[name]
        if link == OWN:
            words = self._argument(entity)
            return ["its"] if words == ["it"] else [*words, "'", "s"]
        if link != SHORT:
            return self._argument(entity)
        entity.known = entity.spelled = True
        return [entity.name]

    def _link(self, link: str, name: str, spoken: Utterance) -> str:
        if _is_plural(spoken, name):
            return PLURAL_LINK if self.draw() < 0.7 else "of"
        return _one_of(LINKS[link], self.draw)

    def _elements(self, link: str, name: str, spoken: Utterance) -> list[str]:
        """The elements of what stands in a slot, all or each of them."""
        if _is_plural(spoken, name):
            words = self._slot(name, spoken)
            return ["each", "of", *words] if link == EACH else ["all", "of", *words] if self.draw() < 0.1 else words
        kind = next(slot.type for slot in spoken.template.slots if slot.name == name)
        nouns = self.speech.nouns[kind]
        words = []
        parts = nouns.elements if link == ALL else nouns.each
        self._render(parts, spoken, words, lambda _, spoken: self._slot(name, spoken))
        return words

    def _nth(self, name: str, spoken: Utterance) -> list[str]:
        if name in spoken.constants:
            return [_one_of(spoken.constants[name].ordinals, self.draw)]
        entity = spoken.entities[name]
        entity.known = entity.spelled = True
        chance = self.draw()
        if chance < 0.6:
            return [f"{entity.name}th"]
        return [entity.name, "-", "th"] if chance < 0.8 else [entity.name, "th"]

    def _both(self, names: list[str], spoken: Utterance) -> list[str]:
        """Several slots at once."""
        group = [spoken.entities[name] for name in names if name in spoken.entities]
        if len(group) < len(names) or len({entity.type for entity in group}) > 1 or group[0].fellows > len(group):
            said = [self._slot(name, spoken) for name in names]
            return [word for number, words in enumerate(said) for word in [*_joining(number, len(said)), *words]]
        named, known = group[0].named, all(entity.known for entity in group)
        mentions = self.speech.mentions
        if named and (known or not group[0].nouned):
            words = listed([entity.name for entity in group]).split()
        elif known:
            words = ["the", _several(self.speech, len(group)), plural(group[0].head)]
        else:
            words = self._together(mentions.joint_named if named else mentions.joint_unnamed, group)
        for entity in group:
            entity.known, entity.spelled = True, entity.named
        return words

    def _argument(self, entity: Entity) -> list[str]:
        """An argument by itself."""
        mentions, known, entity.known = self.speech.mentions, entity.known, True
        entity.spelled = entity.spelled or entity.named
        if entity.named:
            return [entity.name] if known or not entity.nouned else self._mention(mentions.named, entity)
        if entity.fellows > 1:
            if entity.place >= len(mentions.ordinals):
                return ["the", ("third", "fourth", "fifth")[min(entity.place - 2, 2)], entity.head]
            return self._mention(mentions.ordinals[entity.place], entity)
        if known and entity.alone and self.draw() < self.speech.shares["it"]:
            return ["it"]
        return self._mention(mentions.known if known else mentions.unnamed, entity)

    def _mention(self, lines: Weighted[Parts], entity: Entity) -> list[str]:
        said = {"head": entity.head.split, "long": entity.long.split, "name": entity.name.split}
        return self.frame(lines.pick(self.rng), said)

    def _together(self, lines: Weighted[Parts], group: Sequence[Entity]) -> list[str]:
        names = listed([entity.name for entity in group])
        head, long = group[0].head, group[0].long
        several = [plural(head), *long.split()[1:]]
        said = {"heads": plural(head).split, "longs": lambda: list(several), "names": names.split}
        words = self.frame(lines.pick(self.rng), said)
        if len(group) > 2:
            if "both" in words or "pair" in words:
                return names.split() if group[0].named else [_several(self.speech, len(group)), plural(head)]
            words = [_several(self.speech, len(group)) if word == "two" else word for word in words]
        return words


def noun_of(nouns: PlainNouns, speaker: PlainSpeaker) -> tuple[str, str]:
    """A noun, and the same with a qualifier."""
    (head,) = finished(speaker.frame(nouns.heads.pick(speaker.rng), {}))
    return head, " ".join([head, *finished(speaker.frame(nouns.qualifiers.pick(speaker.rng), {}))])


def tidied(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a sentence as ``tokenize`` leaves them: no comma twice, at the beginning or at the end."""
    kept = [word for word, following in pairwise([*finished(words), ","]) if word != "," or following != ","]
    return tuple(kept[1:] if kept[:1] == [","] else kept)


def _taken(part: Alternatives, chosen: dict[str, Parts], draw: Draw) -> Parts:
    option = chosen.get(part.key) if part.key else None
    if option is None:
        option = part.pick(draw)
        if part.key:
            chosen[part.key] = option
    return option


def _is_plural(spoken: Utterance, name: str) -> bool:
    return name in spoken.inner and name != spoken.replaced and spoken.inner[name].wording.form == "plural"


def _one_of(options: Sequence[str], draw: Draw) -> str:
    return options[int(draw() * len(options))]


def _several(speech: Speech, count: int) -> str:
    return speech.several[min(count, len(speech.several) + 1) - 2]


def _joining(number: int, count: int) -> list[str]:
    return [] if not number else ["and"] if number == count - 1 else [","]
