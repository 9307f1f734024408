"""Which system a name stands for: those of this package by class name, a user's own by its place, ``module.Class``.

The name in a shared model folder is only looked up here, never imported: code outside this package runs only if the
user has named it, by the class of a training configuration, by ``--system``, by the environment variable, or in Python
by ``admit``.
"""

import importlib
import inspect
import os
import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from saps.errors import UserError
from saps.models.io2seq import IO2Seq
from saps.models.saps import SAPS
from saps.models.saps_transformer import SAPSTransformer
from saps.models.search_alone import SearchAlone
from saps.models.seq2seq import Seq2Seq
from saps.models.seq2tree import Seq2Tree
from saps.models.sizes import check_sizes
from saps.models.system import System
from saps.models.transformer import Transformer
from saps.models.tree_autoencoder import TreeAutoencoder
from saps.tasks.query import Reading, reading_of

_SYSTEMS = (SAPS, SAPSTransformer, Seq2Tree, Seq2Seq, Transformer, IO2Seq, SearchAlone, TreeAutoencoder)
SYSTEMS: dict[str, type[System]] = {system.__name__: system for system in _SYSTEMS}
"""The systems of this package."""
ENVIRONMENT = "SAPS_SYSTEM"
"""Names a user's own systems, ``module.Class``, with commas between."""
_LONGEST = 100  # letters of a name that is told
_own: dict[str, type[System]] = {}


def name_of(system: type[System]) -> str:
    """The name by which ``system_named`` finds a class."""
    if SYSTEMS.get(system.__name__) is system:
        return system.__name__
    return f"{system.__module__}.{system.__qualname__}"


def admit(system: type[System]) -> str:
    """Lets a user's own class be found by its name, and returns that."""
    name = name_of(system)
    if name not in SYSTEMS:
        _own[name] = system
    return name


def is_named(path: str) -> bool:
    """Whether a class, as ``module.Class``, is one of this package or named by the environment variable.

    Told by the name alone: nothing is imported.
    """
    places = (f"{module}.{name}" for name, system in SYSTEMS.items() for module in ("saps.models", system.__module__))
    return path in _own or path in _named_by_environment() or path in SYSTEMS or path in places


def admit_path(path: str) -> str:
    """Imports a class that the user has named as ``module.Class``, and admits it.

    Raises:
        UserError: there is no such module or class, or it is no system.
    """
    module, _, name = path.strip().rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name, None) if module else None
    except ModuleNotFoundError as error:
        is_itself = error.name is not None and f"{module}.".startswith(f"{error.name}.")
        mend = "its folder must be in PYTHONPATH" if is_itself else f"install {error.name}"
        raise UserError(f"{path}: cannot be imported ({error}); {mend}") from None
    except Exception as error:
        raise UserError(f"{path}: cannot be imported ({_told_with_place(error)}); mend it there") from None
    if not isinstance(found, type) or not issubclass(found, System):
        raise UserError(f"{path}: is no system; name a subclass of saps.models.System as module.Class")
    return admit(found)


def _told_with_place(error: Exception) -> str:
    """What went wrong while a module was imported, and where, in one line."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    file, line = place.filename, place.lineno
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno
    told = (getattr(error, "msg", None) or str(error) or "no reason given").splitlines()[0]
    return f"{file}:{line}: {type(error).__name__}: {told}"


def environment_for_others() -> dict[str, str]:
    """The environment of processes and jobs that this one starts: they may load what the user has named here."""
    names = ",".join(dict.fromkeys([*_named_by_environment(), *_own]))
    return dict(os.environ) | ({ENVIRONMENT: names} if names else {})


def _named_by_environment() -> list[str]:
    return [name.strip() for name in os.environ.get(ENVIRONMENT, "").split(",") if name.strip()]


def system_named(name: object) -> type[System]:
    """The class that a name stands for.

    Raises:
        UserError: no system of this package has the name, and the user has not named it either.
    """
    if isinstance(name, str) and name not in _own and name in _named_by_environment():
        admit_path(name)
    known = SYSTEMS | _own
    if isinstance(name, str) and name in known:
        return known[name]
    if isinstance(name, str) and "." in name:
        is_written = len(name) <= _LONGEST and all(part.isidentifier() for part in name.split("."))
        raise UserError(
            f"{name[:_LONGEST]!r} is no system of saps but somebody's own code, which does not run unasked; if you "
            f"trust it, name it by {f'--system {name}' if is_written else '--system'} or by {ENVIRONMENT}"
        )
    raise UserError(f"there is no system {str(name)[:_LONGEST]!r}; there are: {', '.join(known)}")


def reading_for(name: str, sizes: Mapping[str, Any]) -> Reading:
    """What a system with these settings reads of a task, told before there is one.

    Raises:
        UserError: no system has the name, or a setting means nothing.
    """
    system = system_named(name)
    check_sizes(system, sizes)
    if not system.reading.reads_text:
        return replace(system.reading, canonical=True) if sizes.get("canonical") else system.reading
    if not {"reads", "letters"} & {*sizes}:
        return system.reading
    kinds = inspect.signature(system.__init__).parameters
    reads, letters = (sizes.get(key, kinds[key].default) for key in ("reads", "letters"))
    return reading_of(reads, letters)
