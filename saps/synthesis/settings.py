"""How a program is looked for."""

from dataclasses import dataclass, field

from saps.lang.interpreter import Limits
from saps.search.tree_beam import SearchLimits


@dataclass(frozen=True, slots=True)
class SynthesisSettings:
    """How the program for a query is looked for, and what is told of it."""

    candidates: int = 10
    """Width of the beam; with a search, how many of the programs that it visits are kept."""
    search: SearchLimits | None = None
    """How far a best-first search goes; None for a beam."""
    seconds: float | None = None
    """Time for all of it, from the call on; None for no end."""
    then_search: float | None = None
    """Seconds for a search that follows where no candidate of the beam passes the examples; None for none."""
    allow_unknown: bool = False
    """Read words that the model has not learned as one unknown word instead of refusing them."""
    avoid_errors: bool = False
    """Without examples, rank programs last that raise errors on typical inputs."""
    explain: bool = False
    """Tell how the result came about; a search always does."""
    limits: Limits = field(default_factory=Limits)
    """Budget of each run of a program."""
