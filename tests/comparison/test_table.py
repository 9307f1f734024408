"""The table: means and spreads, what failed, what was published, and which order of the systems holds."""

from pathlib import Path

import pytest

from saps.comparison.jobs import SearchConditions
from saps.comparison.orders import Order, check_orders
from saps.comparison.published import read_published
from saps.comparison.results import Row, read_row, spread
from saps.comparison.running import run_job
from saps.comparison.searched import as_searched, plot_rows
from saps.comparison.section import BEGIN, END, replace_section
from saps.comparison.table import as_json, as_markdown
from saps.errors import UserError
from saps.evaluation.metrics import METRICS
from tests.comparison.made import Commands, make_jobs

EXACT = {
    ("saps_vh", 1): 0.80,
    ("saps_vh", 2): 0.90,
    ("saps_vh_att", 1): 0.92,
    ("saps_vh_att", 2): 0.88,
}


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    """Two rows with two seeds each, one that fails and one that has not begun."""
    for job in make_jobs(tmp_path, "saps_vh_att", "saps_vh", "mine", seeds=2):
        run_job(job, Commands(EXACT, failing=["mine"]))
    return [read_row(tmp_path, name, (1, 2)) for name in ("saps_vh_att", "saps_vh", "mine", "seq2seq")]


def line(text: str, start: str) -> list[str]:
    (found,) = [line for line in text.splitlines() if line.startswith(f"| {start} |")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_a_row_has_mean_and_deviation_beside_what_was_published(rows: list[Row]) -> None:
    cells = line(as_markdown(rows, read_published()), "SAPS VH")
    assert cells[:3] == ["SAPS VH", "5,617,067", "85.00 ± 7.07"]
    assert cells[6:] == ["42.50 ± 3.54", "40", "100", "2 of 2", "89.10 test, 93.65 dev (exact match, lecture)"]


def test_what_failed_and_what_is_missing_is_in_the_table(rows: list[Row]) -> None:
    text = as_markdown(rows, read_published())
    assert line(text, "mine")[-2:] == ["0 of 2", "-"]
    assert "- mine, seed 2: exit code 2: saps: error: too large for this machine." in text
    assert "- Attentional Seq2Seq, seed 1: not begun." in text
    assert line(text, "Attentional Seq2Seq")[-1] == "54.10 test, 54.40 dev (execution accuracy, nps)"


def test_a_reader_is_told_what_cannot_be_compared(rows: list[Row]) -> None:
    text = as_markdown(rows, read_published())
    assert "learned from the 79,214 real tasks (ours: 700)" in text
    assert "Commit 0123456789 with changes" in text
    assert "Each row learned from 700 tasks, 10 minutes a seed, and was judged on the 50 tasks" in text
    assert "arXiv 1810.09717" in text
    assert "saps train --config saps_vh_att.yaml --data.train mine.jsonl" in text


def test_the_order_is_counted_seed_by_seed(rows: list[Row]) -> None:
    (order,) = check_orders(rows, read_published())
    assert order == Order("saps_vh_att", "saps_vh", pytest.approx(5.0), 1, 2)
    assert line(as_markdown(rows, read_published()), "SAPS VH Att | SAPS VH")[2:] == ["+5.00", "1 of 2"]


def test_rows_that_were_searched_have_a_table_and_a_plot_of_their_own(tmp_path: Path) -> None:
    for job in make_jobs(tmp_path, "saps_vh_att", "saps_vh", seeds=2, search=SearchConditions(12)):
        run_job(job, Commands(EXACT))
    run_job(make_jobs(tmp_path, "mine")[0], Commands())
    rows, published = (
        [read_row(tmp_path, name, (1, 2)) for name in ("saps_vh_att", "saps_vh", "mine")],
        read_published(),
    )
    (searched,) = as_searched(rows, published)[1:]
    assert line(searched, "SAPS VH") == [
        "SAPS VH",
        *["85.00 ± 7.07"] * 2,
        "100.00 ± 0.00",
        "85.00 ± 7.07",
        "100.00 ± 0.00",
        "2",
        "-",
    ]
    assert "mine" not in searched
    assert searched in as_markdown(rows, published)
    assert [curve["seed"] for curve in as_json(rows, published)["rows"][1]["search"]] == [1, 2]
    plot_rows(rows, published, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_the_json_holds_every_seed(rows: list[Row]) -> None:
    found = as_json(rows, read_published())["rows"][1]
    assert found["per_task"]["exact match"]["values"] == [80.0, 90.0]
    assert found["per_task"]["exact match"]["mean"] == pytest.approx(85.0)
    assert found["seeds"] == [1, 2]
    assert [command["seed"] for command in found["commands"]] == [1, 2]
    assert found["published"][0]["test"] == 89.10


def test_nothing_done_is_a_table_too(tmp_path: Path) -> None:
    text = as_markdown([read_row(tmp_path, "saps_h", (1,))], read_published())
    assert line(text, "SAPS H") == ["SAPS H", *["-"] * 8, "0 of 1", "78.92 test, 84.31 dev (exact match, lecture)"]


def test_what_answers_no_sentence_has_the_figure_of_its_validation(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path, "autoencoder")
    commands = Commands()
    assert run_job(job, commands)
    assert run_job(job, commands)
    assert len(commands.asked) == 1
    text = as_markdown([read_row(tmp_path, "autoencoder", (1,))], read_published())
    assert line(text, "Tree autoencoder")[2:7] == ["25.00", "-", "-", "-", "-"]
    assert "- Tree autoencoder answers no sentence; its figure is that of its validation tasks." in text


def test_speed_is_told_on_the_clock_of_the_budget(tmp_path: Path) -> None:
    for budget, speed in (("10m", "40"), ("10m-cpu", "50")):
        (job,) = make_jobs(tmp_path / budget, "mine", budget=budget)
        run_job(job, Commands())
        text = as_markdown([read_row(tmp_path / budget, "mine", (1,))], read_published())
        assert line(text, "mine")[7] == speed


def test_one_seed_has_no_deviation() -> None:
    assert str(spread([12.0])) == "12.00"
    assert str(spread([1.0, 2.0, 3.0])) == "2.00 ± 1.00"


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path, "one")
    run_job(job, Commands())
    job.report.write_text("{")
    with pytest.raises(UserError, match=r"evaluation.json: not JSON"):
        read_row(tmp_path, "one", (1,))


def test_what_was_published_uses_our_names() -> None:
    published = read_published()
    figures = [figure for system in published.systems.values() for figure in system.figures]
    assert {figure.metric for figure in figures} <= set(METRICS)
    assert {figure.source for figure in figures} <= set(published.sources)
    assert {row for pair in published.orders for row in pair} <= set(published.systems)


def test_what_people_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text("# Results\n\nby hand\n")
    replace_section(path, "first")
    path.write_text(path.read_text() + "\nmore by hand\n")
    replace_section(path, "second")
    assert path.read_text() == f"# Results\n\nby hand\n\n{BEGIN}\nsecond\n{END}\n\nmore by hand\n"
    replace_section(tmp_path / "new.md", "alone")
    assert (tmp_path / "new.md").read_text() == f"{BEGIN}\nalone\n{END}\n"


@pytest.mark.parametrize("text", [BEGIN, END, f"{END}\n{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_marks_that_are_no_pair_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text(text)
    with pytest.raises(UserError, match=r"RESULTS.md: must hold"):
        replace_section(path, "new")
    assert path.read_text() == text
