"""A report as text for people and as JSON for programs."""

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from saps import __version__
from saps.evaluation import bleu, pairs
from saps.evaluation.judge import Report
from saps.evaluation.metrics import Average, Figures, Share
from saps.evaluation.pairs import EachTask
from saps.tasks.atomic import dump_json

SHORT = {  # columns of the tables by group
    "exact match": "exact",
    "execution accuracy": "execution",
    "execution accuracy, clean tasks": "on clean",
    "at least half of tests": "half of tests",
    "well-typed": "well-typed",
}


@dataclass(frozen=True, slots=True)
class Source:
    """What was judged on what."""

    data: str
    """Name of the data file."""
    system: str
    """Name of the file of predictions, or of the model."""
    weights: str = ""
    """The sha256 of the model's weights; empty for predictions."""


def as_text(report: Report, source: Source) -> str:
    """Aligned tables, without colours, ending with a line break."""
    parts = [
        _head(report, source),
        aligned(("", "per task", "", "per distinct program", ""), _overall_rows(report)),
        *(
            aligned((title, "tasks", *_headings()), _group_rows(groups))
            for title, groups in (
                ("depth", report.by_depth),
                ("nodes", report.by_nodes),
                ("root template", report.by_template),
            )
        ),
        aligned(("outcome of a test", "tests", ""), _outcome_rows(report.outcomes)),
    ]
    return "\n\n".join(parts) + "\n"


def as_json(report: Report, source: Source) -> dict[str, Any]:
    """The same as plain values: every share as ``{"share", "count", "of"}``."""
    return {
        "data": source.data,
        "system": source.system,
        "weights": source.weights,
        "tasks": report.overall.tasks,
        "programs": report.programs,
        "clean": _share(report.clean),
        "rules": {"tests": report.tests, "clean": report.cleaning, "bleu": bleu.RULE},
        "versions": {"saps": __version__, "python": platform.python_version(), "nltk": version("nltk")},
        "overall": _figures(report.overall),
        "per_program": {
            name: {"mean": average.value, "programs": average.programs} for name, average in report.per_program.items()
        },
        "by_depth": {name: _figures(group) for name, group in report.by_depth.items()},
        "by_nodes": {name: _figures(group) for name, group in report.by_nodes.items()},
        "by_template": {name: _figures(group) for name, group in report.by_template.items()},
        "outcomes": dict(report.outcomes),
        "unparsed": [{"line": wrong.line, "problem": wrong.problem} for wrong in report.unparsed],
        "each_task": report.each.as_json(),
    }


def compared_as_text(ours: EachTask, theirs: EachTask, other: str) -> str:
    """Two systems side by side, ours first, as ``as_text``."""
    rows = [pairs.cells(pair) for pair in pairs.compare([ours], [theirs])]
    return f"against {other}, which is second:\n{aligned(pairs.HEADINGS, rows)}\n{pairs.RULE}\n"


def write_json(report: Report, source: Source, path: Path | str) -> None:
    """Writes ``as_json``, the whole file or nothing.

    Raises:
        UserError: the place cannot be written.
    """
    dump_json(Path(path), as_json(report, source))


def _share(share: Share) -> dict[str, float]:
    return {"share": share.value, "count": share.count, "of": share.total}


def _figures(group: Figures) -> dict[str, Any]:
    return {
        "tasks": group.tasks,
        **{name: _share(share) for name, share in group.shares.items()},
        "bleu": group.bleu,
    }


def _head(report: Report, source: Source) -> str:
    lines = [
        f"{source.system} on {source.data}: {report.overall.tasks} tasks, {report.programs} distinct programs",
        f"judged on {report.tests}; {report.cleaning} ({report.clean})",
        f"BLEU {report.overall.bleu:.4f}: {bleu.RULE}",
    ]
    if report.unparsed:
        first = report.unparsed[0]
        count = len(report.unparsed)
        lines.append(f"lines that are no program: {count}; the first, line {first.line}: {first.problem}")
    return "\n".join(lines)


def _overall_rows(report: Report) -> Iterable[Sequence[str]]:
    for name, share in report.overall.shares.items():
        average = report.per_program[name]
        yield name, _percent(share), str(share), _percent(average), f"mean of {average.programs}"


def _headings() -> Iterable[str]:
    return (heading for short in SHORT.values() for heading in (short, ""))


def _group_rows(groups: Mapping[str, Figures]) -> Iterable[Sequence[str]]:
    for name, group in groups.items():
        cells = [name, str(group.tasks)]
        for metric in SHORT:
            share = group.shares[metric]
            cells += [_percent(share), f"{share.count}/{share.total}"]
        yield cells


def _outcome_rows(outcomes: Mapping[str, int]) -> Iterable[Sequence[str]]:
    total = sum(outcomes.values())
    for name, count in sorted(outcomes.items(), key=lambda item: (-item[1], item[0])):
        yield name, f"{count} of {total}", _percent(Share(count, total))


def _percent(figure: Share | Average) -> str:
    empty = not (figure.total if isinstance(figure, Share) else figure.programs)
    return "-" if empty else f"{100 * figure.value:.2f} %"


def aligned(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, the first flush left and the others flush right."""
    lines = [tuple(headings), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
