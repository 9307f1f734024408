"""All that the templates can say: the words of the texts and the labels of the programs, without drawing a task."""

from collections.abc import Iterator
from string import ascii_lowercase

from saps.generator.noise import noise_words
from saps.generator.switches import Switches
from saps.generator.templates import Library
from saps.generator.wordings import LINKS, PLURAL_LINK, Agreeing, Alternatives, Named, Parts, Words
from saps.tasks.query import TEXT, Reading
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabularies, Vocabulary, label_of

MARKS = (",", "and")  # what `sentences` and `phrases.listed` join with


def vocabularies_of_library(library: Library, switches: Switches, reading: Reading = TEXT) -> Vocabularies:
    """The vocabularies of all tasks that can come up, as a reading reads them, sorted; mistyped words are unknown."""
    names = {*ascii_lowercase} if switches.names != "words" else {*noise_words().names}
    words = {*reading.alphabet}
    if reading.reads_text:
        words |= library_words(library) | names
        if switches.synonyms:
            words |= {part for options in noise_words().synonyms.values() for option in options for part in option}
    labels = library_labels(library) | {f"{name}/0" for name in names}
    return Vocabularies(*(Vocabulary((PAD, UNKNOWN, *sorted(symbols))) for symbols in (words, labels)))


def library_words(library: Library) -> set[str]:
    """Every word but the names of arguments."""
    sentences = library.sentences
    words = {*MARKS, *_words(sentences.openings)}
    for questions in sentences.questions.values():
        words.update(*map(_words, questions.options))
    for nouns in sentences.nouns.values():
        words.update(nouns.one.split(), nouns.many.split(), nouns.given.split())
    for template in library.templates:
        for wording in template.wordings.options:
            words.update(*map(_words, (*wording.statements, wording.phrase)))
    return words


def library_labels(library: Library) -> set[str]:
    """Every label but the names of arguments."""
    labels: set[str] = set()
    for template in library.templates:
        slots = {slot.name for slot in template.slots}
        labels.update(label_of(node) for node in template.program.preorder() if node.label not in slots)
    return labels


def _words(parts: Parts) -> Iterator[str]:
    """The words of a part of a wording, whichever choices are taken."""
    for part in parts:
        if isinstance(part, Words):
            yield from part.words
        elif isinstance(part, Named):
            yield from (*LINKS[part.link], PLURAL_LINK) if part.link in LINKS else ()
        elif isinstance(part, Alternatives):
            for option in part.options:
                yield from _words(option)
        elif isinstance(part, Agreeing):
            yield from (*_words(part.one), *_words(part.many))
