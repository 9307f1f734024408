"""Which model answers when a person names none."""

from pathlib import Path

from saps.errors import UserError

WEIGHTS = "model.safetensors"
RUNS = Path("runs")  # where `saps train` and `make quickstart` put their runs


def newest_model(runs: Path = RUNS) -> Path:
    """The folder of the model that was exported last, at any depth below a folder of runs.

    Raises:
        UserError: there is none.
    """
    found = whole_models(runs)
    if not found:
        raise UserError(f"no trained model under {runs}/; train one by `make quickstart`, or name one", "model")
    return max(found, key=lambda folder: (folder / WEIGHTS).stat().st_mtime)


def whole_models(runs: Path = RUNS) -> list[Path]:
    """The folders of all exported models, at any depth below a folder of runs."""
    return [path.parent for path in runs.rglob(WEIGHTS) if _is_whole(path, runs)]


def _is_whole(weights: Path, runs: Path) -> bool:
    """A file, not a link to none, and not in a hidden folder, where an export is being written."""
    hidden = any(part.startswith(".") for part in weights.relative_to(runs).parts)
    return not hidden and weights.is_file() and (weights.parent / "config.json").is_file()
