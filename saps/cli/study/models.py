"""The trained models of a study: lines by name, each with its seeds."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from saps.cli.own_system import admit_systems

if TYPE_CHECKING:
    from saps.synthesis.synthesizer import Synthesizer


def named_models(written: Iterable[str]) -> Mapping[str, list[Path]]:
    """``NAME=RUN`` or ``RUN``, called by the name of its folder; models of one name are seeds of one line."""
    found: dict[str, list[Path]] = {}
    for text in written:
        name, equals, path = text.partition("=")
        folder = Path(path if equals else text)
        found.setdefault(name if equals else folder.name, []).append(folder)
    return found


def load_lines(written: Iterable[str], systems: Iterable[str]) -> "dict[str, list[Synthesizer]]":
    """The models of all lines, read.

    Raises:
        UserError: a folder holds no whole model.
    """
    from saps.synthesis.synthesizer import Synthesizer  # torch is slow to import

    admit_systems([*systems])
    return {name: [Synthesizer.load(folder) for folder in paths] for name, paths in named_models(written).items()}
