"""The model that answers, by what a person says: the one in the box, the newest run, or a folder."""

from pathlib import Path

from saps.resources import resource
from saps.synthesis.newest_model import newest_model

LATEST = "latest"


def chosen_model(given: Path | None) -> Path:
    """The folder of the model: by default the one that comes with saps, for ``latest`` the newest in ``runs/``.

    Raises:
        UserError: there is no run.
    """
    if given is None:
        return resource("data/model")
    return newest_model() if given == Path(LATEST) else given


def is_boxed(folder: Path) -> bool:
    """Whether it is the model that comes with saps."""
    return folder.resolve() == resource("data").resolve() / "model"


def figure_told(folder: Path) -> str:
    """How good a model is by its own notes, in one line; that it is not known, where they do not say.

    Raises:
        UserError: the folder has no readable configuration.
    """
    from saps.models.folder import notes_of  # torch is slow to import

    notes = notes_of(folder)
    match = notes.get("val_exact_match")
    if isinstance(notes.get("figure"), str):
        return str(notes["figure"])[:200]
    if isinstance(match, float | int) and 0 <= match <= 1:
        return f"{100 * match:.2f} % exact match in its own validation"
    return "no figure known"
