"""Runs of Weights & Biases. The only file that imports wandb, and only once a run is begun."""

import csv
import json
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from saps.errors import UserError
from saps.training.run_folder import CONFIG, METRICS, VALIDATIONS
from saps.training.settings import TrackingSettings

STEP = "trainer/global_step"  # what the curves are drawn over; Lightning counts steps from 0
_MODES = ("offline", "online", "disabled")
_MOST_IN_TAG, _MOST_IN_PROJECT, _NOT_IN_PROJECT = 64, 128, "/\\#?%:"  # else wandb.init raises
_RUN_ID = "wandb-run-id.txt"


def wandb_mode(setting: str | None) -> str:
    """Offline, online or disabled: the setting, else WANDB_MODE, else offline.

    Raises:
        UserError: WANDB_MODE says something else.
    """
    mode = setting or os.environ.get("WANDB_MODE") or "offline"
    if mode not in _MODES:
        raise UserError(f"WANDB_MODE={mode}: must be one of {', '.join(_MODES)}; set it or give tracking.wandb")
    return mode


def check_wandb(setting: str | None, project: str | None = None, tags: Sequence[str] = ()) -> None:
    """Checks what a run of W&B is to be told of itself, before anything is trained or judged.

    Raises:
        UserError: WANDB_MODE is none, or W&B takes no such project or tag.
    """
    if wandb_mode(setting) == "disabled":
        return
    for tag in tags:
        if not 1 <= len(tag) <= _MOST_IN_TAG:
            told = "is empty" if not tag else f"{tag[:20]}... has {len(tag)} characters"
            raise UserError(f"tracking.tags: a tag {told}; W&B takes 1 to {_MOST_IN_TAG}: mend it, or leave it out")
    where, name = ("tracking.project ", project) if project else ("WANDB_PROJECT=", os.environ.get("WANDB_PROJECT", ""))
    if len(name) > _MOST_IN_PROJECT or set(name) & set(_NOT_IN_PROJECT):
        wanted = f"takes at most {_MOST_IN_PROJECT} characters, and none of {' '.join(_NOT_IN_PROJECT)}"
        raise UserError(f"{where}{name[:_MOST_IN_PROJECT]}: W&B {wanted}; give it another name")


def open_training(folder: Path, settings: TrackingSettings, config: dict[str, Any], mode: str) -> Any:
    """The run of a training, which keeps its identity when it is resumed.

    Offline, W&B begins a new folder with each process, and uploads of several would overwrite each other. So all that
    the training has written down before is logged anew, and the folders of earlier processes go, unless uploaded.
    """
    identity = folder / _RUN_ID
    if not identity.exists():
        identity.write_text(secrets.token_hex(4) + "\n", encoding="utf-8")
    name = identity.read_text(encoding="utf-8").strip()
    earlier = sorted((folder / "wandb").glob(f"offline-run-*-{name}"))
    about = {"group": settings.group, "job_type": settings.job_type, "tags": list(settings.tags) or None}
    titled = {"id": name, "name": settings.name or folder.name, "resume": "allow"}
    run = _init(folder, mode, config, settings.project, **titled, **about)
    if mode == "offline" and not any(map(_is_uploaded, earlier)):
        _replay(run, folder)
        for old in earlier:
            if old != Path(run.dir).parent:
                shutil.rmtree(old)
    return run


def _init(folder: Path, mode: str, config: Mapping[str, Any], project: str | None = None, **about: Any) -> Any:
    os.environ["WANDB_MODE"] = mode
    os.environ.setdefault("WANDB_SILENT", "true")  # read at the import
    import wandb  # here, so that nothing else waits for it

    settings = wandb.Settings(init_timeout=30, console="off")
    project = project or os.environ.get("WANDB_PROJECT") or "saps"
    run = wandb.init(dir=folder, project=project, config=dict(config), settings=settings, **about)
    run.define_metric(STEP)
    run.define_metric("*", step_metric=STEP, step_sync=True)
    return run


def _is_uploaded(offline: Path) -> bool:
    return any(offline.glob("*.synced"))


def _replay(run: Any, folder: Path) -> None:
    """Logs what ``metrics.csv`` and the validations of earlier processes hold."""
    path = folder / METRICS
    if not path.exists():
        return
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            step = int(row["step"])
            values = {name: float(value) for name, value in row.items() if value and name not in ("step", "seconds")}
            run.log({**values, STEP: step - 1})
            if "val_loss" in values:
                log_validation(run, folder / VALIDATIONS / str(step), step)


def log_validation(run: Any, folder: Path, step: int) -> None:
    """Logs what ``ValidationExamples`` has written of a validation: tables, pictures, and shares by depth."""
    import wandb

    if not (folder / "examples.json").exists():
        return
    found = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
    logged: dict[str, Any] = {"predictions": wandb.Table(columns=found["columns"], data=found["rows"])}
    for kind in ("depth", "template"):
        shares = [[name, right / tasks, tasks] for name, (right, tasks) in found[kind].items()]
        logged[f"exact_match_by_{kind}"] = wandb.Table(columns=[kind, "exact_match", "tasks"], data=shares)
    logged |= {f"depth/{name}": right / tasks for name, (right, tasks) in found["depth"].items()}
    logged |= {path.stem.replace("-", "/"): wandb.Image(str(path)) for path in sorted(folder.glob("*.png"))}
    run.log({**logged, STEP: step - 1})


def log_model(run: Any, folder: Path, model: Path, data: Mapping[str, str]) -> None:
    """Makes the exported model an artifact, with the run's configuration and hashes of the data."""
    import wandb

    exported = json.loads((model / "config.json").read_text(encoding="utf-8"))
    about = {"system": exported["system"], **exported["notes"], "data": dict(data)}
    artifact = wandb.Artifact(f"model-{run.id}", type="model", metadata=about)
    artifact.add_dir(str(model), name="model")
    artifact.add_file(str(folder / CONFIG))
    run.log_artifact(artifact)


def log_judgement(
    folder: Path,
    about: Mapping[str, Any],
    figures: Mapping[str, float],
    tables: Mapping[str, tuple[Sequence[str], Any]],
) -> None:
    """A run of its own for what was judged or compared: figures, and tables as (columns, rows).

    Args:
        folder: where an offline run is kept.
        about: ``name``, ``job_type``, ``group`` and ``config`` of the run.
        figures: by name.
        tables: by name.
    """
    mode = wandb_mode(None)
    if mode == "disabled":
        return
    run = _init(folder, mode, reinit="create_new", **about)
    import wandb

    shown = {name: wandb.Table(columns=list(columns), data=rows) for name, (columns, rows) in tables.items()}
    run.log({**figures, **shown})
    run.finish()
