"""Names for the arguments of one task of the plain register."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from string import ascii_lowercase

from saps.generator.plain.speech import Speech
from saps.lang.primitives import PRIMITIVES

Need = tuple[str, str, bool]
"""Type, slot, and whether the name must be a letter before "th" """

ORDINALS = "kkknnnmixpj"
SUGGESTED = 0.4  # share of the arguments with a telling slot that are called after it, half of them by its first letter
DRAWS = 20


GENERIC = frozenset(["number", "other", "list", "lists", "string", "strings", "first", "second", "third"])
"""slots whose names name nothing"""


def suggested_names(slot: str) -> tuple[str, ...]:
    """What an argument may be called after its slot: the name and its first letter, or nothing."""
    return () if slot in GENERIC else tuple(name for name in (slot, slot[0]) if name not in PRIMITIVES)


def names_for(needs: Sequence[Need], speech: Speech, rng: Random) -> list[str]:
    """Distinct names: a, b, c in turn, or those that people give to arguments of these types."""
    if rng.random() < speech.shares["letters"] and not any(ordinal for _, _, ordinal in needs):
        return list(ascii_lowercase[: len(needs)])
    of_type = Counter(kind for kind, _, _ in needs)
    families = {kind: _family(kind, count, speech, rng) for kind, count in of_type.items() if count > 1}
    names: list[str] = []
    places: Counter[str] = Counter()
    for need in needs:
        kind = need[0]
        wish = _wish(need, families.get(kind, ()), places[kind], speech, rng)
        places[kind] += 1
        for _ in range(DRAWS):
            if wish not in names:
                break
            wish = rng.choice(ORDINALS) if need[2] else speech.nouns[kind].names.pick(rng)
        names.append(wish if wish not in names else next(x for x in ascii_lowercase if x not in names))
    return names


def _family(kind: str, count: int, speech: Speech, rng: Random) -> Sequence[str]:
    """Names that go together, or none where no family is as large."""
    for _ in range(DRAWS):
        family = speech.nouns[kind].families.pick(rng)
        if len(family) >= count:
            return family
    return ()


def _wish(need: Need, family: Sequence[str], place: int, speech: Speech, rng: Random) -> str:
    kind, slot, ordinal = need
    if ordinal:
        return rng.choice(ORDINALS)
    suggested = suggested_names(slot)
    if suggested and rng.random() < SUGGESTED:
        return rng.choice(suggested)
    return family[place] if family else speech.nouns[kind].names.pick(rng)
