"""Words around a program: letters, declarations, dropped names, statements; and how often each comes up."""

from collections import Counter
from random import Random

import pytest

from saps.generator import shipped_library
from saps.generator.composition import Composed, Instance, compose, draw_instance
from saps.generator.sentences import sentence
from saps.generator.templates import Library, Template
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree

LIBRARY = shipped_library()
TEMPLATES = {template.name: template for template in LIBRARY.templates}
Drawn = tuple[Instance, Composed, tuple[str, ...]]


def spoken(instance: Instance, seed: int = 0) -> tuple[Composed, str]:
    rng = Random(seed)
    composed = compose(instance, LIBRARY, rng)
    return composed, " ".join(sentence(composed, LIBRARY, rng))


def nested(root: str, **fillers: str) -> Instance:
    return Instance(TEMPLATES[root], {slot: Instance(TEMPLATES[name]) for slot, name in fillers.items()})


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    """Many programs with their words, not run."""
    found, rng = [], Random(5)
    for _ in range(4000):
        instance = draw_instance(LIBRARY, rng, max_depth=3)
        composed = compose(instance, LIBRARY, rng)
        found.append((instance, composed, sentence(composed, LIBRARY, rng)))
    return found


def test_letters_follow_the_slots() -> None:
    composed, _ = spoken(nested("sum_of_smallest"))
    assert to_lisp(composed.program) == "(reduce (slice (sort a) 0 b) 0 +)"


def test_an_inner_template_keeps_its_letters_but_for_those_that_are_taken() -> None:
    composed, _ = spoken(nested("multiply_each", number="larger_of_two"))
    assert to_lisp(composed.program) == "(map a (partial1 (max c b) *))"


def test_a_letter_handed_out_for_a_name_is_not_an_argument() -> None:
    composed, text = spoken(nested("segment_squared"))
    assert [argument.name for argument in composed.arguments] == ["a", "b", "c", "d"]
    assert "of another end of segment e ," in text


def test_a_repeated_slot_repeats_what_fills_it() -> None:
    composed, _ = spoken(nested("last_half", list="reverse"))
    assert to_lisp(composed.program) == "(slice (reverse a) (/ (len (reverse a)) 2) (len (reverse a)))"


def test_arguments_are_declared_by_type() -> None:
    for seed in range(40):
        _, text = spoken(nested("present_in", list="slice"), seed)
        other = "e" if "define d as" in text else "d"
        assert f"arrays of numbers a and {other} and numbers b and c ," in text


def test_a_sole_argument_may_lose_its_name_and_then_does_so_everywhere() -> None:
    texts = [spoken(nested("first_half"), seed)[1].split() for seed in range(300)]
    nameless = [words for words in texts if "a" not in words[words.index(",") :]]
    assert 0.25 < len(nameless) / len(texts) < 0.41
    assert all("the given array" in " ".join(words) and words[words.index(",") - 1] == "numbers" for words in nameless)


def filled(name: str, *fillers: Instance | None) -> Instance:
    """An instance with others in its slots, in order; None stands for an argument."""
    slots = [slot.name for slot in TEMPLATES[name].slots]
    return Instance(TEMPLATES[name], {slot: inner for slot, inner in zip(slots, fillers, strict=True) if inner})


@pytest.mark.parametrize(
    ("instance", "letters"),
    [
        (filled("present_in", None, filled("less_than", filled("present_in", None, None), None)), "adbc"),
        (filled("plus", None, filled("prefix_subsequence", None, None)), "acb"),
        (filled("smaller_of_two", None, filled("segment_length", None, None, None, None)), "afbcd"),
        (filled("slice", None, filled("prefix_subsequence", filled("double", None), None), None), "acbd"),
    ],
)
def test_letters_are_given_from_the_inside_out(instance: Instance, letters: str) -> None:
    for seed in range(20):
        composed, text = spoken(instance, seed)
        if "define" not in text:
            assert "".join(argument.name for argument in composed.arguments) == letters


def test_a_letter_that_a_wording_introduces_is_no_argument() -> None:
    texts = [spoken(filled("plus", None, filled("reverse_digits", None)), seed)[1] for seed in range(60)]
    assert any("numbers a and c , let b be c , reverse digits in b ," in text for text in texts)


