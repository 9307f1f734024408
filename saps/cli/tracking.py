"""What was judged or compared, as a run of Weights & Biases; WANDB_MODE says where to, and WANDB_PROJECT for what."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from saps.training.wandb_run import check_wandb, log_judgement

_GROUPS = ("depth", "nodes", "template")


def check_tracking(is_wanted: bool) -> None:
    """Checks, before anything is judged, that it can be told.

    Raises:
        UserError: WANDB_MODE is none, or WANDB_PROJECT no name that W&B takes.
    """
    if is_wanted:
        check_wandb(None)


def track_report(report: Mapping[str, Any], judged: Path, output: Path) -> None:
    """Logs a report of ``saps evaluate`` (as JSON): figures, and tables of them by depth, nodes and template."""
    overall = {name: value for name, value in report["overall"].items() if isinstance(value, dict)}
    figures = {f"per_task/{name}": share["share"] for name, share in overall.items()}
    figures |= {f"per_program/{name}": average["mean"] for name, average in report["per_program"].items()}
    figures |= {"bleu": report["overall"]["bleu"], "tasks": report["tasks"]}
    tables = {}
    for kind in _GROUPS:
        groups = report[f"by_{kind}"].items()
        rows = [[name, of["tasks"], *(of[metric]["share"] for metric in overall)] for name, of in groups]
        tables[f"by_{kind}"] = ([kind, "tasks", *overall], rows)
    config = {name: report[name] for name in ("data", "system", "weights", "rules", "versions")}
    about = _about("evaluate", f"{judged.name} on {report['data']}") | {"group": judged.name, "config": config}
    log_judgement(output.parent, about, figures, tables)


def track_comparison(comparison: Mapping[str, Any], folder: Path) -> None:
    """Logs the table of ``saps compare`` (as JSON): a line for each row, figures in percent, means over its seeds."""
    metrics = list(dict.fromkeys(name for row in comparison["rows"] for name in row["per_task"]))
    columns = ["row", "name", "parameters", "seeds", "tasks_per_second", "validation_exact_match", *metrics]
    rows = [
        [row["row"], row["name"], row["parameters"], len(row["seeds"]), _mean(row["tasks_per_second"]),
         _mean(row["validation_exact_match"]), *(row["per_task"].get(name, {}).get("mean") for name in metrics)]
        for row in comparison["rows"]
    ]  # fmt: skip
    figures = {f"{line[0]}/{name}": value for line in rows for name, value in zip(columns[4:], line[4:], strict=True)}
    known = {name: value for name, value in figures.items() if value is not None}
    config = {row["row"]: {"commands": row["commands"], "seeds": row["seeds"]} for row in comparison["rows"]}
    about = _about("compare", folder.name) | {"group": folder.name, "config": config}
    log_judgement(folder, about, known, {"comparison": (columns, rows)})


def _about(job_type: str, name: str) -> dict[str, Any]:
    return {"job_type": job_type, "name": name}


def _mean(values: Sequence[float]) -> float | None:
    return mean(values) if values else None
