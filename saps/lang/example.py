"""An input-output example: what a program should do once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """One run of a program: inputs by name and the output that is wanted."""

    input: Mapping[str, Any]
    output: Any
