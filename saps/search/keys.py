"""What tells apart the values that programs give, for observational equivalence."""

import hashlib
from collections.abc import Iterator
from itertools import chain
from typing import Any

from saps.lang.interpreter import Outcome
from saps.lang.sizes import count_elements
from saps.lang.values import SCALARS, LimitReached

_PIECE = 256  # elements of a large value that are looked at together


def key_of(outcome: Outcome) -> str | bytes:
    """What tells the values of outcomes apart, in at most 64 characters or bytes; nothing large is copied for it."""
    if outcome.kind != "value":
        return ""
    if _is_small(outcome.value) and len(text := repr(outcome.value)) <= 64:
        return text
    digest = hashlib.blake2b()
    for piece in _pieces(outcome.value):
        digest.update(piece.encode("utf-8", "surrogatepass"))
    return digest.digest()


def _pieces(value: Any) -> Iterator[str]:
    """A value as text, in pieces of a bounded size that are the same for the same values."""
    if _is_small(value) or type(value) in SCALARS:
        yield repr(value)
    elif type(value) is dict:
        yield f"{{{len(value)} "
        yield from _pieces([element for pair in value.items() for element in pair])
    else:
        yield f"[{len(value)} "
        for at in range(0, len(value), _PIECE):
            some = value[at : at + _PIECE]
            yield from (repr(some),) if _is_small(some) else chain.from_iterable(map(_pieces, some))


def _is_small(value: Any) -> bool:
    try:
        return count_elements(value, 4 * _PIECE, _PIECE) > 0
    except LimitReached:
        return False
