"""The parts of a task's text: opening, declarations of arguments, and the rest in which they are used.

given | an array of numbers a and numbers b and c | find ...
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

NOUNS = {
    "int": ("a number", "numbers"),
    "int[]": ("an array of numbers", "arrays of numbers"),
    "string": ("a string", "strings"),
    "string[]": ("an array of strings", "arrays of strings"),
}
"""How arguments of a type are declared: one of them, several of them."""

GIVEN = {kind: f"the given {noun.split()[1]}" for kind, (noun, _) in NOUNS.items()}
"""What a sole argument of a type is called where its declaration gives no name; a string[] is an array too."""

_OPENING = re.compile(r"(consider|you are given|given) ")
_NOUN = "|".join(noun for nouns in NOUNS.values() for noun in nouns)
_NAMES = r"(?: [a-z](?![a-z]))?(?: , [a-z](?![a-z]))*(?: and [a-z](?![a-z]))?"
_GROUP = re.compile(rf"({_NOUN})({_NAMES})(?: (?:,|and) |$)(?=((?:{_NOUN}) )?)")


# "a" is the commonest name of an argument, and an article before these words; "elements of a smaller than b" has none
_ARTICLE = r"a (?:single|prefix|symmetric|string|number|(?:smaller|larger|bigger)(?! than)) "
NAME = re.compile(rf"(?<!\S)(?!{_ARTICLE})([a-z])(?!\S)")
"""A letter in a text of the published dialect that is the name of something, and no article."""


class Group(NamedTuple):
    """Arguments that are declared together; without names it declares one that the text calls "the given ..."."""

    kind: str
    names: tuple[str, ...]


class TextParts(NamedTuple):
    """A text in three parts; ``opening`` is empty where there is none."""

    opening: str
    groups: tuple[Group, ...]
    rest: str


def split_text(words: Sequence[str]) -> TextParts:
    """The parts of a tokenised text; text that declares nothing is all rest."""
    text = " ".join(words)
    opening = _OPENING.match(text)
    rest, groups = text[opening.end() :] if opening else text, []
    while group := _GROUP.match(rest):
        kind = next(kind for kind, nouns in NOUNS.items() if group[1] in nouns)
        groups.append(Group(kind, tuple(re.findall(r"(?<= )[a-z](?![a-z])", group[2]))))
        rest = rest[group.end() :]
        if group[3] is None:
            break
    return TextParts(opening[1] if opening else "", tuple(groups), rest)


def declare(arguments: Mapping[str, str]) -> str:
    """Declarations of arguments (name -> type), grouped by type in the order of first appearance."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, kind in arguments.items():
        groups[kind].append(name)
    return listed([f"{NOUNS[kind][len(names) > 1]} {listed(names)}" for kind, names in groups.items()])


def listed(parts: Sequence[str]) -> str:
    """``a , b and c``; nothing for no parts."""
    return " ".join(parts) if len(parts) < 2 else f"{' , '.join(parts[:-1])} and {parts[-1]}"


def rename_in_text(words: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """A text of the published dialect with other names in the place of some letters."""

    def other(found: re.Match[str]) -> str:
        is_article = found.string.startswith(" sorted sequence", found.end())
        return found[1] if is_article else names.get(found[1], found[1])

    return tuple(NAME.sub(other, " ".join(words)).split())
