"""Parts of a wording in which some names already stand for words, as after a statement."""

from collections.abc import Mapping
from dataclasses import replace

from saps.generator.parser.forest import Constituent
from saps.generator.wordings import LINK, LINKS, SHORT, Agreeing, Alternatives, Named, Part, Parts, Phrase, Words


def bind(parts: Parts, bound: Mapping[str, Constituent]) -> Parts:
    """The parts with words for the names that are bound."""
    result: list[Part] = []
    for part in parts:
        if isinstance(part, Alternatives):
            result.append(replace(part, options=tuple(bind(option, bound) for option in part.options)))
        elif isinstance(part, Agreeing) and part.name in bound:
            result.extend(bind(part.many if _phrase(bound[part.name]).plural else part.one, bound))
        elif isinstance(part, Agreeing):
            result.append(Agreeing(part.name, bind(part.one, bound), bind(part.many, bound)))
        elif isinstance(part, Named) and part.name in bound:
            result.extend(_bound_words(part.link, _phrase(bound[part.name])))
        else:
            result.append(part)
    return tuple(result)


def _phrase(bound: Constituent) -> Phrase:
    return Phrase(bound.words, bound.form)


def _bound_words(link: str, phrase: Phrase) -> Parts:
    """The words of a phrase with what may link them to those before."""
    if link == SHORT:
        return (Words(phrase.short()),)
    if link not in LINKS:
        return (Words(phrase.words),)
    links = Alternatives(tuple((Words((word,)),) for word in phrase.links(link)))
    return (links,) if link == LINK else (links, Words(phrase.words))
