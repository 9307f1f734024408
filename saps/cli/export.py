"""Write a trained model in half precision with a card, to be given to others; `make model` does so for saps itself."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from saps.cli.settings import flag, read_settings
from saps.errors import UserError
from saps.tasks.atomic import make_folder


@dataclass(frozen=True, slots=True)
class Exporting:
    """What ``saps export`` takes."""

    run: Path = flag(positional=True, metavar="RUN")
    """The folder of a run that has ended."""
    output: Path = Path("data/model")
    """The folder of the model; one that is there is replaced."""
    report: tuple[str, ...] = flag((), metavar="FILE.json")
    """A report of `saps evaluate` about this model; may be repeated. Answers name the figure of the first."""
    recipe: tuple[str, ...] = flag((), metavar="FILE.yaml")
    """The configuration that it was trained from, with flags, as the card tells it; before it, those of the runs whose
    weights it started from. By default experiments/best/saps.yaml."""


def parse_arguments(argv: Sequence[str]) -> Exporting:
    """Reads the command line.

    Raises:
        UserError: it is wrong.
    """
    return read_settings("export", __doc__, Exporting, argv)


def run(exporting: Exporting) -> int:
    """Writes the folder, whole or not at all."""
    from saps.models.card import card_of, figure_of, read_report

    if not exporting.report:
        raise UserError("the card needs a report of `saps evaluate`", "report")
    reports = [read_report(Path(path)) for path in exporting.report]
    about = _about(exporting)
    # torch takes a second to import: only once all that can be missing is there
    from saps.models.folder import CONFIG, WEIGHTS, export_model, load_model, model_folder, notes_of, weights_hash

    weights = weights_hash(exporting.run)
    for path, report in zip(exporting.report, reports, strict=True):
        if report.get("weights") != weights:
            raise UserError(f"{path}: a report about other weights than those of {exporting.run}; evaluate it again")
    system = load_model(exporting.run).half()
    if not all(value.isfinite().all() for value in system.state_dict().values()):
        raise UserError(f"{exporting.run}: a weight is too large for half precision")
    config = json.loads((model_folder(exporting.run) / CONFIG).read_text(encoding="utf-8"))
    notes = notes_of(exporting.run) | {"figure": figure_of(reports[0])}
    make_folder(exporting.output.parent, "output")
    export_model(system, config["sizes"], exporting.output, _finite(notes), card_of(config, about, reports))
    size = (exporting.output / WEIGHTS).stat().st_size
    print(f"{exporting.output}: {size / 1e6:.2f} MB of weights, {notes['figure']}")
    return 0


def _about(exporting: Exporting) -> dict[str, Any]:
    """What the card tells of the run, and of those whose weights it started from."""
    stages = _stages(exporting.run)
    last = stages[0]
    generated = last.data.get("generated") or {}
    excluded = [f"those of {Path(path).name}" for path in last.data.get("exclude") or ()]
    recipes = exporting.recipe or ("experiments/best/saps.yaml",)
    if len(recipes) != len(stages):
        named = f"{len(recipes)} named, and the model came through {len(stages)} trainings; name one for each"
        raise UserError(named, "recipe")
    return {
        "seen": sum(stage.tasks for stage in stages),
        "generated": ", ".join(f"{name} {value}" for name, value in generated.items() if value) or "none",
        "excluded": ", ".join(excluded) or "none",
        "command": "\n    ".join(f"saps train --config {recipe}" for recipe in recipes),
        "seed": ", then ".join(str(stage.seed) for stage in reversed(stages)),
        "commit": last.commit[:12],
        "minutes": sum(stage.seconds for stage in stages) / 60,
        "licence": "MIT",
    }


class _Stage(NamedTuple):
    """A training that has ended."""

    seed: int
    data: Mapping[str, Any]  # the settings of its data
    tasks: int
    seconds: float
    commit: str


def _stages(run: Path) -> list[_Stage]:
    """The run, then the one whose weights it started from, and so on.

    Raises:
        UserError: the folder is no run that has ended.
    """
    try:
        config = yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8"))
        summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
        versions = json.loads((run / "versions.json").read_text(encoding="utf-8"))
        tasks, seconds = int(summary["tasks_seen"]), float(summary["training_cpu_seconds"])
        stage = _Stage(config["seed"], dict(config["data"]), tasks, seconds, str(versions["commit"]))
        earlier = (config.get("pretrained") or {}).get("model")
    except OSError as error:
        raise UserError(f"{error.filename}: missing; name the folder of a run that has ended") from None
    except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
        raise UserError(f"{run}: not the folder of a run that has ended") from None
    return [stage, *(_stages(Path(earlier)) if earlier else [])]


def _finite(notes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in notes.items() if not isinstance(value, float) or math.isfinite(value)}
