"""A page about a comparison: the figures of its rows and paired tests of any two; it leads to a page for each row."""

import itertools
import json
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from saps.comparison.jobs import job_folder
from saps.comparison.results import EXACT, Row, SeedResult
from saps.comparison.running import Execute
from saps.errors import UserError
from saps.evaluation.pairs import EachTask, paired_by_task, read_each_task, signed
from saps.evaluation.report_page import WEB
from saps.evaluation.statistics import RULE
from saps.tasks.atomic import atomic_writer

PAGE = "page.html"
_FIGURES = (EXACT, "execution accuracy", "execution accuracy, clean tasks")


def write_pages(rows: Sequence[Row], folder: Path, page: Path, execute: Execute) -> None:
    """Writes a page for each row that has been judged, by ``saps evaluate --report``, and the one that leads to them.

    Each row is shown with its first seed, and compared there with the first of the rows.

    Args:
        rows: of the comparison.
        folder: of the comparison.
        page: where the page about all rows goes.
        execute: runs ``saps evaluate``.

    Raises:
        UserError: one of the rows cannot be judged, or the page not be written.
    """
    judged = {row.name: row.results[0] for row in rows if row.results and row.results[0].report is not None}
    places = {name: job_folder(folder, name, result.seed) / PAGE for name, result in judged.items()}
    first = next(iter(places.values()), None)
    for name, result in judged.items():
        against = [] if places[name] == first or first is None else ["--against", str(first.with_suffix(".jsonl"))]
        _write_page(result, places[name], against, execute)
    each = {name: _each_task(place.with_suffix(".json")) for name, place in places.items()}
    with atomic_writer(page) as file:
        file.write(_as_html(judged, places, each, page.parent).encode("utf-8"))


def _write_page(result: SeedResult, page: Path, against: Sequence[str], execute: Execute) -> None:
    words = [word for word in result.command["evaluate"] if word != "--output"][:-1]  # without the report's place
    words += ["--output", str(page.with_suffix(".json")), "--report", str(page), *against]
    log = page.with_suffix(".log")
    print(f"saps {shlex.join(words)}", flush=True)
    with log.open("ab") as file:
        code = execute(words, log, file.fileno())
    if code:
        raise UserError(f"{page}: could not be written (exit code {code}); all that was said: {log}")


def _each_task(report: Path) -> EachTask:
    """What a report that was just written says of each task."""
    found = read_each_task(json.loads(report.read_text(encoding="utf-8")))
    assert found is not None  # older reports alone do not say it
    return found


def _as_html(
    judged: Mapping[str, SeedResult],
    places: Mapping[str, Path],
    each: Mapping[str, EachTask],
    beside: Path,
) -> str:
    rows = [
        [
            f'<a href="{escape(Path(os.path.relpath(places[name], beside)).as_posix())}">{escape(name)}</a>',
            f"{result.summary['trainable_parameters']:,}",
            *(f"{result.share(metric):.2f} %" for metric in _FIGURES),
            str(result.seed),
        ]
        for name, result in judged.items()
    ]
    sections = [
        ("Rows", ("row", "parameters", *_FIGURES, "seed"), rows, "A row's name leads to the page of its tasks."),
        (
            "In pairs",
            ("first", "second", "difference in exact match", "95 % interval", "one alone right", "McNemar's p"),
            list(_pairs(each)),
            f"On the same tasks, of the seeds above. {RULE[0].upper()}{RULE[1:]}; McNemar's exact test goes by tasks.",
        ),
    ]
    style = (WEB / "report.css").read_text(encoding="utf-8")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>Systems side by side</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header><h1>Systems side by side</h1></header>\n<main>\n{''.join(_section(*one) for one in sections)}"
        "</main>\n</body>\n</html>\n"
    )


def _pairs(each: Mapping[str, EachTask]) -> Iterator[list[str]]:
    """The paired test of any two rows."""
    for one, other in itertools.combinations(each, 2):
        test = paired_by_task(each[one], each[other], EXACT)
        yield [
            escape(one),
            escape(other),
            f"{100 * test.difference:+.2f} points",
            signed(test.interval),
            f"{test.only_a} and {test.only_b} of {test.tasks}",
            f"{test.mcnemar_p:.3g}",
        ]


def _section(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], note: str) -> str:
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>\n' for row in rows
    )
    table = f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>'
    return f'<section>\n<h2>{title}</h2>\n{table}\n<p class="note">{escape(note)}</p>\n</section>\n'
