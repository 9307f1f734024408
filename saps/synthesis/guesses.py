"""What a sentence and its examples tell about the types of a program, and words that a model has not learned."""

import difflib
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saps.errors import UserError
from saps.lang.types import type_of_value
from saps.tasks.phrases import Group, split_text
from saps.tasks.vocabulary import Vocabulary

_NOUNS = (  # of free sentences, the longer first: "a list of strings a" declares no string
    ("string[]", r"(?:array|list)s? of (?:strings|words)"),
    ("int[]", r"(?:array|list)s?(?: of (?:numbers|integers|ints))?"),
    ("int", r"(?:number|integer|int)s?"),
    ("string", r"(?:string|word)s?"),
)
_NAME = rf"[a-z](?![a-z])(?! (?:{'|'.join(noun for _, noun in _NOUNS)}))"  # in "a and a string", the second a is none
_NAMES = rf"{_NAME}(?:(?: , and| ,| and) {_NAME})*"
_LOOSE = [(kind, re.compile(rf"\b(an? )?(?:integer )?{noun}\b(?: ({_NAMES}))?")) for kind, noun in _NOUNS]
_OPENING = re.compile(r"(?:you are given|given|consider|for|take|let) [^,]*")


def refuse_unknown(words: Sequence[str], vocabulary: Vocabulary) -> None:
    """Refuses words that the model has not learned, with the nearest ones that it has.

    Raises:
        UserError: there is such a word.
    """
    unknown = list(dict.fromkeys(word for word in words if word not in vocabulary))
    if not unknown:
        return
    hints = []
    for word in unknown:
        near = difflib.get_close_matches(word, list(vocabulary)[2:], n=2, cutoff=0.6)
        hints.append(repr(word) + (f" (perhaps {' or '.join(map(repr, near))})" if near else ""))
    raise UserError(
        f"the model has not learned {', '.join(hints)}; say it in other words, or allow unknown words", "allow_unknown"
    )


def refuse_unknown_names(arguments: Iterable[str], labels: Vocabulary) -> None:
    """Refuses names of arguments that no program of the model can hold, with those that it can.

    Raises:
        UserError: there is such a name.
    """
    for name in arguments:
        if f"{name}/0" not in labels:
            known = sorted(label[0] for label in labels if len(label) == 3 and label[0].isalpha() and label[1:] == "/0")
            raise UserError(
                f"the model has never seen an argument named {name}; name it as one of {', '.join(known)}, here and in "
                "the sentence"
            )


def guess_arguments(words: Sequence[str]) -> dict[str, str]:
    """Names and types of the arguments that a sentence declares.

    ``given an array of numbers a and a number b , find ...`` -> ``{"a": "int[]", "b": "int"}``. A declaration without a
    name gets the first letter that stands nowhere in the sentence, or "a", which is mostly the article. A sentence that
    does not begin with declarations is searched for such nouns, and one that has none for what it speaks of: ``add up
    the list`` -> ``{"a": "int[]"}``.
    """
    groups = _groups(words) or _spoken_of(" ".join(words))
    arguments = {name: group.kind for group in groups for name in group.names}
    taken = {*arguments} | ({*words} - {"a"})
    free = (letter for letter in string.ascii_lowercase if letter not in taken)
    return arguments | dict(zip(free, (group.kind for group in groups if not group.names), strict=False))


def arguments_of_values(words: Sequence[str], values: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Names and types of the arguments that inputs of runs have; types are those of a declaration in the words of the
    published data, then those of the values, and for empty lists what else the sentence tells.

    Empty where there are none, or where the sentence names others.
    """
    names = list(dict.fromkeys(name for inputs in values for name in inputs))
    named = {name for group in _groups(words) for name in group.names}
    if not named <= {*names}:
        return {}
    declared = {name: group.kind for group in split_text(words).groups for name in group.names}
    shown = {name: _type_in([inputs[name] for inputs in values if name in inputs]) for name in names}
    told = guess_arguments(words)
    return {name: declared.get(name) or shown[name] or told.get(name, "int[]") for name in names}


def _type_in(values: Sequence[Any]) -> str:
    """The type of values that are not all empty lists; nothing where they are, or are of no type."""
    kinds = [str(kind) for value in values if value != [] and (kind := type_of_value(value)) is not None]
    return kinds[0] if kinds else ""


def _groups(words: Sequence[str]) -> list[Group]:
    return list(split_text(words).groups) or _loose_groups(" ".join(words))


def _spoken_of(text: str) -> list[Group]:
    """The first noun of each kind with an article, but not "the number of"."""
    found: list[tuple[int, Group]] = []
    for kind, noun in _NOUNS:
        match = re.search(rf"\b(?:the|an?|this|my|its|given|two|each)(?: given)? ({noun})\b(?! of\b)", text)
        if match:
            found.append((match.start(), Group(kind, ())))
            text = text.replace(match[0], "#" * len(match[0]))
    return [group for _, group in sorted(found, key=lambda pair: pair[0])]


def _loose_groups(text: str) -> list[Group]:
    """Nouns with names anywhere; without, only where the sentence begins as a declaration: "given an array , find"."""
    opening = _OPENING.match(text)
    end = opening.end() if opening else 0
    found: list[tuple[int, Group]] = []
    for kind, pattern in _LOOSE:
        for match in pattern.finditer(text):
            names = tuple(re.findall(rf"\b{_NAME}", match[2] or ""))
            if names or (match[1] and match.start() < end):
                found.append((match.start(), Group(kind, names)))
        text = pattern.sub(lambda match: "#" * len(match[0]), text)
    return [group for _, group in sorted(found)]


def guess_result(outputs: Sequence[Any]) -> str:
    """The type of the wanted outputs of some examples, such as ``int[]``; ``any`` where they do not tell."""
    kinds = {type_of_value(output) for output in outputs} - {None}
    return str(kinds.pop()) if len(kinds) == 1 else "any"
