"""The page of a report: nothing from elsewhere, every task in it, and lines that are predictions again."""

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from saps.cli import main
from saps.evaluation.cases import Case, cases_of, confused_labels, verdict_of
from saps.evaluation.charts import Curves, curves_of_run, nice_end, plot
from saps.evaluation.judge import judged_tasks, report_of
from saps.evaluation.predictions import PredictedProgram, Unparsed, read_predictions
from saps.evaluation.report import Source
from saps.evaluation.report_page import PageContents, as_html, write_lines
from saps.evaluation.report_sections import p_value
from saps.generator import Switches, generate
from saps.lang.difference import differences
from saps.lang.spelling import parse, to_lisp
from saps.tasks.files import write_tasks
from tests.cli.test_evaluate import known_tasks
from tests.evaluation.made import TASKS

PREDICTIONS: list[PredictedProgram] = [
    parse("(reduce a 0 +)"),
    parse("(reduce a 0 *)"),
    Unparsed(3, "<script>alert(1)</script>"),
    None,
]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    judged, others = (list(judged_tasks(TASKS, [*some])) for some in (PREDICTIONS, [task.program for task in TASKS]))
    return cases_of(judged, 0, 0, None, others)


@pytest.fixture(scope="module")
def page(cases: list[Case]) -> str:
    report = report_of(case.judged for case in cases)
    return as_html(PageContents(report, Source("<b>data", "a&b"), cases, "the others", [LOSS]))


LOSS = Curves("loss", {"training": [(1, 2.0), (50, 0.5)], "validation": []})


def unpacked(page: str, name: str) -> Any:
    found = re.search(rf'<script type="text/plain" id="{name}">([^<]*)</script>', page)
    assert found
    return json.loads(gzip.decompress(base64.b64decode(found[1])))


def test_programs_differ_where_they_are_laid_on_each_other() -> None:
    one, other = parse("(+ (len a) (- b 1))"), parse("(+ (len b) (head a))")
    assert [(to_lisp(a), to_lisp(b)) for a, b in differences(one, other)] == [("a", "b"), ("(- b 1)", "(head a)")]
    assert differences(one, one) == []


def test_each_case_has_its_verdict_and_the_values_of_its_tests(cases: list[Case]) -> None:
    verdicts = [verdict_of(case.judged) for case in cases]
    assert verdicts == ["exact match", "wrong value", "not parsed", "no prediction"]
    product = cases[1].tests[0]
    assert (product.input, product.wanted, product.given, product.outcome) == (
        '{"a": [1, 2, 3]}',
        "6",
        "0",
        "wrong value",
    )
    assert cases[3].tests[0].given == ""
    assert confused_labels(cases) == {("+", "*"): 1}


def test_the_page_needs_nothing_from_elsewhere_and_shows_names_as_text(page: str) -> None:
    assert not re.search(r"https?://|<link|<img|src=|@import|url\(", page.replace("http://www.w3.org/", ""))
    assert "default-src 'none'" in page
    assert "<b>data" not in page
    assert "<script>alert" not in page
    assert page.count("<svg") > 8


def test_tasks_without_tests_have_no_execution_accuracy(tmp_path: Path) -> None:
    data, predictions = tmp_path / "tasks.jsonl", tmp_path / "predictions.txt"
    tasks = list(generate(4, seed=2, switches=Switches(tests=0)))
    write_tasks(data, tasks)
    predictions.write_text("".join(f"{to_lisp(task.program)}\n" for task in tasks))
    words = ["--workers", "0", "--output", str(tmp_path / "r.json"), "--report", str(tmp_path / "page.html")]
    assert main(["evaluate", "--data", str(data), "--predictions", str(predictions), *words]) == 0
    groups = (tmp_path / "page.html").read_text().partition("<h3>By depth")[2].partition("</table>")[0]
    assert "100.00" in groups
    assert "to 100.0" not in groups


