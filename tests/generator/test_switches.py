"""Each switch of the generator does what it says, and nothing else."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from saps.cli.data.generate import make_parser
from saps.errors import UserError
from saps.generator import Switches, generate, shipped_library
from saps.generator.noise import mistyped, noise_words
from saps.generator.selection import library_of, root_weights
from saps.generator.switch_files import read_switches
from saps.generator.vocabulary import library_words
from saps.tasks.task import Task


def made(count: int, **switches: object) -> list[Task]:
    return list(generate(count, seed=4, switches=Switches(**switches)))  # type: ignore[arg-type]


def roots(tasks: Sequence[Task]) -> Counter[str]:
    return Counter(task.template for task in tasks)


def test_switches_are_read_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "switches.yaml"
    path.write_text(
        "max_depth: 2\ninstances: {1: 0.5, 2: 1}\nonly: [filter_prime, median]\nroot_share: {median: 0.2}\ntypos: 0.1"
    )
    wanted = Switches(
        max_depth=2, instances={1: 0.5, 2: 1.0}, only=["filter_prime", "median"], root_share={"median": 0.2}, typos=0.1
    )
    assert read_switches(path) == wanted


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("max_depht: 2", ":1: 'max_depht' is not known here"),
        ("tests: 3\nmax_depth: two", ":2: 'two' is no whole number"),
        ("max_depth: 0", "max_depth is 0; it must be at least 1"),
        ("typos: 2", "typos is 2.0; it must be from 0 to 1"),
        ("only: prime", ":1: a list is wanted here"),
        ("roots: evenly", "roots is 'evenly'; it is one of weighted, even"),
        ("instances: {some: 1}", "'some' is no number of templates"),
        ("instances: {1: 0}", "all weights are 0"),
        ("root_share: {filter_prime: 0.6, median: 0.6}", "add up to 1.2"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place(text: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "switches.yaml").write_text(text)
    with pytest.raises(UserError) as caught:
        read_switches(tmp_path / "switches.yaml")
    assert complaint in str(caught.value)


def test_only_some_templates_and_without_others() -> None:
    chosen = library_of(Switches(only=["basic_int_array_part", "median", "reverse"], without=["first_half"]))
    assert {template.name for template in chosen.templates} == {"last_half", "median", "reverse"}
    assert set(roots(made(60, only=["median", "reverse digits", "sum"]))) == {
        "basic_median",
        "l1_reverse_number",
        "basic_reduce_int_array",
    }


@pytest.mark.parametrize(
    ("switches", "complaint"),
    [
        (Switches(only=["medain"]), "only: no template is called 'medain'; perhaps median"),
        (Switches(without=["medain"]), "without: no template is called 'medain'"),
        (Switches(only=["median"], without=["median"]), "no template is left"),
        (Switches(root_share={"nothing like it": 0.1}), "root_share: no template is called"),
        (Switches(root_share={"median": 0.1, "basic_median": 0.1}), "both mean the template median"),
        (Switches(only=["median"], root_share={"median": 0.5}), "no other root is left"),
    ],
)
def test_names_that_do_not_fit_are_refused(switches: Switches, complaint: str) -> None:
    with pytest.raises(UserError) as caught:
        library_of(switches)
    assert complaint in str(caught.value)


def test_the_share_of_a_root_is_what_was_asked_for_however_often_its_draws_fail() -> None:
    """The root of comparisons is drawn again more often than any other: most of its outputs are constant."""
    count = 1500
    shares = roots(made(count, root_share={"basic_int_comp": 0.2, "basic_median": 0.1}))
    assert shares["basic_int_comp"] / count == pytest.approx(0.2, abs=0.04)
    assert shares["basic_median"] / count == pytest.approx(0.1, abs=0.03)


def test_even_roots_have_the_same_share_each() -> None:
    templates = shipped_library().templates
    weights = root_weights(templates, Switches(roots="even"))
    of_root: Counter[str] = Counter()
    for template in templates:
        of_root[template.root] += weights[template.name]  # type: ignore[assignment]
    shares = [share for share in of_root.values() if share]
    assert shares == pytest.approx([1 / len(shares)] * len(shares))


def test_the_number_of_templates_in_a_program() -> None:
    single = {template.program.size() for template in shipped_library().templates}
    assert {task.program.size() for task in made(60, instances={1: 1.0})} <= single
    assert {task.program.size() for task in made(60, instances={3: 1.0}, max_depth=1)} <= single


def test_paraphrases_share_a_program_and_its_tests() -> None:
    tasks = made(120, paraphrases=4)
    groups: dict[str, list[Task]] = {}
    for task in tasks:
        groups.setdefault(repr(task.tests), []).append(task)
    sizes = Counter(len(group) for group in groups.values())
    assert sizes[4] > 20
    assert max(sizes) == 4
    for group in groups.values():
        assert len({(task.program, tuple(task.args)) for task in group}) == 1
        assert len({task.text for task in group}) == len(group)


def test_fewer_tests_are_the_first_of_ten_and_none_runs_nothing() -> None:
    whole, some, none = (made(80, tests=count) for count in (10, 3, 0))
    assert [(task.text, task.tests[:3]) for task in whole] == [(task.text, task.tests) for task in some]
    assert {task.tests for task in none} == {()}
    same = sum(first.text == second.text for first, second in zip(whole, none, strict=True))
    assert 40 < same < 80  # those that are constant or fail are not drawn again
    assert {len(task.tests) for task in made(20, tests=15)} == {15}


def test_other_names_change_nothing_else() -> None:
    plain, shuffled, words = (made(50, names=names) for names in ("letters", "shuffled", "words"))
    assert all(len(name) == 1 for task in shuffled for name in task.args)
    assert any(set(task.args) != set(same.args) for task, same in zip(shuffled, plain, strict=True))
    for task, same in zip(words, plain, strict=True):
        assert set(task.args) <= set(noise_words().names)
        assert list(task.args.values()) == list(same.args.values())
        pairs = set(zip(task.text, same.text, strict=True))
        assert all(word == other or word in noise_words().names for word, other in pairs)
        assert set(zip(task.args, same.args, strict=True)) >= {pair for pair in pairs if pair[0] in task.args}


def test_names_are_no_words_of_the_texts() -> None:
    assert not set(noise_words().names) & library_words(shipped_library())


def test_noise_keeps_the_clean_text_and_the_program() -> None:
    rates = {"drop_words": 0.1, "synonyms": 0.5, "typos": 0.1, "shuffle_declarations": 0.5}
    plain, noisy = made(80), made(80, **rates)
    for task, same in zip(noisy, plain, strict=True):
        assert (task.clean_text, task.program, task.tests) == (same.text, same.program, same.tests)
        assert set(task.args) - set(task.text) <= set(task.args) - set(same.text)  # no name is lost
    assert sum(task.text != task.clean_text for task in noisy) > 70


@pytest.mark.parametrize("rate", ["drop_words", "synonyms", "typos"])
def test_a_rate_of_noise_is_kept(rate: str) -> None:
    tasks = made(150, tests=0, **{rate: 0.2})
    if rate == "drop_words":
        assert all(len(task.text) <= len(task.clean_text) for task in tasks)
        words = sum(word.isalpha() and len(word) > 1 for task in tasks for word in task.clean_text)
        lost = sum(len(task.clean_text) - len(task.text) for task in tasks)
        assert lost / words == pytest.approx(0.2, abs=0.03)
    elif rate == "typos":
        pairs = [pair for task in tasks for pair in zip(task.text, task.clean_text, strict=True) if len(pair[1]) >= 4]
        assert sum(word != clean for word, clean in pairs) / len(pairs) == pytest.approx(0.2, abs=0.03)
    else:
        known = noise_words().synonyms
        replaceable = sum(word in known for task in tasks for word in task.clean_text)
        left = sum(word in known for task in tasks for word in task.text)
        assert left / replaceable == pytest.approx(0.8, abs=0.04)


def test_declarations_in_another_order_declare_the_same() -> None:
    tasks = made(150, tests=0, shuffle_declarations=1.0)
    assert all(sorted(task.text) == sorted(task.clean_text) for task in tasks if "," not in task.clean_text[:-1])
    several = [task for task in tasks if len(task.args) > 1]
    assert sum(task.text != task.clean_text for task in several) > 0.3 * len(several)
    for task in tasks:
        if len(task.args) == 1:
            assert task.text == task.clean_text


def test_a_mistyped_word_is_another_word() -> None:
    rng = Random(0)
    for word in ("numbers", "aaaa", "sorted", "zzzz", "pop"):
        assert all(mistyped(word, rng) != word for _ in range(200))


def test_every_switch_is_on_the_page_and_every_flag_of_the_page_is_there() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "generating.md").read_text(encoding="utf-8")
    assert {name for name in Switches.__dataclass_fields__ if f"`{name}`" not in page} == set()
    flags = {flag for action in make_parser()._actions for flag in action.option_strings}
    assert set(re.findall(r"(?<!-)--[a-z][a-z-]+", page)) <= flags
    assert {f"--{name.replace('_', '-')}" for name in Switches.__dataclass_fields__} <= flags
