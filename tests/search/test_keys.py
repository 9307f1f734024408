"""Keys of values: the same for the same values, and small for large ones."""

import tracemalloc

from saps.lang.interpreter import Outcome
from saps.search.keys import key_of


def large(last: object) -> Outcome:
    return Outcome("value", [*[list(range(2_000))] * 9, {"a": [last] * 5}])


def test_the_key_of_a_large_value_takes_little_memory() -> None:
    outcome = large(1)  # has some 90,000 characters
    tracemalloc.start()
    key = key_of(outcome)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 30_000
    assert len(key) <= 64


def test_different_values_have_different_keys() -> None:
    small = [Outcome("value", value) for value in (1, "1", True, 1.0, [1], [[1]], {"a": 1}, [], "x" * 99, ["x"] * 99)]
    outcomes = [*small, *map(large, (1, "1", True, 1.0, [1], {"a": 1})), Outcome("limit")]
    assert len({key_of(outcome) for outcome in outcomes}) == len(outcomes)
    assert key_of(large([1, "a"])) == key_of(large([1, "a"]))
