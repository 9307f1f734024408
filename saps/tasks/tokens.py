"""Free text to the tokens of the data set: lower-case words, with brackets, commas and signs standing alone."""

import functools
import re
import unicodedata
from collections.abc import Callable

_PLAIN = str.maketrans("‘’‚“”„‐‑‒–—−", "'''\"\"\"------")
_COMPOUND = re.compile(r"(?<=\w\w)-(?=\w\w)|(?<=\d)-(?=based\b|indexed\b)")  # second-largest, 0-based
_SENTENCE_END = re.compile(r"[.!?;:]+(?=\s|$)")
_PIECES = re.compile(r"\d+\.\d+|\w+|[^\w\s]")


_WORDS_AND_COMMAS = re.compile(r"[a-z0-9,\s]*", re.ASCII)

_QUOTES = {"``": '"', "''": '"'}  # how NLTK writes an opening and a closing double quote


def tokenize(text: str) -> tuple[str, ...]:
    """The tokens of a sentence, in the manner of the data set.

    A text that already is tokens with blanks between them comes back as it is. In free text a full stop or question
    mark at the end is dropped and one between two sentences becomes a comma, since the data set strings its clauses
    together with commas. A compound such as "second-largest" becomes two words; "c-th" becomes "c - th".
    A text without any word gives no tokens.
    """
    whole = text.encode("utf-8", "ignore").decode("utf-8")  # half characters come in from a terminal
    plain = unicodedata.normalize("NFKC", whole).translate(_PLAIN).lower()
    plain = _COMPOUND.sub(" ", plain)
    clauses = _SENTENCE_END.sub(" , ", plain)
    return tuple(_tidy_commas(_pieces(clauses)))


def _pieces(clauses: str) -> list[str]:
    """Words and signs; NLTK, whose import takes half a second, only for texts that have other signs than commas."""
    if _WORDS_AND_COMMAS.fullmatch(clauses):
        return _PIECES.findall(clauses)
    return [piece for word in _splitter()(clauses) for piece in _split(_QUOTES.get(word, word))]


@functools.cache
def _splitter() -> Callable[[str], list[str]]:
    """NLTK's tokeniser without its contractions: the data set writes "cannot" as one word."""
    from nltk.tokenize import NLTKWordTokenizer

    splitter = NLTKWordTokenizer()
    splitter.CONTRACTIONS2 = splitter.CONTRACTIONS3 = []
    split: Callable[[str], list[str]] = splitter.tokenize
    return split


def _split(word: str) -> list[str]:
    """A token of NLTK cut further at its signs, as the data set does: "'s" is two tokens, "a+b" three."""
    return [word] if word.isalpha() else _PIECES.findall(word)


def _tidy_commas(tokens: list[str]) -> list[str]:
    """The tokens without repeated commas and without commas at either end."""
    kept: list[str] = []
    for token in tokens:
        if token != "," or (kept and kept[-1] != ","):
            kept.append(token)
    return kept[:-1] if kept and kept[-1] == "," else kept
