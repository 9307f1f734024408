"""What a training is told of its data: every field is a setting of the YAML file and a flag of ``saps train``."""

from dataclasses import dataclass, field
from pathlib import Path

from saps.errors import UserError
from saps.generator.switches import Switches
from saps.restricted import Count, CountFromZero, Share


@dataclass(frozen=True)
class DataSettings:
    """Which tasks to learn from, and how they become batches."""

    validation: Path
    """File of tasks to validate on; a program that also stands in ``train`` is an error."""
    train: Path | None = None
    """File of tasks to learn from (JSONL or JSONL.gz)."""
    generated: Switches | None = None
    """Fresh tasks without end, as these switches of the generator say ({} keeps them): in the place of ``train``, or
    beside it where ``generated_share`` is given."""
    generated_share: Share = 0.0
    """Share of generated tasks in a mixture with those of ``train``."""
    exclude: list[Path] = field(default_factory=list)
    """Files of tasks or of program hashes; no task with such a program is trained on."""
    exclude_renamed: bool = False
    """Leave out generated tasks as well whose program is an excluded one with its arguments called by their place."""
    batch_size: Count = 64
    """Tasks a step of one process."""
    minimum_count: Count = 1
    """A word of the training texts that occurs less often is unknown."""
    substitution: Share = 0.0
    """Share of training tasks that get another task's phrase and program in place of an argument (augmentation)."""
    skip_bad: bool = False
    """Leave bad records of these files out, and say how many; otherwise the first of them is an error."""
    workers: CountFromZero = 0
    """Processes that prepare batches; 0 prepares them between the steps."""

    def __post_init__(self) -> None:
        """Refuses settings that do not go together."""
        if self.train is None and self.generated is None:
            neither = "neither is given; name a file of tasks, or have them generated"
            raise UserError(f"data.train and data.generated: {neither}")
        if not (0 < self.generated_share < 1 if self.is_mixture else self.generated_share == 0):
            self._refuse_share()
        if self.generated is not None:
            self._check_generated(self.generated)

    @property
    def is_mixture(self) -> bool:
        """Whether tasks of a file and generated ones are mixed."""
        return self.train is not None and self.generated is not None

    def _refuse_share(self) -> None:
        share = f"data.generated_share {self.generated_share:g}"
        if not self.is_mixture:
            raise UserError(f"{share}: is for a mixture; give data.train and data.generated both, or leave it out")
        raise UserError(
            f"data.train and data.generated: both are given; mix them by data.generated_share, between 0 and 1 and not "
            f"{self.generated_share:g}, or leave one out"
        )

    def _check_generated(self, switches: Switches) -> None:
        """Refuses what means nothing for tasks that are generated."""
        wrong = {} if self.is_mixture else {"substitution": self.substitution, "minimum_count": self.minimum_count - 1}
        for name in (name for name, value in wrong.items() if value):
            raise UserError(f"data.{name} is for tasks of a file; generated ones need none: leave it out")
        if switches.paraphrases > 1:
            raise UserError("data.generated.paraphrases: fresh tasks have one text each; leave it out")
