"""``--system``: the flag by which users let models of their own classes be loaded."""

from collections.abc import Sequence


def admit_systems(paths: Sequence[str]) -> None:
    """Imports what ``--system`` names, so that models of these classes can be loaded.

    Raises:
        UserError: it cannot be imported, or is no system.
    """
    if paths:
        from saps.models.registry import admit_path  # torch is slow to import

        for path in paths:
            admit_path(path)
