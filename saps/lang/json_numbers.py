"""What Python's reader of JSON takes beside JSON: infinity, which the language has, and NaN, which it has not."""


class NaNRefused(ValueError):
    """A value is no number."""


def constant(name: str) -> float:
    """``Infinity`` or ``-Infinity`` as a number, for ``parse_constant`` of ``json``.

    Raises:
        NaNRefused: it is ``NaN``.
    """
    if name == "NaN":
        raise NaNRefused("NaN is no value of the language")
    return float(name)
