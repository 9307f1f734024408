"""The figures of a report's page, as HTML: tables with bars, curves, and the comparison of two systems."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple

from saps.evaluation import bleu, statistics
from saps.evaluation.cases import Case, confused_labels
from saps.evaluation.charts import Curves, difference_bar, plot, share_bar
from saps.evaluation.judge import JudgedTask, Report
from saps.evaluation.metrics import METRICS, Judgement, bucket_name, bucket_of
from saps.evaluation.pairs import COMPARED, p_value, signed
from saps.evaluation.report import SHORT
from saps.evaluation.statistics import PairedTest, bootstrap_interval, paired_test

MOST_GROUPS = 25  # of one kind that are shown before "more"
MOST_CONFUSED = 30


class Section(NamedTuple):
    """A part of the page."""

    name: str
    """For links to it."""
    title: str
    html: str


def sections_of(report: Report, cases: Sequence[Case], other: str, curves: Sequence[Curves]) -> list[Section]:
    """The parts of the page above the list of tasks.

    Args:
        report: the figures.
        cases: the tasks behind them.
        other: name of the predictions that these are compared with; empty where there are none.
        curves: of the training.
    """
    judgements = [case.judged.judgement for case in cases]
    sections = [Section("figures", "Figures", _figures(report, judgements))]
    others = [case.other for case in cases if case.other is not None]
    if others:
        title = f"Against {escape(other)}"
        sections.append(Section("against", title, _compared([case.judged for case in cases], others, other)))
    sections.append(Section("groups", "Groups", _all_groups(judgements)))
    confused = confused_labels(cases)
    if confused:
        sections.append(Section("confused", "Most confused labels", _confused(confused)))
    if curves:
        sections.append(Section("training", "Training", f'<div class="plots">{"".join(map(_figure, curves))}</div>'))
    return sections


def percent(share: float) -> str:
    """``86.25 %``"""
    return f"{100 * share:.2f} %"


def _figures(report: Report, judgements: Sequence[Judgement]) -> str:
    rows = []
    for name in METRICS:
        counted = _counted(name, judgements)
        if counted and not (name in ("not parsed", "no prediction") and not any(right for right, _ in counted)):
            rows.append([name, *_share_cells(counted), percent(report.per_program[name].value)])
    headings = ("", "", "per task", "95 % interval", "tasks", "per program")
    note = (
        f"Intervals: {statistics.RULE}. Per program, the last column, every distinct program counts once, however many "
        f"sentences it has. BLEU {report.overall.bleu:.4f}: {bleu.RULE}."
    )
    return _table(headings, rows) + _note(note)


def _counted(name: str, judgements: Iterable[Judgement]) -> list[tuple[bool, bytes]]:
    """Of each task for which a metric asks, whether it counts, and its program."""
    answers = ((METRICS[name](judgement), judgement.program) for judgement in judgements)
    return [(answer, program) for answer, program in answers if answer is not None]


def _share_cells(counted: Sequence[tuple[bool, bytes]]) -> list[str]:
    """Bar, share, interval and count."""
    right, programs = [one for one, _ in counted], [program for _, program in counted]
    interval = bootstrap_interval(right, programs) if len(set(programs)) > 1 else None
    share = sum(right) / len(right)
    shown = f"{100 * interval.low:.1f} to {100 * interval.high:.1f}" if interval else "one program"
    return [share_bar(share, interval), percent(share), shown, f"{sum(right):,} of {len(right):,}"]


def _all_groups(judgements: Sequence[Judgement]) -> str:
    """By depth, nodes and root template: how many tasks, and the two figures that matter."""
    kinds: Mapping[str, Callable[[Judgement], object]] = {
        "depth of the program": lambda judgement: judgement.depth,
        "nodes of the program": lambda judgement: bucket_of(judgement.nodes),
        "root template": lambda judgement: judgement.template or "(unknown)",
    }
    return "".join(_groups(name, judgements, key) for name, key in kinds.items())


def _groups(title: str, judgements: Sequence[Judgement], key: Callable[[Judgement], object]) -> str:
    groups: dict[object, list[Judgement]] = {}
    for judgement in judgements:
        groups.setdefault(key(judgement), []).append(judgement)
    is_named = any(isinstance(name, str) for name in groups)
    order = sorted(groups, key=lambda name: (-len(groups[name]), name) if is_named else name)  # type: ignore[arg-type, return-value]
    rows = []
    for name in order:
        exact, execution = (_counted(metric, groups[name]) for metric in COMPARED)
        written = bucket_name(name) if title.startswith("nodes") else str(name)  # type: ignore[arg-type]
        cells = _share_cells(execution) if execution else ("", "-", "-")
        exactly = percent(sum(right for right, _ in exact) / len(exact))
        rows.append([escape(written), cells[0], f"{len(groups[name]):,}", exactly, cells[1], cells[2]])
    headings = ("", "", "tasks", SHORT[COMPARED[0]], SHORT[COMPARED[1]], "95 % interval")
    head, rest = rows[:MOST_GROUPS], rows[MOST_GROUPS:]
    more = f"<details><summary>{len(rest)} more</summary>{_table(headings, rest)}</details>" if rest else ""
    return f"<h3>By {title}</h3>{_table(headings, head)}{more}"


def _compared(judged: Sequence[JudgedTask], others: Sequence[JudgedTask], other: str) -> str:
    rows, notes = [], []
    for name in COMPARED:
        pairs = [(METRICS[name](a.judgement), METRICS[name](b.judgement)) for a, b in zip(judged, others, strict=True)]
        programs = [one.judgement.program for one in judged]
        kept = [(a, b, program) for (a, b), program in zip(pairs, programs, strict=True) if a is not None]
        if not kept:
            continue
        a, b, drawn = ([one[place] for one in kept] for place in range(3))
        test = paired_test(a, b, drawn)  # type: ignore[arg-type]
        rows.append(_test_cells(name, test))
        notes.append(_verdict(name, test, other))
    headings = (
        "",
        "",
        "this",
        "other",
        "difference",
        "95 % interval",
        "only this",
        "only other",
        "McNemar p",
        "bootstrap p",
    )
    rule = (
        "McNemar's exact test asks of the tasks that one of the two alone has right whether a fair coin divides them "
        "so; the paired bootstrap draws whole programs. Both are two-sided."
    )
    return "".join(f"<p>{note}</p>" for note in notes) + _table(headings, rows) + _note(rule)


def _test_cells(name: str, test: PairedTest) -> list[str]:
    return [
        name,
        difference_bar(test.difference, test.interval),
        percent((test.both + test.only_a) / test.tasks),
        percent((test.both + test.only_b) / test.tasks),
        f"{100 * test.difference:+.2f}",
        signed(test.interval),
        f"{test.only_a:,}",
        f"{test.only_b:,}",
        p_value(test.mcnemar_p),
        p_value(test.bootstrap_p),
    ]


def _verdict(name: str, test: PairedTest, other: str) -> str:
    """What a test comes to, in words."""
    better = "ahead of" if test.difference > 0 else "behind"
    if max(test.mcnemar_p, test.bootstrap_p) < 0.05:
        return (
            f"In {name} it is {better} {escape(other)} by {100 * abs(test.difference):.2f} points; both tests say so."
        )
    if min(test.mcnemar_p, test.bootstrap_p) < 0.05:
        return f"In {name} it seems {better} {escape(other)}, but only one of the two tests says so."
    return f"In {name} the two do not differ by more than chance explains."


def _confused(confused: Mapping[tuple[str, str], int]) -> str:
    pairs = list(confused.items())
    most = pairs[0][1]
    rows = [
        [
            f"<code>{escape(wanted)}</code>",
            share_bar(count / most, None),
            f"<code>{escape(given)}</code>",
            _tasks_link(number, wanted, given, count),
        ]
        for number, ((wanted, given), count) in enumerate(pairs[:MOST_CONFUSED])
    ]
    note = "Of each subtree that differs, the label at its top: what was wanted there, and what was given instead."
    return _table(("wanted", "", "given", "how often"), rows) + _note(note)


def _tasks_link(number: int, wanted: str, given: str, count: int) -> str:
    label = escape(f"{wanted} wanted, {given} given", quote=True)
    return f'<button type="button" class="plain" data-confusion="{number}" aria-label="{label}">{count:,}</button>'


def _figure(curves: Curves) -> str:
    names = [name for name, points in curves.lines.items() if points]
    keys = "".join(f'<span class="key key-{number}">{escape(name)}</span>' for number, name in enumerate(names))
    caption = f"{escape(curves.title)} {keys if len(names) > 1 else ''}"
    return f"<figure><figcaption>{caption}</figcaption>{plot(curves)}</figure>"


def _table(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already; the first of a row names it."""
    head = "".join(f'<th scope="col"{_class(heading)}>{heading}</th>' for heading in headings)
    lines = "".join(f'<tr><th scope="row">{row[0]}</th>{"".join(map(_cell, row[1:]))}</tr>' for row in rows)
    return (
        f'<div class="scroll"><table class="figures"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'
    )


def _class(heading: str) -> str:
    return "" if heading in ("", "wanted", "given") else ' class="number"'


def _cell(html: str) -> str:
    if html.startswith("<svg"):
        return f'<td class="plotted">{html}</td>'
    return f"<td>{html}</td>" if html.startswith("<code") else f'<td class="number">{html}</td>'


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'
