"""The models that a page offers: by names from a list that the server makes, loaded when one is first asked."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any

from saps.errors import UserError
from saps.models.folder import FILES, WEIGHTS, model_folder
from saps.playground.service import MAX_WAITING, Busy, Service
from saps.resources import resource
from saps.synthesis.chosen_model import figure_told, is_boxed
from saps.synthesis.newest_model import RUNS, whole_models

MAX_LISTED = 50
MAX_LOADED = 3
"""Models in memory at a time, beside the one that the server was started with."""
BOXED = "the model that comes with saps"
Tell = Callable[[str], object]
"""Takes a line about a model that is left out."""


class Chooser:
    """Services of several models by name; the one that the server was started with answers where none is named."""

    def __init__(
        self, path: Path, runs: Path = RUNS, load: Callable[[Path], Service] = Service.load, tell: Tell = lambda _: None
    ) -> None:
        """Lists the models at hand: that of ``path``, the one that comes with saps, and those below ``runs``.

        Of these a broken one is left out, and ``tell`` is given a line about it.

        Raises:
            UserError: ``path`` holds no whole model.
        """
        self._load, self._first = load, load(path)
        self._folders = models_at_hand(path, runs, tell)
        self._loaded: OrderedDict[str, tuple[int, Service]] = OrderedDict()
        self._loading, self._waiting = Lock(), BoundedSemaphore(MAX_WAITING)

    def models(self) -> list[dict[str, str]]:
        """Names and figures, the model that answers where none is named first; those that broke since are left out."""
        first, *others = self._folders
        figures = {first: str(self._first.model()["figure"])}
        for name in others:
            with suppress(UserError):
                figures[name] = _figure(self._folders[name])
        return [{"name": name, "figure": figure} for name, figure in figures.items()]

    def model(self, name: str = "") -> Mapping[str, Any]:
        """What the page tells about a model.

        Raises:
            UserError: there is none of that name, or it cannot be loaded.
            Busy: too many wait for a model to be loaded.
        """
        return self._service(name).model()

    def synthesize(self, request: object) -> dict[str, Any]:
        """The answer of the model that a request names by its field ``model``.

        Raises:
            UserError: as ``Service.synthesize``, or as ``model``.
            Busy: too many questions wait.
        """
        if not isinstance(request, dict) or "model" not in request:
            return self._first.synthesize(request)
        name, question = request["model"], {field: value for field, value in request.items() if field != "model"}
        if not isinstance(name, str):
            raise UserError("model must be a string")
        return self._service(name).synthesize(question)

    def _service(self, name: str) -> Service:
        if name not in ("", next(iter(self._folders))):
            return self._other(name)
        return self._first

    def _other(self, name: str) -> Service:
        """A model that is loaded when it is first asked, or when its weights have changed since; one at a time."""
        if name not in self._folders:
            raise UserError(f"there is no model {name[:60]!r} here; there are: {', '.join(self._folders)[:300]}")
        if not self._waiting.acquire(blocking=False):
            raise Busy(f"{MAX_WAITING} wait for a model already; ask again in a moment")
        try:
            with self._loading:
                return self._held(name, self._folders[name])
        finally:
            self._waiting.release()

    def _held(self, name: str, folder: Path) -> Service:
        written = _written(folder)
        if name not in self._loaded or self._loaded[name][0] != written:
            self._loaded[name] = written, self._load(folder)
        self._loaded.move_to_end(name)
        while len(self._loaded) > MAX_LOADED:
            self._loaded.popitem(last=False)
        return self._loaded[name][1]


def models_at_hand(path: Path, runs: Path = RUNS, tell: Tell = lambda _: None) -> dict[str, Path]:
    """Name -> folder of a model: ``path``, then the one that comes with saps, then the newest ones below ``runs``.

    Names are no paths of this machine: of a run it is where it lies below ``runs``. A broken folder other than ``path``
    is left out, and ``tell`` is given a line about it.
    """
    first, newest = model_folder(path), sorted(whole_models(runs), key=_written, reverse=True)
    found, seen = {_name(first, runs): first}, {first.resolve()}
    for folder in (resource("data/model"), *newest):
        if len(found) >= MAX_LISTED:
            break
        if folder.resolve() in seen:
            continue
        seen.add(folder.resolve())
        try:
            _figure(folder)
        except UserError as error:
            tell(f"{_name(folder, runs)} is left out: {error}")
            continue
        found[_free(_name(folder, runs), found)] = folder
    return found


def _figure(folder: Path) -> str:
    """How good a model is by its own notes.

    Raises:
        UserError: the folder is broken, as far as its names and its configuration tell.
    """
    try:
        for name in FILES:
            if not (folder / name).is_file():
                raise UserError(f"{folder}: the file {name} is missing; copy the whole model folder or export it again")
        return figure_told(folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({error.strerror}); let it be read, or remove it") from None


def _name(folder: Path, runs: Path) -> str:
    if is_boxed(folder):
        return BOXED
    run = folder.parent if folder.name == "model" else folder
    inside = run.resolve().is_relative_to(runs.resolve())
    return run.resolve().relative_to(runs.resolve()).as_posix() if inside else run.name


def _free(name: str, taken: Mapping[str, Path]) -> str:
    """The name, or where two folders have the same the first number behind it that is free."""
    numbered = (f"{name} ({number})" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _written(folder: Path) -> int:
    """When the weights were written; 0 where they are gone."""
    try:
        return (folder / WEIGHTS).stat().st_mtime_ns
    except OSError:
        return 0
