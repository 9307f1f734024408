"""Values as JSON for people to read, cut where they are long."""

import json
from typing import Any

from saps.lang.stack import stack_room

MOST_CHARACTERS = 100_000
"""What is printed of a value unless all of it is asked for: most lists of 10,000 numbers are shorter."""
_ASCII = json.JSONEncoder()
_DEEPEST = 1_000  # levels of a value; Python reads no more from JSON


def printed(value: Any, most: int = MOST_CHARACTERS, encoder: json.JSONEncoder = _ASCII) -> str:
    """A value as JSON in one line; where it would have more than ``most`` characters, its beginning and dots.

    Takes time and memory for what is printed, whatever the size of the value.
    """
    parts, length = [], 0
    with stack_room(_DEEPEST):
        for part in encoder.iterencode(value):
            parts.append(part)
            length += len(part)
            if length > most:
                return "".join(parts)[:most] + " ..."
    return "".join(parts)