def test_every_task_is_in_it(page: str) -> None:
    columns, (first, second, third, _) = unpacked(page, "columns"), unpacked(page, "block-0")
    assert columns["text"] == [" ".join(task.text) for task in TASKS]
    assert columns["given"] == [0, "(reduce a 0 *)", None, None]
    facts = json.loads(re.search(r'id="facts">(.*?)</script>', page)[1])  # type: ignore[index]
    assert [facts["verdicts"][code] for code in columns["verdict"]][:2] == ["exact match", "wrong value"]
    assert len(first["tests"]) == 10
    assert second["against"] == {"program": "(reduce a 0 +)", "verdict": "exact match"}
    assert third["problem"].startswith("<script>")


def test_the_script_finds_every_element_that_it_looks_for(page: str) -> None:
    wanted = set(re.findall(r'byId\("([\w-]+)"\)', page))
    assert len(wanted) > 10
    assert wanted <= set(re.findall(r' id="([\w-]+)"', page))


def test_two_systems_are_tested_in_pairs(page: str) -> None:
    assert "Against the others" in page
    assert "McNemar" in page
    assert p_value(0.00001) == "< 0.0001"


def test_the_lines_are_predictions_again(cases: list[Case], tmp_path: Path) -> None:
    write_lines(cases, tmp_path / "lines.jsonl")
    assert read_predictions(tmp_path / "lines.jsonl", 4) == [*PREDICTIONS[:2], None, None]
    line = json.loads((tmp_path / "lines.jsonl").read_text(encoding="utf-8").splitlines()[1])
    assert line["differs"] == [["+", "*"]]


def test_a_plot_leaves_out_what_is_no_number_and_ends_at_a_round_one() -> None:
    assert plot(Curves("nothing", {"x": [(1, float("nan"))]})) == ""
    assert ">5</text>" in plot(Curves("loss", {"x": [(1, 4.1), (2, float("inf"))]}))
    assert [nice_end(value) for value in (0, 0.3, 1, 4.1)] == [1, 0.5, 1, 5]


def test_the_curves_are_those_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    assert curves_of_run(tmp_path / "model") == []
    (tmp_path / "metrics.csv").write_text("step,train_loss,val_exact_match\n5,1.5,\n10,,0.5\n", encoding="utf-8")
    loss, match = curves_of_run(tmp_path / "model")
    assert loss.lines["training"] == [(5, 1.5)]
    assert match.lines["exact match"] == [(10, 0.5)]


def test_a_model_tells_rank_probability_and_attention(
    learned_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, page = known_tasks(tmp_path), tmp_path / "page.html"
    words = ["--data", str(data), "--workers", "0", "--output", str(tmp_path / "r.json"), "--report", str(page)]
    assert main(["evaluate", "--model", str(learned_model), *words]) == 0
    first, second = unpacked(page.read_text(encoding="utf-8"), "block-0")
    assert first["model"]["rank"] == 1
    assert second["model"]["rank"] == 2
    assert 0.2 < second["model"]["probability"] < 0.45
    attention = second["model"]["given_nodes"]["attention"]
    assert [len(attention), len(attention[0])] == [3, len(second["model"]["words"])]
    assert all(97 <= sum(row) <= 103 for row in attention)
    lines = tmp_path / "page.jsonl"
    again = [*words[:-2], "--report", str(tmp_path / "other.html"), "--against", str(lines)]
    assert main(["evaluate", "--predictions", str(lines), *again]) == 0
    assert "Against page.jsonl" in (tmp_path / "other.html").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["evaluate", "--predictions", str(lines), *words[:-2], "--against", str(lines)]) == 0
    out = capsys.readouterr().out
    assert "against page.jsonl, which is second:" in out
    (row,) = [line.split() for line in out.split("which is second")[1].splitlines() if line.startswith("exact match")]
    assert row[4:9] == ["+0.00", "+0.00", "to", "+0.00", "0"]


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--against", "x"], "x: "),
        (["--report", "x.jsonl"], "its tasks go to report.jsonl"),
    ],
)
def test_flags_of_the_page_that_make_no_sense_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], complaint: str
) -> None:
    write_tasks(tmp_path / "tasks.jsonl", TASKS)
    assert main(["evaluate", "--predictions", "x", "--data", str(tmp_path / "tasks.jsonl"), *flags]) == 2
    assert complaint in capsys.readouterr().err
