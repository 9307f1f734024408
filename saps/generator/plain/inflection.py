"""English inflections of words that a wording marks with a star: verbs, nouns, and the article a or an.

A marked word stays marked until its sentence is complete: what form it takes depends on the words around it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

STAR = "*"  # after a word: sort*, list*, a*
ARTICLE = "a*"
_SIBILANTS = ("s", "x", "z", "ch", "sh")
_VOWELS = "aeiou"
_THIRD = {"have": "has", "be": "is", "do": "does", "go": "goes"}
_DOUBLED = frozenset(("get", "sum", "swap", "put", "cut", "split", "drop", "chop", "trim", "strip", "flip", "set"))
_PLURALS = {"index": "indices", "vertex": "vertices"}
_CONSONANT_SOUND = ("one", "uni", "use", "euler")  # a one, a unique value


def starred(word: str) -> bool:
    """Whether a word of a wording waits for its form."""
    return len(word) > 1 and word[-1] == STAR


def third_person(verb: str) -> str:
    """``sort`` -> ``sorts``."""
    return _THIRD.get(verb) or _with_s(verb)


def gerund(verb: str) -> str:
    """``get`` -> ``getting``."""
    if verb in _DOUBLED:
        return f"{verb}{verb[-1]}ing"
    if verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")) and len(verb) > 2:
        return f"{verb[:-1]}ing"
    return f"{verb}ing"


def plural(noun: str) -> str:
    """``list`` -> ``lists``."""
    return _PLURALS.get(noun) or _with_s(noun)


INFLECTIONS: Mapping[str, Callable[[str], str]] = {"s": third_person, "ing": gerund}
"""How ``{s it}`` and ``{ing it}`` of a frame change the verbs of what stands there."""


def inflected(words: Iterable[str], form: Callable[[str], str]) -> list[str]:
    """The words with all marked ones but articles in a form."""
    return [form(word[:-1]) if starred(word) and word != ARTICLE else word for word in words]


def finished(words: Sequence[str]) -> list[str]:
    """The words without marks: verbs and nouns as they are, the article by the word that follows."""
    done: list[str] = []
    for place, word in enumerate(words):
        if not starred(word):
            done.append(word)
        elif word == ARTICLE:
            done.append("an" if _begins_with_vowel(words[place + 1 : place + 2]) else "a")
        else:
            done.append(word[:-1])
    return done


def forms_of(word: str) -> tuple[str, ...]:
    """All that a word of a wording can become."""
    if not starred(word):
        return (word,)
    if word == ARTICLE:
        return ("a", "an")
    base = word[:-1]
    return (base, third_person(base), gerund(base), plural(base))


def _with_s(word: str) -> str:
    if word.endswith(_SIBILANTS):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return f"{word[:-1]}ies"
    return f"{word}s"


def _begins_with_vowel(following: Sequence[str]) -> bool:
    return bool(following) and following[0][0] in _VOWELS and not following[0].startswith(_CONSONANT_SOUND)
