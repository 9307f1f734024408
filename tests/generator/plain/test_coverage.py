"""Programs that the plain templates compose to, however their numbers are written."""

from saps.lang.spelling import parse
from tests.generator.plain.coverage import composed, folded


def test_constants_are_folded_wherever_they_stand() -> None:
    assert folded(parse("(* n (- (* (+ 2 2) n) (+ 2 1)))")) == folded(parse("(* n (- (* (square 2) n) (+ 1 2)))"))


def test_a_composition_is_found_and_what_no_template_gives_is_missing() -> None:
    nested = {"program": "(reduce (filter a (lambda1 (== (% arg1 2) 0))) 0 +)", "args": {"a": "int[]"}}
    third = {"program": "(filter b (lambda1 (== (% arg1 (+ 2 1)) 0)))", "args": {"b": "int[]"}}
    strange = {"program": "(map a (lambda1 (if (> arg1 10) 40 arg1)))", "args": {"a": "int[]"}}
    types = ("int", "int[]", "int[]")
    records = [{**record, "return_type": kind} for record, kind in zip((nested, third, strange), types, strict=True)]
    found, missing = composed(records)
    assert len(found) == 2
    assert len(missing) == 1
