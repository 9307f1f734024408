"""Letter n-grams: alike where words are alike, and never more than there is room for."""

from saps.tasks.letters import BUCKETS, MOST, ngrams


def shared(one: str, other: str) -> float:
    """The Jaccard similarity of the n-grams of two words."""
    ours, theirs = {*ngrams(one)}, {*ngrams(other)}
    return len(ours & theirs) / len(ours | theirs)


def test_words_that_look_alike_share_their_ngrams() -> None:
    assert shared("elements", "elemnts") > 0.5
    assert shared("list", "lsit") > 0.25
    assert shared("sorted", "sorting") > 0.3
    assert shared("list", "number") < 0.1


def test_numbers_are_those_of_buckets_and_bounded() -> None:
    assert all(0 < number < BUCKETS for number in ngrams("sum"))
    assert len(ngrams("x" * 1_000)) == MOST
    assert len(ngrams("a")) == 1 + 2 + 1


def test_marks_and_signs_have_none() -> None:
    assert [ngrams(token) for token in ("<a>", "=<b>", ",", "int[]", "")] == [()] * 5
