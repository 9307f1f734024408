"""Whether an answer is sure: what is said of one that may well be wrong, and from which probability on one is not."""

from collections.abc import Collection, Sequence
from itertools import groupby
from operator import itemgetter

from saps.synthesis.result import Attempt
from saps.tasks.query import Query

SURE = 0.98
"""The least probability of a sure answer."""
SURE_ARGUMENTS = 0.6
"""The least certainty of guessed arguments with which an answer may be sure."""
PASSING = 0.2
"""The least probability of a sure answer that passes all examples: below it, few are what was meant."""
STRANGE = 0.4
"""The share of unknown words from which on a sentence is none that the model could know."""
PRECISION = 0.9
"""The share of the sure answers that are right, by which ``SURE`` is found."""

_WORDS = """
a an and are array arrays can consider could do element elements for function given have hello hey hi how i int
integer integers is it item items let list lists me my number numbers of or please program python s sequence some
something string strings take thanks that the there this to value values what with word words would write you
"""

_NO_WISH = frozenset(_WORDS.split())


def doubt_about(query: Query, attempt: Attempt, passes: bool, words: Collection[str], sure: float) -> str:
    """Why an answer may well be wrong; empty where it is sure.

    Args:
        query: what was asked.
        attempt: the answer.
        passes: it passes all examples, of which there is at least one.
        words: those that the model knows.
        sure: the least probability of a sure answer.
    """
    if passes:
        if attempt.probability >= PASSING:
            return ""
        share = f"{100 * attempt.probability:.2g} %"
        return f"the model gives this program a probability of {share}; one more example would tell"
    said = [word for word in query.text if word.isalpha() and word not in query.arguments]
    unknown = [word for word in dict.fromkeys(said) if word not in words]
    if len(unknown) > STRANGE * max(1, len(set(said))):
        return f"the model does not know most of this sentence ({', '.join(unknown[:5])}); it reads English alone"
    if not [word for word in said if word not in _NO_WISH]:
        return "the sentence says what is given, but not what is wanted of it"
    if query.examples:
        return "no program that was found passes the examples"
    if attempt.unused:
        return f"the program does not use {', '.join(attempt.unused)}"
    if query.certainty < SURE_ARGUMENTS:
        return "the sentence does not tell well what the arguments are; declare them, or give an example"
    if attempt.probability < sure:
        return f"the model gives this program a probability of {100 * attempt.probability:.0f} %; an example would tell"
    return ""


def least_sure(judged: Sequence[tuple[float, bool]], precision: float = PRECISION) -> float:
    """The least probability from which on this share of the answers is right, at least; above 1 where none is.

    Answers of the same probability count together, in whatever order they stand: a threshold takes all or none of them.

    Args:
        judged: probability of each answer, and whether it is right.
        precision: the share that is wanted.
    """
    best, right, count = 1.01, 0, 0
    ranked = sorted(judged, key=itemgetter(0), reverse=True)
    for probability, alike in groupby(ranked, key=itemgetter(0)):
        verdicts = [is_right for _, is_right in alike]
        right, count = right + sum(verdicts), count + len(verdicts)
        if right >= precision * count:
            best = probability
    return best
