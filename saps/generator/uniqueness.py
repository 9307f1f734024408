"""Whether a text came up before, in memory that stays the same however many texts there are.

Two Bloom filters (Bloom, 1970) take turns: when the younger is full, the older is emptied and begins anew. So a text
is known again among the last 4 million at least, and 8 million at most.
"""

from hashlib import blake2b

BITS = 1 << 26  # of one filter: 8 MiB, of which the operating system gives only what is touched
TEXTS = 1 << 22  # texts of a full filter: 16 bits each
PROBES = 8  # bits a text; a full filter then takes one new text of 1,700 for an old one: (1 - exp(-8/16)) ** 8
SAME_TEXTS = 1_000  # repeated texts in a row after which the templates are taken to have no more


def text_key(text: tuple[str, ...]) -> bytes:
    """What a text is remembered by: 16 bytes."""
    return blake2b(" ".join(text).encode(), digest_size=16).digest()


class SeenTexts:
    """The texts that came up; what it answers depends on the texts and their order alone."""

    def __init__(self, texts: int = TEXTS, bits: int = BITS) -> None:
        """Holds nothing; ``bits`` is a power of 2."""
        self.texts, self.bits = texts, bits
        self._young, self._old = bytearray(bits // 8), bytearray(0)
        self._count = 0

    def add(self, key: bytes) -> bool:
        """Remembers a text; whether it is new. A new one is taken for an old one once in 1,700 times at the worst."""
        first, step = int.from_bytes(key[:8], "big"), int.from_bytes(key[8:], "big") | 1
        places = [(first + number * step) % self.bits for number in range(PROBES)]
        if _holds(self._young, places) or (self._old and _holds(self._old, places)):
            return False
        if self._count == self.texts:
            self._old, self._young, self._count = self._young, bytearray(self.bits // 8), 0
        for place in places:
            self._young[place >> 3] |= 1 << (place & 7)
        self._count += 1
        return True


def _holds(filled: bytearray, places: list[int]) -> bool:
    return all(filled[place >> 3] >> (place & 7) & 1 for place in places)
