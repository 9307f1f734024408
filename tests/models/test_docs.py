"""The pages on models show what the code does."""

import inspect
import re
from pathlib import Path

from saps.batches.numericalise import numericalise_tree
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.models.registry import SYSTEMS
from saps.models.saps import SAPS
from saps.nn.schedule import schedule_of
from saps.nn.tree_decoder import TreeDecoder
from saps.tasks.query import CANONICAL_DECLARED_TEXT, CANONICAL_TEXT, DECLARED_TEXT, EXAMPLES, TEXT, Query
from saps.tasks.tokens import tokenize
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabulary, label_of, split_label
from tests.nn.test_tree_decoder import BLIND, FORMS, Form

DOCS = Path(__file__).resolve().parents[2] / "docs"
MODELS, REFERENCE, BASELINES = (
    (DOCS / name).read_text(encoding="utf-8") for name in ("models.md", "models-reference.md", "baselines.md")
)


def table_after(text: str, words: str) -> list[list[str]]:
    """The cells of the first table that stands after some words; the heading is its first row."""
    found = re.search(r"^(\|.*\n)+", text[text.index(words) :], re.MULTILINE)
    assert found
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[0].splitlines()]
    return [rows[0], *rows[2:]]


def labels_of(tree: Tree) -> Vocabulary:
    return Vocabulary([PAD, UNKNOWN, *sorted({label_of(node) for node in tree.preorder()})])


def test_the_steps_on_the_page_are_those_of_the_schedule() -> None:
    tree = parse("(+ (* a b) c)")
    assert "For `(+ (* a b) c)`:" in MODELS
    labels = labels_of(tree)
    schedule = schedule_of([numericalise_tree(tree, labels)])
    spelled = [split_label(label)[0] for label in labels]
    names = [spelled[number] for number in schedule.label.tolist()]
    steps = list(zip(schedule.starts[:-1], schedule.starts[1:], strict=True))
    expected = []
    for number, (start, end) in enumerate(steps):
        before = names[slice(*steps[number - 1])] if number else []
        found = {before[row] for row in schedule.predecessor[start:end].tolist()} if number else {"the latent vector"}
        expected.append((str(number), ", ".join(f"`{name}`" for name in names[start:end]), found))
    shown = table_after(MODELS, "For `(+ (* a b) c)`:")[1:]
    assert [row[:2] for row in shown] == [[number, nodes] for number, nodes, _ in expected]
    for row, (_, _, predecessors) in zip(shown, expected, strict=True):
        assert all(name in row[2] for name in predecessors)


def test_the_table_of_what_is_told_apart_is_the_one_that_is_proven() -> None:
    heading, *rows = table_after(MODELS, "cannot tell apart:")
    assert heading[1:] == ["V", "VH, `latent`", "H, and VH with `state` or `horizontal`"]
    others = [form for form in FORMS if form not in (Form("V", "state"), Form("VH", "latent"))]
    for program, *cells in rows:
        for forms, cell in zip(([Form("V", "state")], [Form("VH", "latent")], others), cells, strict=True):
            assert all((program.strip("`") in BLIND.get(form, ())) == (cell == "equal") for form in forms)


def test_the_settings_of_saps_and_their_defaults_are_all_on_the_page() -> None:
    settings = dict(list(inspect.signature(SAPS).parameters.items())[1:])
    shown = {row[0].strip("`"): row[1].strip("`") for row in table_after(REFERENCE, "## Settings")[1:]}
    assert shown == {name: str(parameter.default) for name, parameter in settings.items()}


def test_the_widths_of_rows_are_those_of_the_decoder() -> None:
    told = re.sub(r"\s+", " ", REFERENCE)
    assert "W is 4H for VH with `horizontal` or `latent`, 8H for VH with `state`, 6H for H and 2H for V" in told
    widths = [sum(TreeDecoder(9, 3, 5, *form).columns) for form in FORMS]
    assert widths == [8 * 5, 4 * 5, 4 * 5, 6 * 5, 2 * 5]


def test_the_sizes_on_the_page_add_up() -> None:
    rows = {row[0]: row[-1] for row in table_after(REFERENCE, "## Sizes")[1:]}
    encoder, latent, lstms, table, plain, attention, attending = (
        [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", cell)] for cell in rows.values()
    )
    one = encoder[0] + latent[0] + table[0] + lstms[1]
    assert plain == [one, one + lstms[1]]
    assert attending == [size + attention[0] for size in plain]
    decoder = TreeDecoder(75, 32, 256)
    assert sum(p.numel() for p in decoder.parameters()) - 75 * 32 == lstms[0] * lstms[1]


def test_the_readings_on_the_page_are_the_readings() -> None:
    text = tokenize("given an array of numbers a and a number b , find")
    query = Query(text, {"a": "int[]", "b": "int"})
    shown = {row[0].strip("`"): row[1].strip("`") for row in table_after(BASELINES, "A *reading* turns")[1:]}
    assert shown["TEXT"] == " ".join(TEXT.tokens(query)) + " ..."
    assert shown["DECLARED_TEXT"] == " ".join(DECLARED_TEXT.tokens(query)) + " ..."
    assert shown["CANONICAL_TEXT"] == " ".join(CANONICAL_TEXT.tokens(query)) + " ..."
    assert shown["CANONICAL_DECLARED_TEXT"] == " ".join(CANONICAL_DECLARED_TEXT.tokens(query)) + " ..."
    assert set(shown["EXAMPLES"].split()) <= {*EXAMPLES.alphabet, "..."}


def test_every_system_has_its_row() -> None:
    rows = table_after(BASELINES, "Every system")[1:]
    assert {row[0].split("`")[1] for row in rows if row[0].startswith("`")} == set(SYSTEMS)


def test_the_line_of_labels_on_the_page_is_the_program_in_preorder() -> None:
    tree = parse("(reduce a 0 +)")
    labels = labels_of(tree)
    arrays, spelled = numericalise_tree(tree, labels), list(labels)
    line = " ".join(spelled[number] for number in arrays.label[arrays.preorder])
    assert f"    {line}\n" in BASELINES
