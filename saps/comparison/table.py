"""The table as Markdown for people and as plain values for programs."""

import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from saps.comparison.orders import check_orders
from saps.comparison.paired import Compared, as_paired, as_pairs_json, interval_cell
from saps.comparison.published import Published
from saps.comparison.results import EXACT, Row, SeedResult, cell, spread
from saps.comparison.running import JOB
from saps.comparison.searched import as_searched
from saps.evaluation.markdown import as_table
from saps.evaluation.pairs import interval_of, program_interval_of
from saps.evaluation.statistics import RULE
from saps.training.budget import budget_in_words, parse_budget
from saps.training.selection import EXACT_MATCH

SHOWN = {  # columns of figures over tasks
    "exact match": "exact match",
    "execution accuracy": "execution",
    "execution accuracy, clean tasks": "execution, clean",
    "not parsed": "not parsed",
}
_HEADINGS = ("system", "parameters", *SHOWN.values(), "per program", "tasks a second", "steps", "seeds", "published")


def as_markdown(
    rows: Sequence[Row], published: Published, paired: Sequence[Compared] = (), otherwise: Sequence[str] = ()
) -> str:
    """The table, what stands behind it, the order of the systems, what failed, and the commands.

    Args:
        rows: of the table.
        published: what is known of them.
        paired: rows against each other.
        otherwise: notes on rows that were not made as they should be.
    """
    results = [result for row in rows for result in row.results]
    parts = ["## Side by side"]
    if results:
        parts.append(_conditions(results))
    parts.append(as_table(_HEADINGS, (_cells(row, published) for row in rows)))
    parts.append("\n".join(f"- {note}" for note in (*otherwise, *_notes(rows, results, published))))
    orders = check_orders(rows, published)
    if orders:
        claims = (
            (published.name(o.better), published.name(o.worse), f"{o.difference:+.2f}", f"{o.held} of {o.seeds}")
            for o in orders
        )
        parts.append("Is the first better than the second, in exact match of the same seed?")
        parts.append(as_table(("first", "second", "difference of means", "seeds in which it is"), claims))
    parts += as_paired(paired, published)
    parts += as_searched(rows, published)
    parts += _commands(rows)
    return "\n\n".join(parts) + "\n"


def as_json(rows: Sequence[Row], published: Published, paired: Sequence[Compared] = ()) -> dict[str, Any]:
    """The same as plain values, with what each seed came to; figures in percent."""
    return {
        "rows": [_row_json(row, published) for row in rows],
        "pairs": as_pairs_json(paired),
        "orders": [order._asdict() for order in check_orders(rows, published)],
        "published_learned_from": published.learned_from,
        "sources": dict(published.sources),
    }


def _row_json(row: Row, published: Published) -> dict[str, Any]:
    system = published.systems.get(row.name)
    judged = [result for result in row.results if result.report is not None]
    metrics = list(judged[0].report["per_program"]) if judged and judged[0].report else []
    figures = {name: [result.share(name) or 0.0 for result in judged] for name in metrics}
    averages = {name: [result.per_program(name) or 0.0 for result in judged] for name in metrics}
    return {
        "row": row.name,
        "name": published.name(row.name),
        "parameters": row.results[0].summary["trainable_parameters"] if row.results else None,
        "tasks_per_second": [result.tasks_per_second for result in row.results],
        "seeds": [result.seed for result in row.results],
        "per_task": {name: _spread_json(values) for name, values in figures.items()},
        "per_program": {name: _spread_json(values) for name, values in averages.items()},
        "validation_exact_match": [100 * result.summary[EXACT_MATCH] for result in row.results],
        "trainings": [result.summary for result in row.results],
        "commands": [result.command for result in row.results],
        "versions": [result.versions for result in row.results],
        "search": [{"seed": result.seed, **result.curve} for result in row.results if result.curve],
        "problems": [{"seed": seed, "problem": problem} for seed, problem in row.problems],
        "published": [vars(figure) for figure in system.figures] if system else [],
        "published_parameters": system.parameters if system else None,
    }


def _spread_json(values: Sequence[float]) -> dict[str, Any]:
    found = spread(values)
    return {"mean": found.mean, "deviation": found.deviation, "values": list(values)}


