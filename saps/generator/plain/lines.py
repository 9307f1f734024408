"""Lines of plain template files: the notation of wordings with marked words, as tokens of a sentence."""

import re

from saps.errors import UserError
from saps.generator.plain.inflection import ARTICLE, STAR
from saps.generator.templates import Weighted
from saps.generator.wording_notation import lines_of, parse_wording
from saps.generator.wordings import Agreeing, Alternatives, Part, Parts, WordLists, Words
from saps.generator.yaml_nodes import Located
from saps.tasks.tokens import tokenize

_MARKED = re.compile(r"[a-z]+\*")


def plain_parts(text: str, lists: WordLists, place: Located) -> Parts:
    """The parts of one line; words are tokens as ``tokenize`` makes them, "a" and "an" are marked.

    Raises:
        UserError: ``file:line: what is wrong; what to do``.
    """
    try:
        return tuple(_tokenized(part) for part in parse_wording(text, lists))
    except UserError as error:
        raise place.error(str(error)) from None


def weighted_lines(value: Located, lists: WordLists) -> Weighted[Parts]:
    """Lines to choose from, by the weights at their beginnings.

    Raises:
        UserError: as ``plain_parts``, and where there is none.
    """
    found = [(weight, plain_parts(text, lists, place)) for weight, text, place in lines_of(value)]
    if not found:
        raise value.error("no line; write at least one")
    return Weighted(tuple(parts for _, parts in found), tuple(weight for weight, _ in found))


def with_verb(parts: Parts) -> Parts:
    """The parts of an imperative with its first word marked as a verb, in all alternatives."""
    if not parts:
        return parts
    first: Part = parts[0]
    if isinstance(first, Words) and first.words[0].isalpha():
        first = Words((first.words[0] + STAR, *first.words[1:]))
    elif isinstance(first, Alternatives) and not first.key:
        first = Alternatives(tuple(map(with_verb, first.options)), "", first.totals)
    return (first, *parts[1:])


def _tokenized(part: Part) -> Part:
    if isinstance(part, Words):
        return Words(tuple(token for word in part.words for token in _tokens(word)))
    if isinstance(part, Alternatives):
        options = tuple(tuple(map(_tokenized, option)) for option in part.options)
        return Alternatives(options, part.key, part.totals)
    if isinstance(part, Agreeing):
        return Agreeing(part.name, tuple(map(_tokenized, part.one)), tuple(map(_tokenized, part.many)))
    return part


def _tokens(word: str) -> tuple[str, ...]:
    if word in ("a", "an"):
        return (ARTICLE,)
    if word.isalpha() or _MARKED.fullmatch(word):
        return (word.lower(),)
    return tokenize(word) or (word,)
