"""A report as one page that opens without a network, and the same tasks as lines of JSON."""

import base64
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from saps import __version__
from saps.evaluation.cases import Case, confused_labels, verdict_of
from saps.evaluation.charts import Curves
from saps.evaluation.judge import Report
from saps.evaluation.report import Source
from saps.evaluation.report_sections import Section, sections_of
from saps.tasks.atomic import atomic_writer

WEB = Path(__file__).parents[1] / "web"  # the files of pages
BLOCK = 100  # tasks whose details are packed together: few enough to be unpacked at once, enough to pack well


@dataclass(frozen=True, slots=True)
class PageContents:
    """All that a page tells."""

    report: Report
    source: Source
    cases: Sequence[Case]
    other: str = ""
    """Name of the predictions that these are compared with; empty where there are none."""
    curves: Sequence[Curves] = ()
    """Of the training of the model that was judged."""


def write_page(contents: PageContents, path: Path) -> None:
    """Writes the page, the whole file or nothing.

    Raises:
        UserError: the place cannot be written.
    """
    with atomic_writer(path) as file:
        file.write(as_html(contents).encode("utf-8"))


def write_lines(cases: Sequence[Case], path: Path) -> None:
    """Writes each task as a line of JSON, which is also a file of predictions.

    Raises:
        UserError: the place cannot be written.
    """
    with atomic_writer(path) as file:
        file.writelines(json.dumps(case.as_json()).encode("ascii") + b"\n" for case in cases)


def as_html(contents: PageContents) -> str:
    """The page with its style, its script and its tasks in it."""
    source, report = contents.source, contents.report
    confusions = list(confused_labels(contents.cases))
    sections = sections_of(contents.report, contents.cases, contents.other, contents.curves)
    parts = {
        "title": f"{escape(source.system)} on {escape(source.data)}",
        "heading": escape(source.system),
        "about": escape(
            f"judged on {source.data}: {report.overall.tasks:,} tasks, {report.programs:,} distinct programs"
        ),
        "contents": "".join(f'<a href="#{section.name}">{section.title}</a>' for section in sections)
        + '<a href="#tasks">Tasks</a>',
        "sections": "\n".join(map(_section, sections)),
        "footer": escape(f"saps {__version__}. Judged on {report.tests}; {report.cleaning} ({report.clean})."),
        "style": (WEB / "report.css").read_text(encoding="utf-8"),
        "script": "\n".join((WEB / name).read_text(encoding="utf-8") for name in ("programs.js", "report.js")),
        "facts": json.dumps(_facts(contents)).replace("<", "\\u003c"),
        "blocks": "\n".join(_blocks(contents.cases, _facts(contents), confusions)),
    }
    page = (WEB / "report.html").read_text(encoding="utf-8")
    # one pass from the left, so that nothing that is put in is looked at again
    pieces = [piece.partition("}") for piece in page.split("{")]
    return pieces[0][0] + "".join(parts[name] + rest for name, _, rest in pieces[1:])


def _section(section: Section) -> str:
    return f'<section id="{section.name}">\n<h2>{section.title}</h2>\n{section.html}\n</section>'


def _facts(contents: PageContents) -> dict[str, Any]:
    """What the columns are numbered by."""
    judged = [one for case in contents.cases for one in (case.judged, case.other) if one is not None]
    return {
        "block": BLOCK,
        "other": contents.other,
        "verdicts": sorted({verdict_of(one) for one in judged}, key=_from_right_to_wrong),
        "templates": sorted({case.judged.task.template or "(unknown)" for case in contents.cases}),
    }


def _from_right_to_wrong(verdict: str) -> tuple[int, str]:
    order = ("exact match", "passes all tests", "wrong value", "runtime error", "type error", "limit")
    return (order.index(verdict) if verdict in order else len(order), verdict)


def _blocks(cases: Sequence[Case], facts: Mapping[str, Any], confusions: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield _packed("columns", _columns(cases, facts, confusions))
    for number, at in enumerate(range(0, len(cases), BLOCK)):
        yield _packed(f"block-{number}", [_details(case) for case in cases[at : at + BLOCK]])


def _packed(name: str, content: Any) -> str:
    """Plain values as a block of the page, which its script unpacks."""
    packed = gzip.compress(json.dumps(content, separators=(",", ":")).encode("ascii"), mtime=0)
    return f'<script type="text/plain" id="{name}">{base64.b64encode(packed).decode("ascii")}</script>'


def _columns(
    cases: Sequence[Case], facts: Mapping[str, Any], confusions: Sequence[tuple[str, str]]
) -> dict[str, list[Any]]:
    """What the list shows of all tasks, and what it is filtered by."""
    verdicts = {name: number for number, name in enumerate(facts["verdicts"])}
    templates = {name: number for number, name in enumerate(facts["templates"])}
    numbers = {pair: number for number, pair in enumerate(confusions)}
    rows = [case.as_json() for case in cases]
    return {
        "text": [row["text"] for row in rows],
        "wanted": [row["wanted"] for row in rows],
        "given": [0 if row["program"] == row["wanted"] else row["program"] for row in rows],
        "verdict": [verdicts[row["verdict"]] for row in rows],
        "template": [templates[row["template"] or "(unknown)"] for row in rows],
        "depth": [row["depth"] for row in rows],
        "rank": [None if row["model"] is None else row["model"]["rank"] for row in rows],
        "confusions": [[numbers[a.label, b.label] for a, b in case.differing()] for case in cases],
        "other": [verdicts[row["against"]["verdict"]] if "against" in row else None for row in rows],
    }


def _details(case: Case) -> dict[str, Any]:
    """What is told of a task when it is opened."""
    row = case.as_json()
    kept = ("problem", "arguments", "result", "clean", "model", "against")
    tests = [(test.input, test.wanted, test.given, test.outcome) for test in case.tests]
    return {name: row[name] for name in kept if name in row} | {"tests": tests}
