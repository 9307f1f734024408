"""Write a trained model in half precision with a card, to be given to others; `make model` does so for saps itself."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from saps.cli.settings import flag, read_settings
from saps.errors import UserError


@dataclass(frozen=True, slots=True)
class Exporting:
    """What ``saps export`` takes."""

    run: Path = flag(positional=True, metavar="RUN")
    """The folder of a run that has ended."""
    output: Path = Path("data/model")
    """The folder of the model; one that is there is replaced."""
    report: tuple[str, ...] = flag((), metavar="FILE.json")
    """A report of `saps evaluate` about this model; may be repeated. Answers name the figure of the first."""
    recipe: Path = Path("experiments/best/saps.yaml")
    """The configuration that it was trained from, as the card names it."""


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
    exporting.output.parent.mkdir(parents=True, exist_ok=True)
    export_model(system, config["sizes"], exporting.output, _finite(notes), card_of(config, about, reports))
    size = (exporting.output / WEIGHTS).stat().st_size
    print(f"{exporting.output}: {size / 1e6:.2f} MB of weights, {notes['figure']}")
    return 0


def _about(exporting: Exporting) -> dict[str, Any]:
    """What the card tells of the run.

    Raises:
        UserError: the folder is no run that has ended.
    """
    try:
        config = yaml.safe_load((exporting.run / "config.yaml").read_text(encoding="utf-8"))
        summary = json.loads((exporting.run / "summary.json").read_text(encoding="utf-8"))
        versions = json.loads((exporting.run / "versions.json").read_text(encoding="utf-8"))
        generated = config["data"].get("generated") or {}
        excluded = [f"those of {Path(path).name}" for path in config["data"].get("exclude") or ()]
        return {
            "seen": int(summary["tasks_seen"]),
            "generated": ", ".join(f"{name} {value}" for name, value in generated.items() if value) or "none",
            "excluded": ", ".join(excluded) or "none",
            "command": f"saps train --config {exporting.recipe}",
            "seed": config["seed"],
            "commit": str(versions["commit"])[:12],
            "minutes": summary["training_cpu_seconds"] / 60,
            "licence": "MIT",
        }
    except OSError as error:
        raise UserError(f"{error.filename}: missing; name the folder of a run that has ended") from None
    except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
        raise UserError(f"{exporting.run}: not the folder of a run that has ended") from None


def _finite(notes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in notes.items() if not isinstance(value, float) or math.isfinite(value)}
