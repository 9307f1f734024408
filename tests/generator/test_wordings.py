"""The notation of wordings: what a line can say, and what is refused."""

from random import Random

import pytest

from saps.errors import UserError
from saps.generator.wording_notation import parse_word_list, parse_wording, said_in
from saps.generator.wordings import Phrase, WordLists, render

BIG = ("large", "great")
LISTS: WordLists = {"big": parse_word_list("big", "large|great", {})}
PHRASES = {
    "one": Phrase(("the", "sum", "of", "a"), "singular"),
    "many": Phrase(("squares", "of", "a"), "plural"),
    "given": Phrase(("the", "given", "number"), "bare"),
    "series": Phrase(("numbers", "to", "a"), "series"),
}


def sayings(line: str) -> set[str]:
    """All that a line says in many draws."""
    sequence, rng = parse_wording(line, LISTS), Random(0)
    return {" ".join(render(sequence, PHRASES, rng, {})) for _ in range(60)}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("find it", {"find it"}),
        ("[a|b c|] d", {"a d", "b c d", "d"}),
        ("[a [b|c]|d]", {"a b", "a c", "d"}),
        ("mean {of one}", {"mean in the sum of a", "mean of the sum of a"}),
        ("mean {of many}", {"mean among squares of a"}),
        ("found {in one}", {"found in the sum of a"}),
        ("found {in many}", {"found among squares of a"}),
        ("mean {of series}", {"mean in numbers to a"}),
        ("{link many} half of {many}", {"among half of squares of a"}),
        ("{name given} or", {"the given number or"}),
        ("first {short one}", {"first sum of a"}),
        ("first {short given}", {"first the given number"}),
        ("{one: is | are} {many: is | are}", {"is are"}),
        (
            "{series: is | are} {one: <big> {of one} | {one}}",
            {f"are {b} {w} the sum of a" for b in BIG for w in ("in", "of")},
        ),
        ("{many: <big> {of many} | [{many}|big {many}]}", {"squares of a", "big squares of a"}),
        ("<big> and <big>", {"large and large", "great and great"}),
    ],
)
def test_a_line_says_all_of_its_choices_and_nothing_else(line: str, said: set[str]) -> None:
    assert sayings(line) == said


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[a|b", "never closed"),
        ("a ] b", r"'\]' stands outside"),
        ("a | b", "stands outside"),
        ("<small> thing", "<small> is no word list; known: big"),
        ("{of}x", "needs a blank"),
        ("{two words here}", "not understood"),
        ("a { b", "not understood"),
        ("{one: is}", "needs two sides"),
        ("{one: is | are | be}", "needs two sides"),
    ],
)
def test_a_line_out_of_the_notation_is_refused(line: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_wording(line, LISTS)


def test_an_alternative_may_have_a_weight() -> None:
    sequence, rng = parse_wording("[x3 often|seldom]", LISTS), Random(0)
    said = [render(sequence, PHRASES, rng, {}) for _ in range(2000)]
    assert 0.71 < said.count(["often"]) / len(said) < 0.79


def test_a_name_is_said_only_where_every_choice_says_it() -> None:
    assert said_in(parse_wording("[{one} {many}|{many}] {given: is | are} {link series}", LISTS)) == {"many"}
    assert said_in(parse_wording("{given: {given} {one} | {given}}", LISTS)) == {"given"}
