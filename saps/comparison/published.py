"""What was published about the rows of the table: names, sizes and figures (``experiments/published.toml``)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from saps.resources import resource


@dataclass(frozen=True)
class PublishedFigure:
    """A figure of a paper, in percent of the tasks of a published split."""

    metric: str
    """A name in ``saps.evaluation.metrics.METRICS``."""
    dev: float | None
    test: float | None
    source: str
    """A key of ``Published.sources``."""

    def __str__(self) -> str:
        values = (("test", self.test), ("dev", self.dev))
        splits = [f"{value:.2f} {name}" for name, value in values if value is not None]
        return f"{', '.join(splits)} ({self.metric}, {self.source})"


@dataclass(frozen=True)
class PublishedSystem:
    """What is known of a system."""

    name: str
    parameters: str | None
    """Trainable parameters as printed, such as ``5.73 M``."""
    figures: tuple[PublishedFigure, ...]
    searched: tuple[PublishedFigure, ...]
    """With search by three examples, at most 100 programs run."""


@dataclass(frozen=True)
class Published:
    """All of it."""

    learned_from: int
    """Tasks that the published systems learned from."""
    sources: Mapping[str, str]
    systems: Mapping[str, PublishedSystem]
    """By the name of the configuration file."""
    orders: tuple[tuple[str, str], ...]
    """Pairs of rows of which the first is said to be better."""

    def name(self, row: str) -> str:
        """What a row is called in the table; unknown ones keep their own name."""
        return self.systems[row].name if row in self.systems else row


def read_published() -> Published:
    """Reads the file that travels with the package."""
    found: dict[str, Any] = tomllib.loads(resource("experiments/published.toml").read_text(encoding="utf-8"))
    return Published(
        learned_from=found["learned_from"],
        sources=found["sources"],
        systems={key: _system(entry) for key, entry in found["systems"].items()},
        orders=tuple((better, worse) for better, worse in found["orders"]),
    )


def _system(entry: Mapping[str, Any]) -> PublishedSystem:
    figures, searched = (
        tuple(
            PublishedFigure(figure["metric"], figure.get("dev"), figure.get("test"), figure["source"])
            for figure in entry.get(kind, ())
        )
        for kind in ("figures", "searched")
    )
    return PublishedSystem(entry["name"], entry.get("parameters"), figures, searched)
