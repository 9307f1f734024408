"""The notation of wordings: one line of a template file that stands for many phrases.

====================  =====================================================================================
``word``              the word itself; words are separated by blanks
``[a|b c|]``          one of the alternatives, an empty one included; may be nested
``[x3 a|b]``          the same, the first one three times as often
``{list}``            the words for what fills the slot ``list``, or a letter handed out for a name
``{of list}``         the same after "in" or "of", or as ``LINKS`` says where those words are a plural
``{in list}``         the same after "in", or as ``LINKS`` says where those words are a plural
``{link list}``       the link of ``{of list}`` alone, for words in between: "elements among the first half of ..."
``{name list}``       the same as ``{list}``; the line is said only where the slot holds an argument
``{one list}``        the same as ``{list}``; the line is said only where its words name one thing, not several
``{short list}``      the same without "the" at its beginning, as after "first"; a dropped name keeps it
``{list: is | are}``  the first where the words for the slot name one thing, the second where they are a plural;
                      both may hold marks and choices
``<element>``         one of the words of that list; the same one wherever it stands in a wording
``{all list}`` ...    marks of the plain register alone: ``PLAIN_LINKS``
====================  =====================================================================================
"""

import re
from collections.abc import Iterator
from itertools import accumulate

from saps.errors import UserError
from saps.generator.wordings import (
    BOTH,
    LINK,
    LINKS,
    PLAIN_LINKS,
    Agreeing,
    Alternatives,
    Named,
    Part,
    Parts,
    WordLists,
    Words,
)
from saps.generator.yaml_nodes import Located

WEIGHT = re.compile(r"x(\d+(?:\.\d+)?)")  # before a line or an alternative: x2 ...
_TOKEN = re.compile(r"[\[\]|]|\{(?:[^{}]|\{[^{}]*\})*\}|<[^<>]*>|[^\s\[\]|{}<>]+|\S")
_GLUED = re.compile(r"[^\s\[\]|{}<>][\[{<]|[\]}>][^\s\[\]|{}<>]")
_LINK = "|".join((*LINKS, "name", "one", "short", *PLAIN_LINKS))
_NAMED = re.compile(rf"\{{(?P<link>{BOTH} +(?=\w+ +\w)|(?:{_LINK}) +(?=\w+\}}))?(?P<name>\w+(?: +\w+)*)\}}")
_AGREEING = re.compile(r"\{(?P<name>\w+) *:(?P<sides>.*)\}")


def parse_wording(text: str, lists: WordLists) -> Parts:
    """The parts of a line in the notation above.

    Raises:
        UserError: a bracket that does not close, an unknown word list, or marks without a blank around them.
    """
    glued = _GLUED.search(text)
    if glued:
        raise UserError(f"{glued[0]!r} needs a blank inside it: marks and words are separated by blanks")
    sequence, rest = _sequence(_TOKEN.findall(text), lists)
    if rest:
        raise UserError(f"{rest[0]!r} stands outside of [ ]; choices are written [one|other]")
    return sequence


def parse_word_list(name: str, text: str, lists: WordLists) -> Alternatives:
    """The word list of a line such as ``largest|biggest``, which may name the lists before it.

    Raises:
        UserError: as ``parse_wording`` does.
    """
    (choice,) = parse_wording(f"[{text}]", lists)
    if not isinstance(choice, Alternatives):
        raise UserError("a word list is written one|other")
    return Alternatives(choice.options, name, choice.totals)


def names_in(sequence: Parts) -> set[str]:
    """The slots and letters that a sequence speaks of."""
    found: set[str] = set()
    for part in sequence:
        if isinstance(part, Named | Agreeing):
            found.update(part.name.split())
        if isinstance(part, Agreeing):
            found |= names_in(part.one) | names_in(part.many)
        if isinstance(part, Alternatives):
            found = found.union(*map(names_in, part.options))
    return found


def marked_in(sequence: Parts, link: str) -> set[str]:
    """The slots with this mark outside of choices: those that must hold an argument (NAME), or name one thing (ONE)."""
    return {part.name for part in sequence if isinstance(part, Named) and part.link == link}


