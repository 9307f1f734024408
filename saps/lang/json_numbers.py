"""What Python's reader of JSON takes beside JSON: infinity, which the language has, and NaN, which it has not.

json.loads(text, parse_constant=constant)
"""

import math


class NaNRefused(ValueError):
    """A value is no number."""


def constant(name: str) -> float:
    """``Infinity`` or ``-Infinity`` as a number.

    Raises:
        NaNRefused: it is ``NaN``.
    """
    if name == "NaN":
        raise NaNRefused("NaN is no value of the language")
    return math.copysign(math.inf, -1 if name.startswith("-") else 1)
