"""What the arguments of a sentence may be that declares none: possible declarations, each with what speaks against it.

``subtract k from each number in xs`` may mean ``{"k": "int", "xs": "int[]"}`` or ``{"k": "int[]", "xs": "int"}``, and
"the list" is an argument without a name. The costs below are set by hand; what they leave open a trained model decides,
which has a probable program for few of the declarations (``saps.synthesis.likely``).
"""

import itertools
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from saps.errors import UserError
from saps.synthesis import spoken
from saps.synthesis.guesses import guess_arguments
from saps.tasks.canonical import WORDS_TOO

MOST = 48
"""Declarations that are thought of; the costlier ones are left out."""
MOST_OPEN = 5
"""Names of which the sentence does not tell whether, and of which type, they are arguments; their choices multiply."""

_NO_NAME = {"a": 2.5, "i": 1.0}  # of a letter that may be a name, where it is read as the article or the pronoun
_NO_WORD = 0.5  # of a word that may be a name
_ALIKE = 0.8  # what speaks for names that are joined, "p and q", and of one type
_TURNED = 0.3  # arguments in another order than the sentence names them in
_UNNAMED_TOO = 0.5  # an argument without a name beside others with one
_NOT_SPOKEN = 0.7  # an argument without a name of a type that the sentence does not speak of
_LEFT_OUT = 1.0  # a type that it speaks of and that no argument has
_STRINGS, _NO_STRINGS = 4.0, 2.0  # strings where it speaks of none, and none where it speaks of them
_ARGUMENT = 0.3  # each

_UNNAMED = (
    *((kind,) for kind in spoken.KINDS),
    *(("int[]", "int"), ("int", "int"), ("int[]", "int[]"), ("string", "string")),
    *(("string[]", "string"), ("string[]", "int"), ("string", "int")),
)
"""Arguments of sentences that name none."""


class Declaration(NamedTuple):
    """Possible arguments of a sentence."""

    arguments: Mapping[str, str]
    cost: float
    """What speaks against them: a negative log-probability in nats, up to a constant."""


def declarations(words: Sequence[str]) -> list[Declaration]:
    """Possible arguments of a sentence, the likelier ones first; there is always one.

    Raises:
        UserError: the types of more than ``MOST_OPEN`` names are open.
    """
    found: dict[tuple[tuple[str, str], ...], float] = {}
    guess, told = guess_arguments(words), _told(words)
    _refuse_too_many(words, guess)
    for arguments, cost in itertools.chain([(guess, 0.0)] if guess else [], _possible(words)):
        key = tuple(arguments.items())
        found[key] = min(cost + _cost_of_types(told, arguments), found.get(key, float("inf")))
    ordered = sorted(found.items(), key=lambda pair: pair[1])
    return [Declaration(dict(key), cost) for key, cost in ordered[:MOST]]


def _refuse_too_many(words: Sequence[str], guess: Mapping[str, str]) -> None:
    left_open = [name for name in _names(words)[0] if name not in guess]
    if len(left_open) > MOST_OPEN:
        shown = ", ".join([name[:20] for name in left_open[: MOST_OPEN + 1]])
        more = ", ..." if len(left_open) > MOST_OPEN + 1 else ""
        raise UserError(
            f"the sentence does not tell the types of {len(left_open)} arguments ({shown}{more}), and at most "
            f"{MOST_OPEN} can be guessed; declare them, as in {left_open[0][:20]}:int",
            "arg",
        )


def _possible(words: Sequence[str]) -> Iterator[tuple[dict[str, str], float]]:
    """Arguments, and what speaks against their names and against the type of each by itself."""
    names, maybe = _names(words)
    for shares in itertools.product((True, False), repeat=len(maybe)):
        left_out = [name for name, taken in zip(maybe, shares, strict=True) if not taken]
        own = [name for name in names if name not in left_out]
        doubt = sum(_NO_NAME.get(name, _NO_WORD) for name in left_out)
        for named, cost in _typed(words, own):
            if named:
                yield named, doubt + cost
                yield dict(reversed(named.items())), doubt + cost + _TURNED
            if len(named) < 3:
                for unnamed in tuple((kind,) for kind in spoken.KINDS) if named else _UNNAMED:
                    yield _with_unnamed(words, named, unnamed), doubt + cost + _UNNAMED_TOO * bool(named)


