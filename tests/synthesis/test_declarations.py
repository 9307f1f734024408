"""Possible arguments of sentences that declare none, and which of them a model takes."""

import pytest

from saps.errors import UserError
from saps.lang.spelling import parse, to_lisp
from saps.models.system import Prediction
from saps.synthesis.declarations import MOST, declarations
from saps.synthesis.doubt import SURE_ARGUMENTS
from saps.synthesis.from_text import query_from_text
from saps.synthesis.likely import with_likely_arguments
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import Query
from saps.tasks.tokens import tokenize


@pytest.fixture(scope="module")
def boxed() -> Synthesizer:
    return Synthesizer.load("data/model")


@pytest.mark.parametrize(
    ("sentence", "arguments"),
    [
        ("sort the numbers in xs", {"xs": "int[]"}),
        ("multiply each number of nums by k", {"nums": "int[]", "k": "int"}),
        ("find the kth smallest element of xs", {"k": "int", "xs": "int[]"}),
        ("common elements of p and q", {"p": "int[]", "q": "int[]"}),
        ("the sum of the digits of n", {"n": "int"}),
        ("the number of vowels in s", {"s": "string"}),
        ("add up all the numbers in the list", {"a": "int[]"}),
        ("the longest string in names", {"names": "string[]"}),
        ("given an array of numbers a and a number b , find elements of a smaller than b", {"a": "int[]", "b": "int"}),
    ],
)
def test_what_a_sentence_says_is_among_the_first(sentence: str, arguments: dict[str, str]) -> None:
    assert arguments in [one.arguments for one in declarations(tokenize(sentence))[:4]]


@pytest.mark.parametrize("sentence", ["", "hello", "a", "i want to know , please", "the sum of b c d e f"])
def test_there_is_always_one_and_never_too_many(sentence: str) -> None:
    found = declarations(tokenize(sentence))
    assert 1 <= len(found) <= MOST
    assert [one.cost for one in found] == sorted(one.cost for one in found)


@pytest.mark.parametrize(
    "names",
    [
        "b c d e f g",
        "of numbers , of values , of items , of elements , of data , of names , of words , of strings , of texts , "
        "of scores , of prices , of weights , of heights , of ages , by a , is i",
    ],
)
def test_more_names_than_can_be_tried_are_to_be_declared(names: str) -> None:
    with pytest.raises(UserError, match=r"types of \d+ arguments.*at most 5 can be guessed; declare them"):
        declarations(tokenize(f"the sum {names}"))


def test_names_that_the_sentence_declares_are_not_counted() -> None:
    (first, *_) = declarations(tokenize("add up the numbers b , c , d , e , f , g , h"))
    assert first.arguments == dict.fromkeys("bcdefgh", "int")


def test_articles_are_no_names() -> None:
    (first, *_) = declarations(tokenize("find the largest element of a list"))
    assert first.arguments == {"a": "int[]"}
    assert all("list" not in one.arguments for one in declarations(tokenize("find the largest element of a list")))


def test_the_most_probable_answer_decides_and_one_that_uses_all_arguments() -> None:
    def greedy(queries: list[Query]) -> list[Prediction]:
        answers = {("int[]",): "(len a)", ("int[]", "int"): "(len xs)", ("int", "int[]"): "(+ k (len xs))"}
        programs = [answers.get(tuple(query.arguments.values())) for query in queries]
        return [Prediction(parse(code) if code else None, -0.1 if code else 0.0) for code in programs]

    query = with_likely_arguments(query_from_text("add k to the length of xs"), greedy)  # type: ignore[arg-type]
    assert query.arguments == {"k": "int", "xs": "int[]"}
    assert query.guessed


@pytest.mark.parametrize(
    "sentence", ["given an array of numbers a , find the sum of a", "given a number b , square it"]
)
def test_what_a_sentence_declares_is_not_guessed(sentence: str) -> None:
    query = query_from_text(sentence)
    assert with_likely_arguments(query, lambda queries: pytest.fail("was asked")) == query


@pytest.mark.parametrize(
    ("sentence", "program"),
    [
        ("sum of the even numbers in xs", "(reduce (filter xs (lambda1 (== (% arg1 2) 0))) 0 +)"),
        ("reverse nums", "(reverse nums)"),
        ("is n a prime number?", "(is_prime n)"),
        ("how many numbers in xs are bigger than k", "(len (filter xs (partial1 k >)))"),
    ],
)
def test_the_boxed_model_answers_a_bare_sentence(boxed: Synthesizer, sentence: str, program: str) -> None:
    assert to_lisp(boxed.synthesize(query_from_text(sentence)).program) == program


def test_an_answer_for_arguments_that_may_be_others_is_not_sure(boxed: Synthesizer) -> None:
    vague = boxed.synthesize(query_from_text("add x and y"))
    assert vague.query.certainty < SURE_ARGUMENTS
    assert "what the arguments are" in vague.doubt
    clear = boxed.synthesize(query_from_text("sum of the even numbers in nums"))
    assert clear.query.certainty > SURE_ARGUMENTS


def test_inputs_keep_the_arguments_that_they_have(boxed: Synthesizer) -> None:
    query = query_from_text("sum of the even numbers in xs", inputs={"xs": [1, 2]})
    assert boxed.synthesize(query, inputs={"xs": [1, 2]}).query.arguments == {"xs": "int[]"}
