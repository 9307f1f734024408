"""Questions that the page and the quickstart ask."""

from collections.abc import Mapping

SAMPLES: tuple[Mapping[str, str], ...] = (
    {
        "text": "given an array of numbers a , find the sum of even elements in a",
        "examples": '{"a": [1, 2, 3, 4]} -> 6',
        "input": '{"a": [5, 6, 7, 8]}',
    },
    {
        "text": "you are given an array of numbers a and a number b , what are elements of a that are bigger than b",
        "examples": '{"a": [1, 5, 3], "b": 2} -> [5, 3]',
        "input": '{"a": [10, 20, 30], "b": 15}',
    },
    {
        "text": "consider an array of strings a , what is the length of the alphabetically largest string in a",
        "examples": '{"a": ["to", "tree"]} -> 4',
        "input": '{"a": ["a", "sentence", "becomes", "code"]}',
    },
    {
        "text": "given an array of numbers a , reverse a",
        "examples": '{"a": [3, 1, 2]} -> [2, 1, 3]',
        "input": '{"a": [1, 2, 3]}',
    },
)
"""Questions that the page offers; those with words that the model has not learned are left out."""
