"""Files of predictions: every spelling, empty lines, broken lines, wrong counts."""

import gzip
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.evaluation.predictions import PredictedProgram, Unparsed, read_predictions
from saps.lang.trees import Tree

SUM = Tree("reduce", (Tree("a"), Tree("0"), Tree("+")))


def read(tmp_path: Path, *lines: str) -> list[PredictedProgram]:
    path = tmp_path / "predictions"
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return read_predictions(path, len(lines))


@pytest.mark.parametrize(
    "line",
    [
        "(reduce a 0 +)",
        "(reduce, a, 0, +)",
        '["reduce", "a", "0", "+"]',
        '"(reduce a 0 +)"',
        r'"[\"reduce\", \"a\", \"0\", \"+\"]"',
        '{"program": "(reduce, a, 0, +)"}',
        '{"program": ["reduce", "a", "0", "+"], "score": -1.5}',
        '{"text": ["sum"], "short_tree": ["reduce", "a", "0", "+"]}',
        '{"candidates": ["(reduce a 0 +)", "a"]}',
        '{"program": "(reduce a 0 +)", "candidates": ["a"]}',
        "  (reduce a 0 +)\t\r",
    ],
)
def test_all_ways_to_write_a_program(tmp_path: Path, line: str) -> None:
    assert read(tmp_path, line) == [SUM]


TOKENS = [
    "[ map a [ partial1 b - ] ]",
    "[map, a, [partial1, b, -]]",
    "[, map, a, [, partial1, b, -, ], ]",
    "( , map , a , ( , partial1 , b , - , ) , )",
    '{"program": "[ map a [ partial1 b - ] ]"}',
    '"[ map a [ partial1 b - ] ]"',
]


@pytest.mark.parametrize("line", TOKENS)
def test_tokens_of_other_systems_are_a_spelling_of_their_own(tmp_path: Path, line: str) -> None:
    partial = Tree("partial1", (Tree("b"), Tree("-")))
    assert read(tmp_path, line) == [Tree("map", (Tree("a"), partial))]


def test_a_blank_literal_among_tokens_is_one_token(tmp_path: Path) -> None:
    assert read(tmp_path, '[ str_split a " " ]') == [Tree("str_split", (Tree("a"), Tree('" "')))]


@pytest.mark.parametrize("line", TOKENS[:4])
def test_tokens_that_are_cut_off_anywhere_are_no_program(tmp_path: Path, line: str) -> None:
    cut = [line[:end] for end in range(1, len(line))]
    assert all(isinstance(prediction, Unparsed) for prediction in read(tmp_path, *cut))


def test_atoms_and_literals_keep_their_meaning(tmp_path: Path) -> None:
    blank, letter = Tree('" "'), Tree('"z"')
    assert read(tmp_path, "a", '"a"', '{"program": "a"}') == [Tree("a")] * 3
    assert read(tmp_path, '" "', '(str_concat s " ")', '"z"') == [blank, Tree("str_concat", (Tree("s"), blank)), letter]


@pytest.mark.parametrize("line", ["", "  ", "null", '{"program": null}', '{"candidates": []}', '{"program": ""}'])
def test_nothing_is_no_prediction(tmp_path: Path, line: str) -> None:
    assert read(tmp_path, "a", line, "a") == [Tree("a"), None, Tree("a")]


@pytest.mark.parametrize(
    "line",
    [
        "(reduce a 0 +",
        "[1, 2]",
        '["map" "a"]',
        "[map a, b]",
        "[ map a ( partial1 b - ) ]",
        "[ map a [ partial1 b - ) ]",
        '[ len "a" ]',
        "[ b a ]",
        '{"programme": "a"}',
        '{"candidates": "a"}',
        '{"program": 7}',
        '{"program"',
        '"(reduce',
        "[" * 100_000,
        "{" * 100_000,
        '{"a":' * 100_000,
        "\x00",
        "Here is the program: (reduce a 0 +)",
    ],
)
def test_a_line_that_is_no_program_is_counted_not_fatal(tmp_path: Path, line: str) -> None:
    before, wrong, after = read(tmp_path, "a", line, "a")
    assert before == after == Tree("a")
    assert isinstance(wrong, Unparsed)
    assert wrong.line == 2
    assert wrong.problem
    assert len(wrong.problem) < 300


def test_bytes_that_are_no_text_are_counted_too(tmp_path: Path) -> None:
    path = tmp_path / "predictions"
    path.write_bytes(b"\xef\xbb\xbfa\n\xff\xfe\n(len a)")
    assert read_predictions(path, 3) == [Tree("a"), Unparsed(2, "not UTF-8 text"), Tree("len", (Tree("a"),))]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_refused_whatever_its_lines(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "predictions"
    path.write_bytes("\N{ZERO WIDTH NO-BREAK SPACE}(len a)\na".encode(encoding))
    with pytest.raises(UserError, match=r"in UTF-16, .* save the file as UTF-8"):
        read_predictions(path, 2)


def test_packed_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "predictions.gz"
    path.write_bytes(gzip.compress(b"a\n\n"))
    assert read_predictions(path, 2) == [Tree("a"), None]
    path.write_bytes(gzip.compress(b"a\n" * 1000)[:-12])
    with pytest.raises(UserError, match="breaks off"):
        read_predictions(path, 1000)


def test_a_report_is_told_from_predictions(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="predictions: is one JSON object over many lines, such as a report"):
        read(tmp_path, "{", '  "exact match": 0.5', "}")


def test_a_wrong_count_names_both_numbers(tmp_path: Path) -> None:
    path = tmp_path / "predictions"
    path.write_text("a\n\nb\n")
    with pytest.raises(UserError, match=r"predictions: 3 predictions for the 10 tasks of dev\.jsonl"):
        read_predictions(path, 10, "dev.jsonl")
    with pytest.raises(UserError, match="nowhere: cannot be read"):
        read_predictions(tmp_path / "nowhere", 1)
