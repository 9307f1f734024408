"""From programs to the templates that compose to them."""

from saps.generator import generate, shipped_library
from saps.generator.parser import Derivation, ProgramParser, missing_parts
from saps.lang.spelling import parse, to_lisp

PARSER = ProgramParser(shipped_library())


def read(program: str, result: str = "int", **args: str) -> list[Derivation]:
    """The derivations of a program in Lisp spelling."""
    return PARSER.derivations(parse(program), args or {"a": "int[]", "b": "int[]", "n": "int"}, result)


def missing(program: str, result: str = "int") -> list[str]:
    """The smallest sub-trees without a template, in Lisp spelling."""
    args = {"a": "int[]", "b": "int[]", "n": "int"}
    return [to_lisp(part) for part in missing_parts(PARSER, parse(program), args, result)]


def names(derivation: Derivation) -> list[str]:
    """The names of the templates from the outside in."""
    return [instance.template.name for instance in derivation.instances()]


def test_every_generated_program_has_a_derivation_that_gives_it_back() -> None:
    for task in generate(300, seed=5):
        found = PARSER.derivations(task.program, task.args, task.return_type)
        assert found, to_lisp(task.program)
        assert all(derivation.program() == task.program for derivation in found)
        assert any(derivation.template.root == task.template for derivation in found)


def test_a_derivation_names_templates_and_arguments_from_the_outside_in() -> None:
    (derivation,) = read("(reduce (map (filter a is_prime) square) 0 +)")
    assert names(derivation) == ["sum", "square", "filter_prime"]
    assert list(derivation.arguments()) == [("a", "int[]")]


def test_a_slot_that_stands_twice_must_hold_the_same_tree() -> None:
    assert [names(d) for d in read("(deref (sort (map a square)) (/ (len (map a square)) 2))")] == [
        ["median", "square"]
    ]
    assert not read("(deref (sort (map a square)) (/ (len (map b square)) 2))")


def test_an_argument_stands_only_in_a_slot_of_its_type() -> None:
    assert read("(range 0 n)", "int[]", n="int")
    assert not read("(range 0 n)", "int[]", n="int[]")
    assert not read("(range 0 other)", "int[]", n="int")


def test_the_number_of_derivations_is_bounded() -> None:
    two_ways = "(+ (* (- n n) (- n n)) (* (- n n) (- n n)))"  # a length squared, and not a sum: - is no template
    assert len(PARSER.derivations(parse(two_ways), {"n": "int"}, "int", limit=1)) == 1


def test_nothing_is_missing_in_a_derivable_program() -> None:
    assert missing("(reduce (filter a is_prime) 0 +)") == []


def test_the_smallest_sub_tree_without_a_template_is_named_with_types_for_what_is_derivable() -> None:
    assert missing("(reduce (map (filter a is_prime) abs) 0 +)") == ["(map int[] abs)"]
    assert missing("(+ (reduce (map a abs) 0 +) (len (tail b)))") == ["(map int[] abs)", "(tail int[])"]
    assert missing("(> n 0)", "int") == ["(> int 0)"]


def test_a_piece_of_a_function_or_a_constant_is_never_missing_by_itself() -> None:
    assert missing("(+ n 1)") == ["(+ int 1)"]
    assert missing("(reduce (map a (lambda1 (+ arg1 (abs n)))) 0 +)") == ["(map int[] (lambda1 (+ arg1 (abs int))))"]
