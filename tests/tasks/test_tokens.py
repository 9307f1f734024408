"""Free text becomes tokens as the data set writes them."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saps.tasks import tokens
from saps.tasks.tokens import tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (
            "Given an array a, find the sum of its even elements.",
            "given an array a , find the sum of its even elements",
        ),
        ("What is the length of a?", "what is the length of a"),
        ("You are given a number n. Compute n+1!", "you are given a number n , compute n + 1"),
        ("elements of a at odd indices (0 based)", "elements of a at odd indices ( 0 based )"),
        ("elements of a at odd indices (0-based)", "elements of a at odd indices ( 0 based )"),
        ("the second-largest element, the c-th value", "the second largest element , the c - th value"),
        ("values that cannot be found", "values that cannot be found"),
        ("the string that's the largest", "the string that ' s the largest"),
        ('strings starting with "ab"', 'strings starting with " ab "'),
        ("strings starting with “ab” or ‘c’", "strings starting with \" ab \" or ' c '"),
        ("a[0] and -3.5", "a [ 0 ] and - 3.5"),
        ("Given:\n an array\ta ;;  find it ...", "given , an array a , find it"),
        ("ＦＩＮＤ ａ", "find a"),
        ("  \n ", ""),
        ("?!", ""),
        ("find \ud800a", "find a"),
    ],
)
def test_free_text(text: str, tokens: str) -> None:
    assert " ".join(tokenize(text)) == tokens


def test_tokens_of_the_data_set_come_back_as_they_are() -> None:
    text = "given arrays of numbers a and b , find a + c - th value which ' s length ( 1 based ) cannot be found in b"
    assert " ".join(tokenize(text)) == text


@given(st.text(alphabet="ab1Z9,  \t\n", max_size=40))
def test_words_and_commas_alone_are_split_as_nltk_would(text: str) -> None:
    clauses = text.lower()
    splitter = tokens._splitter()
    expected = [piece for word in splitter(clauses) for piece in tokens._split(word)]
    assert tokens._pieces(clauses) == expected


def test_a_sentence_of_words_does_without_nltk() -> None:
    code = "import sys; from saps.tasks.tokens import tokenize; tokenize('Given a, b'); print('nltk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
