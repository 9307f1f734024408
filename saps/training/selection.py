"""Which of a run's validations is the best: what the exported model, the best checkpoint and early stopping go by."""

from typing import Literal, NamedTuple

EXACT_MATCH, LOSS, LABEL_ACCURACY = "val_exact_match", "val_loss", "val_label_accuracy"
Criterion = Literal["exact_match", "loss", "label_accuracy"]


class ValidationFigures(NamedTuple):
    """What a validation has found, as averages over its tasks."""

    val_loss: float
    val_label_accuracy: float
    val_exact_match: float


class Selection(NamedTuple):
    """A metric, and which of its values are better."""

    metric: str  # a column of metrics.csv
    direction: Literal["max", "min"]

    def key(self, figures: ValidationFigures) -> tuple[float, float]:
        """Greater for better figures: by the metric, where that is equal by the loss."""
        return self.signed(getattr(figures, self.metric)), -figures.val_loss

    def signed(self, value: float) -> float:
        """A value of the metric so that greater ones are better."""
        return value if self.direction == "max" else -value


def selection_of(criterion: Criterion) -> Selection:
    """What the setting ``trainer.select`` names."""
    direction: Literal["max", "min"] = "min" if criterion == "loss" else "max"
    return Selection(f"val_{criterion}", direction)