def test_a_statement_changes_one_thing_and_not_several() -> None:
    texts = {
        name: [spoken(filled("square", filled(name, None)), seed)[1] for seed in range(150)]
        for name in ("filter_even", "reverse")
    }
    stated = {
        name: sum(" , square " in text or " , multiply " in text for text in said) for name, said in texts.items()
    }
    assert stated["reverse"] > 20
    assert stated["filter_even"] == 0


def test_some_lines_are_only_for_arguments() -> None:
    def named(inner: Instance | None) -> int:
        texts = [spoken(filled("range_from_0_inclusive", inner), seed)[1] for seed in range(150)]
        return sum(text.endswith(("( including a )", "( including the given number )")) for text in texts)

    assert named(None) > 15
    assert named(filled("factorial", None)) == 0


def test_the_article_is_said_once_between_question_and_phrase_and_stays_within() -> None:
    texts = [spoken(filled("first_prime_sum", None), seed)[1] for seed in range(100)]
    assert any("that the the chosen" in text for text in texts)
    assert not any("the the" in spoken(filled("sum", None), seed)[1] for seed in range(50))


def test_strings_are_declared_after_the_first_numbers() -> None:
    text = spoken(filled("plus", filled("string_length", None), filled("first", None)))[1]
    assert " an array of numbers" in text.split(" a string")[0]


def test_statements_come_before_the_question() -> None:
    texts = [spoken(nested("square"), seed)[1] for seed in range(200)]
    stated = [text for text in texts if " , square " in text or " , multiply " in text]
    assert stated
    for text in stated:
        assert text.split(" , ")[-1].endswith((" a", " the given array"))


def test_openings_come_up_equally(drawn: list[Drawn]) -> None:
    openings = Counter(words[0] for _, _, words in drawn)
    assert set(openings) == {"consider", "you", "given"}
    assert all(abs(count / len(drawn) - 1 / 3) < 0.03 for count in openings.values())


def test_roots_come_up_by_weight(drawn: list[Drawn]) -> None:
    total = sum(template.weight for template in LIBRARY.templates)
    expected: Counter[str] = Counter()
    for template in LIBRARY.templates:
        expected[template.root] += template.weight / total  # type: ignore[assignment]
    found = Counter(instance.template.root for instance, _, _ in drawn)
    assert all(abs(found[root] / len(drawn) - share) < 0.015 for root, share in expected.items())


def test_more_than_half_of_the_slots_hold_an_argument(drawn: list[Drawn]) -> None:
    arguments = sum(len(composed.arguments) for _, composed, _ in drawn)
    inner = sum(count_instances(instance) - 1 for instance, _, _ in drawn)
    assert arguments > inner


def test_one_to_three_instances_at_most_three_deep(drawn: list[Drawn]) -> None:
    assert {count_instances(instance) for instance, _, _ in drawn} == {1, 2, 3}
    assert {depth_of(instance) for instance, _, _ in drawn} == {1, 2, 3}


def test_no_sentence_doubles_the_article_or_leaves_a_mark_of_the_notation(drawn: list[Drawn]) -> None:
    for _, _, words in drawn:
        assert not set("[]{}<>|") & set("".join(words))
        assert words[words.index(",") + 1] != ","


def test_argument_names_never_hide_a_primitive_or_each_other(drawn: list[Drawn]) -> None:
    for _, composed, _ in drawn:
        names = [argument.name for argument in composed.arguments]
        assert len(set(names)) == len(names)
        assert all(len(name) == 1 and name.islower() for name in names)


def count_instances(instance: Instance) -> int:
    return 1 + sum(map(count_instances, instance.fillers.values()))


def depth_of(instance: Instance) -> int:
    return 1 + max(map(depth_of, instance.fillers.values()), default=0)


def test_a_filled_slot_has_the_type_of_what_fills_it(drawn: list[Drawn]) -> None:
    def walk(instance: Instance, library: Library) -> None:
        template: Template = instance.template
        types = {slot.name: slot.type for slot in template.slots}
        for name, inner in instance.fillers.items():
            assert inner.template.result == types[name]
            walk(inner, library)

    for instance, _, _ in drawn:
        walk(instance, LIBRARY)


def test_the_program_holds_no_slot_names(drawn: list[Drawn]) -> None:
    slots = {slot.name for template in LIBRARY.templates for slot in template.slots}
    for _, composed, _ in drawn:
        program: Tree = composed.program
        assert not slots & {node.label for node in program.preorder()}
