"""The sentence around a phrase: opening, declarations of the arguments, statements, question."""

from random import Random

from saps.generator.composition import Argument, Composed
from saps.generator.templates import Library, Sentences
from saps.generator.wordings import Phrase, render
from saps.tasks.phrases import listed


def sentence(composed: Composed, library: Library, rng: Random) -> tuple[str, ...]:
    """The text of a task: OPENING DECLARATIONS , [STATEMENT ,]* QUESTION."""
    words = render(library.sentences.openings, {}, rng, {})
    words += _declarations(composed.arguments, library.sentences)
    words.append(",")
    for statement in composed.statements:
        words += [*statement, ","]
    return (*words, *_question(composed.phrase, library.sentences, rng))


def _declarations(arguments: tuple[Argument, ...], sentences: Sentences) -> list[str]:
    """Arguments grouped by type: "arrays of numbers a and b and a number c"."""
    words: list[str] = []
    for type_name in _declared(list(dict.fromkeys(argument.type for argument in arguments))):
        group = [argument for argument in arguments if argument.type == type_name]
        if words:
            words.append("and")
        nouns = sentences.nouns[type_name]
        words += (nouns.one if len(group) == 1 else nouns.many).split()
        words += listed([argument.name for argument in group if not argument.dropped]).split()
    return words


def _declared(types: list[str]) -> list[str]:
    """Types in the order of their first argument, but those over strings right after the first one of the others."""
    numbers = [name for name in types if name.startswith("int")]
    strings = [name for name in types if not name.startswith("int")]
    return numbers[:1] + strings + numbers[1:]


def _question(phrase: Phrase, sentences: Sentences, rng: Random) -> list[str]:
    """The question; where it ends with "the" and the phrase begins with it, it is said once."""
    question = sentences.questions[phrase.form].pick(rng)
    words = render(question, {"it": Phrase((), phrase.form)}, rng, {})
    return [*words, *(phrase.words[1:] if words[-1:] == ["the"] == list(phrase.words[:1]) else phrase.words)]
