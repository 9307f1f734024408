"""From texts to the programs that they may ask for."""

from pathlib import Path
from random import Random
from shutil import copy

import pytest

from saps.generator import generate, load_library, shipped_library
from saps.generator.parser import ParsedText, TextParser
from saps.generator.templates import FORMS
from saps.lang.spelling import to_lisp
from saps.resources import resource

PARSER = TextParser(shipped_library())

QUESTIONS = {"singular": "what is the {it}", "plural": "|\n      what are the {it}\n      find {it}"}
SENTENCES = f"""
sentences:
  openings: given
  questions:
{chr(10).join(f"    {form}: {QUESTIONS.get(form, 'find {it}')}" for form in FORMS)}
  nouns:
    int: {{one: a number, many: numbers, given: the given number}}
    "int[]": {{one: an array of numbers, many: arrays of numbers, given: the given array}}
  dropped: 0.3
instances: {{1: 1, 2: 1, 3: 1}}
"""
TEMPLATES = """
words:
  element: element|value
templates:
  largest:
    result: int
    program: (reduce list 0 max)
    slots:
      list: int[]
    singular: the largest <element> {of list} , as a <element>
  plus:
    result: int
    program: (+ number other)
    slots: {number: int, other: int}
    singular: |
      the sum of {number} and {other}
      {short number} and the {other} added
  reverse:
    result: int[]
    program: (reverse list)
    slots:
      list: int[]
    bare: "{list} reversed"
  squares:
    result: int[]
    program: (map list square)
    slots:
      list: int[]
    letters: [new]
    plural: |
      squares {of list}
      x0.1 let {new} be {list} , square {new} => {new} which {list: is | are} squared
    bare: |
      square each element of {list} => {list}
      square all => {list}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> TextParser:
    """A parser of four templates."""
    folder = tmp_path_factory.mktemp("templates")
    (folder / "all.yaml").write_text(SENTENCES + TEMPLATES)
    copy(resource("data/templates") / "inputs.yaml", folder)
    return TextParser(load_library(Path(folder)))


def programs(parsed: ParsedText) -> list[str]:
    """The programs of the parses in Lisp spelling."""
    return [to_lisp(found.program) for found in parsed.parses]


def ask(parser: TextParser, text: str) -> list[str]:
    """What a text may ask for."""
    return programs(parser.parse(text.split()))


def test_every_generated_text_can_mean_its_own_program_and_mostly_does() -> None:
    tasks, best = list(generate(300, seed=11)), 0
    for task in tasks:
        parsed = PARSER.parse(task.text, task.args)
        assert to_lisp(task.program) in programs(parsed), " ".join(task.text)
        assert all(found.derivation.program() == found.program for found in parsed.parses)
        best += parsed.best() == task.program
    assert best >= 0.95 * len(tasks)


def test_without_its_types_a_text_gets_the_same_letters_as_the_generator_gave() -> None:
    for task in generate(100, seed=12):
        assert to_lisp(task.program) in programs(PARSER.parse(task.text)), " ".join(task.text)


def test_a_phrase_may_begin_with_a_phrase(small: TextParser) -> None:
    assert ask(small, "given an array of numbers a , find a reversed") == ["(reverse a)"]
    assert ask(small, "given an array of numbers a , find a reversed reversed") == ["(reverse (reverse a))"]


def test_words_that_mean_two_things_have_two_parses(small: TextParser) -> None:
    found = ask(small, "given an array of numbers a , what are the squares of a reversed")
    assert sorted(found) == ["(map (reverse a) square)"]  # "among" would stand before a plural
    found = ask(small, "given an array of numbers a , find squares of a reversed")
    assert sorted(found) == ["(map (reverse a) square)", "(reverse (map a square))"]


def test_the_link_follows_the_number_of_the_phrase(small: TextParser) -> None:
    text = "given an array of numbers a , what is the largest value {} squares of a , as a value"
    assert ask(small, text.format("among")) == ["(reduce (map a square) 0 max)"]
    assert ask(small, text.format("of")) == []


def test_a_word_list_gives_the_same_word_throughout_a_line(small: TextParser) -> None:
    text = "given an array of numbers a , what is the largest {} in a , as a {}"
    assert ask(small, text.format("element", "element")) == ["(reduce a 0 max)"]
    assert ask(small, text.format("element", "value")) == []


def test_each_argument_is_used_once(small: TextParser) -> None:
    assert ask(small, "given numbers a and b , what is the sum of a and b") == ["(+ a b)"]
    assert ask(small, "given numbers a and b , what is the sum of a and a") == []
    assert ask(small, "given numbers a , b and c , what is the sum of a and b") == []


def test_after_a_statement_the_same_words_mean_the_changed_thing(small: TextParser) -> None:
    text = "given an array of numbers a , square each element of a , {}"
    assert ask(small, text.format("find a")) == ["(map a square)"]
    assert ask(small, text.format("find a reversed")) == ["(reverse (map a square))"]
    twice = "square each element of a , find a"
    assert ask(small, text.format(twice)) == ["(map (map a square) square)"]
    words = "given an array of numbers , square each element of the given array reversed , find {}"
    assert ask(small, words.format("the given array reversed")) == ["(map (reverse a) square)"]


def test_a_statement_that_names_nothing_may_change_any_phrase_after_it(small: TextParser) -> None:
    text = "given an array of numbers a , square all , {}"
    assert ask(small, text.format("find a")) == ["(map a square)"]
    found = ask(small, text.format("find a reversed"))
    assert sorted(found) == ["(map (reverse a) square)", "(reverse (map a square))"]
    assert ask(small, text.format("square all , find a")) == ["(map (map a square) square)"]


def test_a_letter_that_a_statement_introduces_stands_for_what_it_defines(small: TextParser) -> None:
    start = "given an array of numbers a , let b be a , square b , what is "
    text = start + "the largest value among b which {} squared , as a value"
    assert ask(small, text.format("is")) == ["(reduce (map a square) 0 max)"]
    assert ask(small, text.format("are")) == []
    assert ask(small, text.format("is").replace("let b", "let c")) == []


def test_a_second_the_is_not_said(small: TextParser) -> None:
    assert ask(small, "given numbers a and b , what is the sum of a and b") == ["(+ a b)"]
    dropped = "given an array of numbers a and a number , what is the largest value in a and the given number added"
    assert ask(small, dropped.replace("in a", "in a , as a value")) == ["(+ (reduce a 0 max) b)"]


def test_a_dropped_name_is_the_argument_that_the_text_does_not_name(small: TextParser) -> None:
    assert not ask(small, "given an array of numbers and numbers b , c , what is the sum of b and c")
    text = "given an array of numbers , find the given array reversed"
    assert programs(small.parse(text.split(), {"x": "int[]"})) == ["(reverse x)"]
    assert ask(small, text) == ["(reverse a)"]


def test_a_text_that_declares_nothing_speaks_of_the_arguments_given(small: TextParser) -> None:
    parsed = small.parse(["find", "x", "reversed"], {"x": "int[]"})
    assert programs(parsed) == ["(reverse x)"]
    assert not ask(small, "find x reversed")


def test_a_text_that_is_not_understood_says_how_far_it_went(small: TextParser) -> None:
    parsed = small.parse(
        ("given", "numbers", "a", "and", "b", ",", "what", "is", "the", "product", "of", "a", "and", "b")
    )
    assert not parsed.parses
    assert not parsed.exhausted
    assert parsed.words[parsed.furthest] == "product"


def test_work_on_a_text_is_bounded_and_the_end_of_it_said(small: TextParser) -> None:
    text = "given an array of numbers a , find " + "squares of " * 150 + "a" + " reversed" * 80
    assert small.parse(text.split(), budget=2_000).exhausted
    assert small.parse(text.split() + ["reversed"] * 1_000).exhausted


def test_a_text_with_very_many_meanings_or_a_huge_program_takes_no_longer() -> None:
    letters = "abcdefghijklmnopqrstuvw"
    sums = f"given numbers {' , '.join(letters[:-1])} and w , find {' plus '.join(letters)}"
    assert PARSER.parse(sums.split()).exhausted
    halves = PARSER.parse(f"given an array of numbers a , find {'second half of ' * 18} a".split())
    assert not halves.parses  # a tree of 3 to the 18 nodes


def test_random_words_of_the_language_never_break_the_parser() -> None:
    rng, words = Random(3), sorted({word for task in generate(100, seed=2) for word in task.text})
    for _ in range(50):
        text = ["given", "a", "number", "a", ",", *rng.choices(words, k=rng.randint(0, 30))]
        assert PARSER.parse(text, budget=5_000).furthest <= len(text)


def test_tokens_with_blanks_are_read_as_words() -> None:
    task = next(iter(generate(1, seed=2)))
    cut = PARSER.parse(task.text)
    uncut = PARSER.parse((*task.text[:3], " ".join(task.text[3:7]), "", *task.text[7:]))
    assert cut.parses
    assert (uncut.words, uncut.best()) == (cut.words, cut.best())
    for tokens in ([], [""], [" "], ['a "quoted clause"'], ["given", "a number a ,  what is", "a"]):
        assert PARSER.parse(tokens).words == tuple(" ".join(tokens).split())
