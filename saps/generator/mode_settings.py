"""The settings of an input mode, as a template file writes them."""

from dataclasses import fields
from typing import Any

from saps.errors import UserError
from saps.generator.inputs import Ranges, without_zero

NAMED = {"order": ("any", "sorted", "mirrored"), "sign": ("positive", "both")}
"""the settings that take one of a few names"""


def parse_setting(name: str, text: str) -> Any:
    """The value of one setting of a mode: ``1..30`` for ranges, letters and an order as they stand.

    Raises:
        UserError: an unknown setting, or a value that it cannot take.
    """
    if name in NAMED:
        if text not in NAMED[name]:
            raise UserError(f"{name} is {text!r}; it is one of {', '.join(NAMED[name])}")
        return text
    if name == "letters":
        if not text:
            raise UserError("letters are empty; name at least one")
        return text
    if name not in {field.name for field in fields(Ranges)}:
        known = ", ".join(field.name for field in fields(Ranges))
        raise UserError(f"{name!r} is no setting of an input mode; known: {known}")
    return _parse_range(name, text)


def _parse_range(name: str, text: str) -> tuple[int, ...]:
    low, dots, high = text.partition("..")
    try:
        values = without_zero(int(low), int(high))
    except ValueError:
        raise UserError(f"{name} is {text!r}; a range is written like 1..30") from None
    if not dots or not values or (name in ("length", "letter_count") and values[0] < 0):
        raise UserError(f"{name} is {text!r}; a range goes from a smaller to a larger number and sizes are positive")
    return values