def links_in(sequence: Parts) -> set[tuple[str, str]]:
    """All marks, in choices too, as (link, name)."""
    found: set[tuple[str, str]] = set()
    for part in sequence:
        if isinstance(part, Named):
            found.update((part.link, name) for name in part.name.split())
        if isinstance(part, Agreeing):
            found |= links_in(part.one) | links_in(part.many)
        if isinstance(part, Alternatives):
            found = found.union(*map(links_in, part.options))
    return found


def said_in(sequence: Parts) -> set[str]:
    """The slots and letters whose words stand in the sequence whichever alternatives are taken."""
    said: set[str] = set()
    for part in sequence:
        if isinstance(part, Named) and part.link != LINK:
            said.update(part.name.split())
        if isinstance(part, Agreeing):
            said |= said_in(part.one) & said_in(part.many)
        if isinstance(part, Alternatives):
            said |= set.intersection(*map(said_in, part.options))
    return said


def _sequence(tokens: list[str], lists: WordLists) -> tuple[Parts, list[str]]:
    """Parts up to the end, to ``|`` or to ``]``, and the tokens that are left."""
    parts: list[Part] = []
    while tokens and tokens[0] not in "|]":
        token, tokens = tokens[0], tokens[1:]
        if token == "[":
            choice, tokens = _choice(tokens, lists)
            parts.append(choice)
        elif token[0] in "{<}>":
            parts.append(_mark(token, lists))
        elif parts and isinstance(parts[-1], Words):
            parts[-1] = Words((*parts[-1].words, token))
        else:
            parts.append(Words((token,)))
    return tuple(parts), tokens


def lines_of(value: Located) -> Iterator[tuple[float, str, Located]]:
    """The lines of a block, each with the weight at its beginning, or 1, and its place.

    Raises:
        UserError: a weight is 0.
    """
    for line, place in value.lines():
        first, _, rest = line.partition(" ")
        weighted = WEIGHT.fullmatch(first)
        weight, text = (float(weighted[1]), rest) if weighted else (1.0, line)
        if not weight:
            raise place.error("a line of weight 0 is never said; remove it or give it a weight")
        yield weight, text, place


def _choice(tokens: list[str], lists: WordLists) -> tuple[Alternatives, list[str]]:
    """The alternatives after an opening bracket, and the tokens after the closing one."""
    options: list[Parts] = []
    weights: list[float] = []
    while True:
        weighted = tokens and WEIGHT.fullmatch(tokens[0])
        weights.append(float(weighted[1]) if weighted else 1.0)
        option, tokens = _sequence(tokens[1:] if weighted else tokens, lists)
        options.append(option)
        if not tokens:
            raise UserError("a [ is never closed; add ] after the last alternative")
        mark, tokens = tokens[0], tokens[1:]
        if mark == "]":
            totals = tuple(accumulate(weights)) if len(set(weights)) > 1 else ()
            return Alternatives(tuple(options), "", totals), tokens


def _mark(token: str, lists: WordLists) -> Part:
    """The part that ``{...}`` or ``<...>`` stands for."""
    if token.startswith("<") and token.endswith(">"):
        name = token[1:-1]
        if name not in lists:
            known = ", ".join(sorted(lists)) or "none"
            raise UserError(f"<{name}> is no word list; known: {known}")
        return lists[name]
    agreeing = _AGREEING.fullmatch(token)
    if agreeing:
        sides, rest = _choice([*_TOKEN.findall(agreeing["sides"]), "]"], lists)
        if len(sides.options) != 2 or rest:
            raise UserError(f"{token!r} needs two sides: {{{agreeing['name']}: is | are}}")
        return Agreeing(agreeing["name"], *sides.options)
    match = _NAMED.fullmatch(token)
    if match is None or (" " in match["name"] and (match["link"] or "").strip() != BOTH):
        raise UserError(f"{token!r} is not understood; write {{slot}}, {{of slot}}, {{slot: is | are}} or <word list>")
    link = (match["link"] or "").strip()
    return Named(" ".join(match["name"].split()), link)