def _names(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """What are names of arguments in a sentence, in their order, and which of them may be just words."""
    names: list[str] = []
    maybe: set[str] = set()
    after = [*words[1:], ""]
    for place, word in enumerate(_without_endings(words)):
        before = words[place - 1] if place else ""
        if word == "a":
            is_name = after[place] in spoken.AFTER_NAMED_A
        elif word == "i":
            is_name = bool(before) and before != "how" and after[place] not in spoken.AFTER_THE_PRONOUN
        elif len(word) == 1:
            is_name = word.isalpha() and before != "'"
        else:
            usual = any(word in usual for usual in spoken.NAMES.values()) and word not in WORDS_TOO
            is_name = usual or re.fullmatch(r"[a-z]+(?:\d+|_\w+)", word) is not None
            if _is_word_as_name(word, before, after[place]):
                is_name = True
                maybe.add(word)
        if is_name:
            names.append(word)
    names = list(dict.fromkeys(names))
    return names, [name for name in names if name in _NO_NAME or name in maybe]


def _is_word_as_name(word: str, before: str, after: str) -> bool:
    """Whether a word such as "names" may be a name: no article before it, and nothing that it has after it."""
    is_one = any(word in usual for usual in spoken.WORDS_AS_NAMES.values())
    return is_one and before in spoken.INSIDE | spoken.BEFORE_A_LIST and after in spoken.AFTER_NAMED_A


def _without_endings(words: Sequence[str]) -> list[str]:
    """``k`` in the place of ``kth``."""
    return [word[0] if len(word) == 3 and word.endswith("th") else word for word in words]


def _typed(words: Sequence[str], names: Sequence[str]) -> Iterator[tuple[dict[str, str], float]]:
    """The names with types, and what speaks against these."""
    choices = [sorted(_costs_of_name(words, name).items(), key=lambda pair: pair[1])[:3] for name in names]
    for chosen in itertools.islice(itertools.product(*choices), 81):
        named = {name: kind for name, (kind, _) in zip(names, chosen, strict=True)}
        yield named, sum(cost for _, cost in chosen) - _ALIKE * _alike(words, named)


def _costs_of_name(words: Sequence[str], name: str) -> dict[str, float]:
    """What speaks against each type of a name, by the name itself and the words around it."""
    costs = {kind: 1.0 - 0.8 * (name in usual) for kind, usual in spoken.NAMES.items()}
    for kind, words_too in spoken.WORDS_AS_NAMES.items():
        costs[kind] -= 1.3 * (name in words_too)
    for place, word in enumerate(_without_endings(words)):
        if word != name:
            continue
        before, after = [*words[max(0, place - 5) : place]], words[place + 1] if place + 1 < len(words) else ""
        last = before[-1] if before else ""
        if words[place] != name or last in spoken.BEFORE_A_NUMBER:
            costs["int"] -= 1.0
        if after in spoken.AFTER_A_NUMBER:
            costs["int"] -= 1.0
        if (last == "of" and {*before[-2:-1]} & spoken.OF_A_NUMBER) or after in ("squared", "cubed"):
            costs["int"] -= 1.5
        if last in spoken.BEFORE_A_LIST or (last in spoken.INSIDE and any(map(spoken.PLURAL.fullmatch, before))):
            costs["int[]"] -= 0.7
            costs["string[]"] -= 0.5
        for kind, ending in spoken.BEFORE_A_NAME.items():
            costs[kind] -= 2.0 * bool(ending.search(" ".join(before[-4:])))
    return costs


def _alike(words: Sequence[str], named: Mapping[str, str]) -> int:
    """How many pairs of names that stand joined are of one type."""
    joined = zip(words, words[1:], words[2:], strict=False)
    pairs = [(one, other) for one, between, other in joined if between in ("and", "or", ",")]
    return sum(one in named and named[one] == named.get(other) for one, other in pairs)


def _with_unnamed(words: Sequence[str], named: Mapping[str, str], unnamed: Sequence[str]) -> dict[str, str]:
    """Arguments that the sentence does not name get letters that it does not hold; "a" is mostly the article."""
    free = (letter for letter in string.ascii_lowercase if letter not in named and letter not in {*words} - {"a"})
    return dict(zip(free, unnamed, strict=False)) | dict(named)


class _Told(NamedTuple):
    """What a sentence tells of the types of its arguments."""

    words: frozenset[str]
    kinds: frozenset[str]  # those that it speaks of
    strings: bool  # it speaks of strings
    maybe_strings: bool  # it says what lists of numbers may have as well


def _told(words: Sequence[str]) -> _Told:
    text = " ".join(words)
    kinds = frozenset(kind for kind, noun in spoken.NOUNS.items() if noun.search(text))
    strings, maybe = spoken.STRINGS.search(text), spoken.MAYBE_STRINGS.search(text)
    return _Told(frozenset(words), kinds, strings is not None, maybe is not None)


def _cost_of_types(told: _Told, arguments: Mapping[str, str]) -> float:
    """What speaks against the types of all arguments together, by what the sentence speaks of."""
    kinds, expected = {*arguments.values()}, {*told.kinds}
    if "int[]" in expected and told.strings:  # "the longest word of the list"
        expected = (expected | {"string[]"}) - ({"int[]", "string"} - kinds)
    if "string[]" in kinds:  # "the longest string in names"
        expected -= {"string"}
    is_sole = len(arguments) == 1
    unnamed = [kind for name, kind in arguments.items() if name not in told.words or (name == "a" and is_sole)]
    cost = _ARGUMENT * len(arguments) + _LEFT_OUT * len(expected - kinds)
    cost += _NOT_SPOKEN * sum(kind not in expected for kind in unnamed)
    if kinds & {"string", "string[]"}:
        return cost + (0.0 if told.maybe_strings else _STRINGS)
    return cost + (_NO_STRINGS if told.strings else 0.0)
