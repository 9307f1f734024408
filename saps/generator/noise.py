"""Disturbed texts: words left out, mistyped or replaced, as the switches ask for; and other names for arguments."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from random import Random
from string import ascii_lowercase
from typing import NamedTuple

from saps.generator.switches import Names, Switches
from saps.generator.yaml_nodes import read_yaml
from saps.lang.primitives import PRIMITIVES
from saps.resources import resource

SHORTEST = 4  # letters of a word that may be mistyped; shorter ones would turn into others
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {row[i]: row[max(i - 1, 0) : i] + row[i + 1 : i + 2] for row in _ROWS for i in range(len(row))}
"""The keys beside each letter on a keyboard."""


class NoiseWords(NamedTuple):
    """What ``data/noise.yaml`` holds."""

    synonyms: Mapping[str, tuple[tuple[str, ...], ...]]
    names: tuple[str, ...]


@cache
def noise_words() -> NoiseWords:
    """The synonyms and names that come with the package.

    Raises:
        UserError: ``file:line: what is wrong; what to do``.
    """
    keys = ("synonyms", "names")
    entries = read_yaml(resource("data/noise.yaml")).mapping(known=keys, needed=keys)
    synonyms = {
        word: tuple(tuple(other.split()) for other in line.text().split("|"))
        for word, line in entries["synonyms"].mapping().items()
    }
    names = entries["names"].words()
    for name in names:
        if name in PRIMITIVES or names.count(name) > 1 or len(name) < 2:
            raise entries["names"].error(f"{name!r} is a word of programs, too short or there twice; remove it")
    return NoiseWords(synonyms, tuple(names))


def letters_for(names: Names, rng: Random) -> Sequence[str]:
    """The names that the arguments of one program are given, in order; at least as many as the alphabet has."""
    if names == "letters":
        return ascii_lowercase
    if names == "shuffled":
        return rng.sample(ascii_lowercase, len(ascii_lowercase))
    words = noise_words().names
    return rng.sample(words, len(words))


def disturbed(text: Sequence[str], switches: Switches, names: Collection[str], rng: Random) -> tuple[str, ...]:
    """The text with words dropped, replaced and mistyped; names of arguments, numbers and marks stay."""
    synonyms = noise_words().synonyms
    words: list[str] = []
    for word in text:
        if word in names or not word.isalpha():
            words.append(word)
        elif rng.random() < switches.drop_words:
            continue
        elif word in synonyms and rng.random() < switches.synonyms:
            options = synonyms[word]
            words += options[int(rng.random() * len(options))]
        elif len(word) >= SHORTEST and rng.random() < switches.typos:
            words.append(mistyped(word, rng))
        else:
            words.append(word)
    return tuple(words or text)


def mistyped(word: str, rng: Random) -> str:
    """The word with one slip: a letter left out, doubled, exchanged with the next, or its neighbour on the keyboard."""
    at = int(rng.random() * (len(word) - 1))
    here, following = word[at], word[at + 1]
    beside = NEIGHBOURS.get(here, here)
    slips = (following, here + here + following, following + here, beside[int(rng.random() * len(beside))] + following)
    slip = slips[int(rng.random() * len(slips))]
    return word[:at] + (slip if slip != here + following else here + here + following) + word[at + 2 :]
