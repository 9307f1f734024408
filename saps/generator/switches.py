"""The switches of the generator: what kind of tasks it makes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from saps.errors import UserError, check_range

Roots: TypeAlias = Literal["weighted", "even"]
Names: TypeAlias = Literal["letters", "shuffled", "words"]
Register: TypeAlias = Literal["published", "plain", "mixed"]


@dataclass(frozen=True)
class Switches:
    """What kind of tasks are made; without any, tasks like the published ones."""

    register: Register = "published"
    """How texts are worded: as the ``published`` data, in ``plain`` English as people type it, or ``mixed``."""
    plain_share: float = 0.5
    """With ``register: mixed``, the share of the tasks that are worded plainly."""
    templates: list[str] = field(default_factory=list)
    """Folders of templates of your own, beside those that come with saps."""
    only: list[str] = field(default_factory=list)
    """Templates to use, by their names or the names that ``nodes`` gives to their roots; empty uses all."""
    without: list[str] = field(default_factory=list)
    """Templates to leave out, by the same names."""
    max_depth: int = 3
    """How many templates may stand below each other; the published data goes as deep."""
    instances: dict[int, float] = field(default_factory=dict)
    """How many templates make up a program, each number with its weight; empty takes the weights of the templates."""
    roots: Roots = "weighted"
    """The share of each root: ``weighted`` as the templates say, ``even`` the same for all names in ``nodes``."""
    root_share: dict[str, float] = field(default_factory=dict)
    """The share of single roots, from 0 to 1; the others divide what is left as ``roots`` says."""
    paraphrases: int = 1
    """Texts for each program that is drawn; fewer where it has no more wordings."""
    names: Names = "letters"
    """What arguments are called: ``letters`` (a, b, c as in the data), ``shuffled`` letters, or ``words`` (nums)."""
    tests: int = 10
    """Tests of each task; 0 runs no program at all, and so keeps those that would be drawn again."""
    drop_words: float = 0.0
    """Noise: share of the words that are left out."""
    synonyms: float = 0.0
    """Noise: share of the words with synonyms (``data/noise.yaml``) that one of these replaces."""
    typos: float = 0.0
    """Noise: share of the words of four letters or more that are mistyped."""
    shuffle_declarations: float = 0.0
    """Noise: share of the texts that declare their arguments in another order."""
    hold_out: list[str] = field(default_factory=list)
    """Combinations that do not come up: ``filter_prime inside median``, or ``prime anywhere inside median``."""

    def __post_init__(self) -> None:
        """Refuses values that mean nothing."""
        check_range("max_depth", self.max_depth, 1)
        check_range("paraphrases", self.paraphrases, 1)
        check_range("tests", self.tests, 0)
        for name in (*RATES, "plain_share"):
            check_range(name, getattr(self, name), 0, 1)
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise UserError(f"{name} is {getattr(self, name)!r}; it is one of {', '.join(choices)}")
        _check_weights(self.instances)
        for name, share in self.root_share.items():
            check_range(f"root_share of {name}", share, 0, 1)
        if sum(self.root_share.values()) > 1 + 1e-9:
            raise UserError(f"root_share: the shares add up to {sum(self.root_share.values()):g}; 1 is the most")

    @property
    def is_noisy(self) -> bool:
        """Whether texts are disturbed."""
        return any(getattr(self, name) > 0 for name in RATES)


RATES = ("drop_words", "synonyms", "typos", "shuffle_declarations")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "register": get_args(Register),
    "roots": get_args(Roots),
    "names": get_args(Names),
}


def _check_weights(instances: Mapping[int, float]) -> None:
    for count, weight in instances.items():
        check_range("instances", count, 1)
        if not 0 <= weight < math.inf:
            raise UserError(f"instances: {count} has the weight {weight}; it is 0 or more")
    if instances and not sum(instances.values()):
        raise UserError("instances: all weights are 0; give one of the numbers more")