def _cells(row: Row, published: Published) -> list[str]:
    """The cells of a row; a row of which nothing is done shows what was published."""
    system = published.systems.get(row.name)
    known = "; ".join(map(str, system.figures)) if system and system.figures else "-"
    seeds = f"{len(row.results)} of {len(row.results) + len(row.problems)}"
    if not row.results:
        blank = ["-"] * (len(_HEADINGS) - 3)
        return [published.name(row.name), *blank, seeds, known]
    return [
        published.name(row.name),
        f"{row.results[0].summary['trainable_parameters']:,}",
        *(
            cell([result.share(metric) for result in row.results]) + interval_cell(row, metric, interval_of)
            for metric in SHOWN
        ),
        cell([result.per_program(EXACT) for result in row.results]) + interval_cell(row, EXACT, program_interval_of),
        f"{spread([result.tasks_per_second for result in row.results]).mean:,.0f}",
        f"{spread([result.summary['steps'] for result in row.results]).mean:,.0f}",
        seeds,
        known,
    ]


def _conditions(results: Sequence[SeedResult]) -> str:
    """On what, for how long, and with what the rows were made."""
    reports = [result.report for result in results if result.report is not None]
    tasks, data = {str(report["tasks"]) for report in reports}, {report["data"] for report in reports}
    learned = {_learned(result) for result in results}
    commits = sorted({_commit(result) for result in results})
    brackets = f"In brackets {RULE}, of the mean over these seeds. " if any(r.each for r in results) else ""
    machines = sorted({str(result.versions.get("platform")) for result in results})
    return (
        f"Each row learned from {_or(learned)} tasks, {_or(map(_budget, results))} a seed, and was "
        f"judged on the {_or(tasks) or 0} tasks of {_or(data) or 'no file'}. Percent, mean ± sample "
        f"standard deviation over seeds; `per program` is the exact match with every distinct program counting once. "
        f"{brackets}Commit {_or(commits)}; {_or(machines)}."
    )


def _notes(rows: Sequence[Row], results: Sequence[SeedResult], published: Published) -> Iterable[str]:
    """What a reader must know before comparing."""
    learned = sorted({result.summary["training_tasks"] for result in results})
    known = [published.systems[row.name] for row in rows if row.name in published.systems]
    figures = [figure for system in known for figure in system.figures]
    if figures and learned != [published.learned_from]:
        ours = _or({_learned(result) for result in results}) or "none yet"
        yield (
            f"Not comparable with ours: the published figures come from systems that learned from the "
            f"{published.learned_from:,} real tasks (ours: {ours}), judged on the published splits."
        )
    for key in sorted({figure.source for figure in figures}):
        yield f"Published, {key}: {published.sources[key]}."
    if any(result.command["is_chosen_on_test"] for result in results):
        yield "Exported is the best of the validations on the very tasks that judge it: this flatters a little."
    if len({_commit(result) for result in results}) > 1:
        yield "The rows were made at different commits."
    for row in rows:
        if any(result.report is None for result in row.results):
            yield f"{published.name(row.name)} answers no sentence; its figure is that of its validation tasks."
        rules = {result.report["rules"]["tests"] for result in row.results if result.report is not None}
        for rule in sorted(rules - {"all tests of each task"}):
            yield f"{published.name(row.name)} was judged by {rule}."
        for seed, problem in row.problems:
            yield f"{published.name(row.name)}, seed {seed}: {problem}."


def _learned(result: SeedResult) -> str:
    """How many tasks a training could draw from; generated as they are needed, they have no number."""
    return f"{result.summary['training_tasks']:,}" if result.summary["training_tasks"] else "freshly generated"


def _budget(result: SeedResult) -> str:
    """What a training was given, in words."""
    return budget_in_words(parse_budget(result.command["budget"], f"{JOB}, budget"))


def _commit(result: SeedResult) -> str:
    """The commit in short, marked where files differed from it."""
    commit, *changes = str(result.versions.get("commit") or "unknown (no checkout)").split(" ", 1)
    return " ".join([commit[:10], *changes])


def _commands(rows: Sequence[Row]) -> list[str]:
    """The commands of each row, of its first seed that is done."""
    done = [row.results[0] for row in rows if row.results]
    if not done:
        return []
    commands = [result.command.get(step, []) for result in done for step in ("train", "evaluate", "search")]
    lines = [f"    saps {shlex.join(words)}" for words in commands if words]
    return ["The commands, with the first seed of each row:", "\n".join(lines)]


def _or(values: Iterable[str]) -> str:
    return " or ".join(sorted(set(values)))
