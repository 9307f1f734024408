"""All words and names that the plain register can come up with."""

from collections.abc import Iterator
from dataclasses import fields
from string import ascii_lowercase

from saps.generator.plain.inflection import forms_of
from saps.generator.plain.naming import ORDINALS, suggested_names
from saps.generator.plain.speech import Mentions, PlainLibrary, Speech
from saps.generator.wordings import Parts, words_in

_JOINING = ["its", "'", "s", "each", "of", "all", "and", ",", "-", "th", "the", "third", "fourth", "fifth"]


def plain_words(library: PlainLibrary) -> set[str]:
    """Every word of a plain text, names of arguments among them."""
    speech = library.speech
    names = plain_names(library)
    words = {*_JOINING, *speech.several, *names, *(f"{letter}th" for letter in ORDINALS)}
    words |= {part for constant in speech.constants.options for text in constant.words for part in text.split()}
    words |= {text for constant in speech.constants.options for text in constant.ordinals}
    phrases = [wording.phrase for template in library.templates for wording in template.wordings.options]
    for parts in (*phrases, *_spoken(speech)):
        words.update(form for word in words_in(parts) for form in forms_of(word))
    return words


def plain_names(library: PlainLibrary) -> set[str]:
    """Every name that an argument can have."""
    names = {*ascii_lowercase}
    for nouns in library.speech.nouns.values():
        names.update(nouns.names.options, *nouns.families.options)
    for template in library.templates:
        for slot in template.slots:
            names.update(suggested_names(slot.name))
    return names


def _spoken(speech: Speech) -> Iterator[Parts]:
    groups = [*speech.verbs.values(), *speech.direct.values(), *speech.declaring.values()]
    groups += [speech.actions, speech.sequences, speech.results, *speech.mentions.ordinals]
    groups += [getattr(speech.mentions, f.name) for f in fields(Mentions) if f.name != "ordinals"]
    for group in groups:
        yield from group.options
    for nouns in speech.nouns.values():
        yield from (*nouns.heads.options, *nouns.qualifiers.options, nouns.elements, nouns.each)
