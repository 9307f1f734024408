"""Asserts read as syntax: what is a test, and what is left out."""

import time

import pytest

from saps.tasks.benchmarks.asserts import MAX_SOURCE, Call, NotLiteralError, parse_python, read_asserts


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("assert f([1, -2], 'x') == 3", Call(([1, -2], "x"), 3)),
        ("assert f((1, (2, 3))) == ('a', 'b')", Call(([1, [2, 3]],), ["a", "b"])),
        ("assert f(5) is True", Call((5,), True)),
        ("assert f(5), 'why'", Call((5,), True)),
        ("assert not f(5)", Call((5,), False)),
        ("  assert f(6) == 7\n", Call((6,), 7)),
        ("assert f() == []", Call((), [])),
        ("assert (f((True))==(False)) ", Call((True,), False)),
    ],
)
def test_a_call_with_its_result_is_a_test(source: str, call: Call) -> None:
    assert read_asserts(source) == ([call], 0)


@pytest.mark.parametrize(
    "source",
    [
        "assert __import__('os').system('touch /tmp/never') == 0",
        "assert f(open('x')) == 1",
        "assert f(10 ** 10 ** 10) == 1",
        "assert f(x) == 1",
        "assert f(1.5) == 1",
        "assert f(1) == 1.0",
        "assert f(None) == 1",
        "assert f(b'x') == 1",
        "assert f(-True) == 1",
        "assert f({1: 2}) == 1",
        "assert f(f'{1}') == 1",
        "assert f(*[1]) == 1",
        "assert f(a=1) == 1",
        "assert set(f(1)) == {1}",
        "assert f(1) == f(1)",
        "assert f(1) != 1",
        "assert 1 == f(1)",
        "assert 0 < f(1) < 2",
        "assert f.g(1) == 1",
        "assert f('\\ud800') == 1",
        f"assert f(0x{'f' * 5000}) == 1",
        f"assert f({'9' * 5000}) == 1",
        f"assert f({'[' * 150}{']' * 150}) == {'[' * 190}",
        f"assert f({'-' * 50_000}1) == 1",
        f"assert f({'(' * 50_000}",
        f"assert f(1) == 1{' ' * MAX_SOURCE}",
        "assert f(1) ==",
        "assert f('\0') == 1",
    ],
)
def test_what_says_more_is_left_out_and_counted(source: str) -> None:
    begin = time.process_time()
    assert read_asserts(source) == ([], 1)
    assert time.process_time() - begin < 1


def test_the_asserts_of_a_function_in_order() -> None:
    body = ("other(1) == 1", "candidate(1) == 2", "candidate(2) == 4.5", "candidate(3)")
    source = "\n\ndef check(candidate):\n" + "".join(f"    assert {test}\n" for test in body)
    assert read_asserts(source, "candidate") == ([Call((1,), 2), Call((3,), True)], 2)


def test_no_assert_is_no_test() -> None:
    assert read_asserts("import os\nos.remove('x')\nassert True, 'says nothing'") == ([], 0)


def test_python_that_is_none() -> None:
    with pytest.raises(NotLiteralError):
        parse_python("def")
