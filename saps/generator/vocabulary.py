"""All that the templates can say: the words of the texts and the labels of the programs, without drawing a task."""

from string import ascii_lowercase

from saps.generator.noise import noise_words
from saps.generator.plain.speech import PlainLibrary
from saps.generator.plain.vocabulary import plain_names, plain_words
from saps.generator.selection import plain_library_of
from saps.generator.switches import Switches
from saps.generator.templates import Library
from saps.generator.wordings import words_in
from saps.tasks.canonical import CANONICAL
from saps.tasks.query import TEXT, Reading
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabularies, Vocabulary, label_of

MARKS = (",", "and")  # what `sentences` and `phrases.listed` join with


def vocabularies_of_library(library: Library, switches: Switches, reading: Reading = TEXT) -> Vocabularies:
    """The vocabularies of all tasks that can come up, as a reading reads them, sorted; mistyped words are unknown."""
    names = {*ascii_lowercase} if switches.names != "words" else {*noise_words().names}
    libraries = [library]
    if switches.register == "mixed" and (plain := plain_library_of(switches)):
        libraries.append(plain)
    words = {*reading.alphabet}
    if reading.reads_text:
        words = words.union(names, *map(library_words, libraries))
        if switches.synonyms:
            words |= {part for options in noise_words().synonyms.values() for option in options for part in option}
    for spoken in libraries:
        names |= plain_names(spoken) if isinstance(spoken, PlainLibrary) else set()
    if reading.canonical:
        names = {*CANONICAL}
    labels = {f"{name}/0" for name in names}.union(*map(library_labels, libraries))
    return Vocabularies(*(Vocabulary((PAD, UNKNOWN, *sorted(symbols))) for symbols in (words, labels)))


def library_words(library: Library) -> set[str]:
    """Every word but the names of arguments."""
    if isinstance(library, PlainLibrary):
        return plain_words(library)
    sentences = library.sentences
    words = {*MARKS, *words_in(sentences.openings)}
    for questions in sentences.questions.values():
        words.update(*map(words_in, questions.options))
    for nouns in sentences.nouns.values():
        words.update(nouns.one.split(), nouns.many.split(), nouns.given.split())
    for template in library.templates:
        for wording in template.wordings.options:
            words.update(*map(words_in, (*wording.statements, wording.phrase)))
    return words


def library_labels(library: Library) -> set[str]:
    """Every label but the names of arguments."""
    labels: set[str] = set()
    for template in library.templates:
        slots = {slot.name for slot in template.slots}
        labels.update(label_of(node) for node in template.program.preorder() if node.label not in slots)
    if isinstance(library, PlainLibrary):
        for constant in library.speech.constants.options:
            labels.update(map(label_of, constant.program.preorder()))
    return labels
