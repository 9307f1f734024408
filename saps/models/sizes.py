"""Whether the settings of a system make sense, asked before anything is built from them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from saps.errors import UserError

LARGEST = 65_536  # of any size: four squares of it would fill a machine, so more is a slip of the pen
MOST_LAYERS = 64


def check_sizes(system: Callable[..., Any], sizes: Mapping[str, Any]) -> None:
    """Checks the plain values of a system's constructor against its declared types.

    A whole number is a size, at least 1; a fraction is a share, at least 0 and below 1; a choice is one of its list;
    a truth is no number; a file is named.

    Raises:
        UserError: there is no such setting, or its value means nothing.
    """
    kinds = get_type_hints(system.__init__)
    known = [name for name in kinds if name not in ("vocabularies", "return")]
    for name, value in sizes.items():
        if name not in known:
            raise UserError(f"{system.__name__} has no setting {name!r}; it has: {', '.join(known)}")
        wanted = _wanted(name, value, kinds[name])
        if wanted:
            raise UserError(f"{name} is {value!r}; it must be {wanted}")


def _wanted(name: str, value: Any, kind: Any) -> str | None:
    """What the value should be, if it is not."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        most = MOST_LAYERS if name.endswith("layers") else LARGEST
        fits = is_number and isinstance(value, int) and 1 <= value <= most
        return None if fits else f"a whole number from 1 to {most}"
    if kind is float:
        return None if is_number and 0 <= value < 1 else "at least 0 and below 1"
    if kind is bool:
        return None if isinstance(value, bool) else "true or false"
    if kind == Path | None:
        return None if value is None or isinstance(value, Path) or (isinstance(value, str) and value) else "a file"
    if get_origin(kind) is Literal:
        return None if value in get_args(kind) else f"one of {', '.join(map(str, get_args(kind)))}"
    return None
