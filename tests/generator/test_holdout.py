"""Combinations that are held out: what holds one, and that they stay on their side."""

import pytest

from saps.errors import UserError
from saps.generator import Switches, generate, shipped_library
from saps.generator.selection import parse_combination
from saps.generator.streams import make_stream
from saps.generator.tasks import HELD_OUT
from saps.lang.spelling import parse

TEMPLATES = shipped_library().templates
SUM_OF_REVERSED = "(reduce (reverse a) 0 +)"
SUM_OF_DOUBLED_REVERSED = "(reduce (map (reverse a) (partial0 2 *)) 0 +)"


@pytest.mark.parametrize(
    ("combination", "program", "held"),
    [
        ("reverse inside sum", SUM_OF_REVERSED, True),
        ("reverse inside sum", "(reduce a 0 +)", False),
        ("reverse inside sum", "(reverse (map a square))", False),
        ("reverse inside sum", SUM_OF_DOUBLED_REVERSED, False),
        ("reverse anywhere inside sum", SUM_OF_DOUBLED_REVERSED, True),
        ("reverse inside sum", f"(+ b {SUM_OF_REVERSED})", True),
        ("basic_reverse_int_array inside basic_reduce_int_array", SUM_OF_REVERSED, True),
        ("sum inside reverse digits", "(reverse a)", False),
    ],
)
def test_a_combination_is_seen_in_the_program(combination: str, program: str, held: bool) -> None:
    assert parse_combination(combination, TEMPLATES).is_in(parse(program)) == held


@pytest.mark.parametrize(
    ("combination", "complaint"),
    [
        ("reverse in sum", "is not of the form"),
        ("reverse inside", "is not of the form"),
        ("revers inside sum", "no template is called 'revers'; perhaps reverse"),
        ("joined inside sum", "cannot come up: the first gives string, the second takes int[]"),
    ],
)
def test_a_combination_that_cannot_be_is_refused(combination: str, complaint: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_combination(combination, TEMPLATES)
    assert complaint in str(caught.value)


def test_held_out_combinations_come_up_on_their_side_alone() -> None:
    text = "basic_int_array_part inside basic_reduce_int_array"
    switches = Switches(hold_out=[text], tests=0)
    combination = parse_combination(text, TEMPLATES)
    assert any(combination.is_in(task.program) for task in generate(2000, 3, switches=Switches(tests=0)))
    assert not any(combination.is_in(task.program) for task in generate(2000, 3, switches=switches))
    stream = make_stream(3, switches, HELD_OUT)
    assert all(combination.is_in(task.program) for index in range(30) for task in stream.tasks(index))


def test_what_is_drawn_as_a_combination_holds_it() -> None:
    stream = make_stream(5, Switches(hold_out=["reverse anywhere inside l1_reverse_number"]), HELD_OUT)
    combination = parse_combination("reverse anywhere inside l1_reverse_number", TEMPLATES)
    tasks = [task for index in range(10) for task in stream.tasks(index)]
    assert all(combination.is_in(task.program) and len(task.tests) == 10 for task in tasks)
