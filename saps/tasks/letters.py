"""Words by their letters: hashed n-grams, so that a word never seen, inflected or misspelt, is like those it resembles.

Bojanowski et al., 2017, "Enriching Word Vectors with Subword Information", with shorter n-grams: a word with two
letters swapped still shares most of its single letters and pairs.
"""

import zlib
from functools import lru_cache

BUCKETS = 2_048
"""Numbers of n-grams; 0 stands for none."""
LONGEST = 3
MOST = 40
"""N-grams of one word; a longer word ends there."""


@lru_cache(maxsize=50_000)
def ngrams(word: str) -> tuple[int, ...]:
    """The numbers of a word's 1- to 3-grams, its ends marked; a token with signs in it, such as a mark, has none."""
    if not word.replace("_", "").isalnum():
        return ()
    marked = f"^{word}$"
    grams = [*word, *(marked[at : at + n] for n in range(2, LONGEST + 1) for at in range(len(marked) - n + 1))]
    return tuple(1 + zlib.crc32(gram.encode()) % (BUCKETS - 1) for gram in grams[:MOST])
