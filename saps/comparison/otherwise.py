"""Rows of a table that were made otherwise than the flags of ``saps compare --table`` say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saps.comparison.published import Published
from saps.comparison.results import Row
from saps.tasks.checksums import sha256_of
from saps.training.budget import Budget, budget_in_words, parse_budget

_AFTER_SETTINGS = ("--data.skip_bad", "--data.exclude+", "--trainer.patience")
"""What the command of a training adds to the settings of all rows: the first of these ends them."""


@dataclass(frozen=True)
class Said:
    """What the flags say of all rows; what they leave out is not compared, since the table tells of what there is."""

    configs: tuple[Path, ...]
    """The configuration of each row."""
    budget: Budget | None = None
    overrides: tuple[tuple[str, str], ...] = ()
    test: Path | None = None


def made_otherwise(rows: Sequence[Row], said: Said, published: Published) -> list[str]:
    """A note on each row of which something was made otherwise, in words; none where all is as the flags say."""
    notes = []
    for row, config in zip(rows, said.configs, strict=True):
        seeds: dict[str, list[int]] = {}
        for result in row.results:
            for difference in _differences(result.command, config, said):
                seeds.setdefault(difference, []).append(result.seed)
        for difference, of in seeds.items():
            which = f"seed{'s' if len(of) > 1 else ''} {', '.join(map(str, of))}"
            notes.append(f"{published.name(row.name)}, {which}: made otherwise than the flags say: {difference}.")
    return notes


def _differences(command: Mapping[str, Any], config: Path, said: Said) -> Iterator[str]:
    """What a job had otherwise."""
    had = parse_budget(command["budget"], "budget")
    if said.budget not in (None, had):
        yield f"its budget was {budget_in_words(had)}"
    if said.overrides:
        known = dict(_settings(command["train"]))
        wanted = dict(said.overrides)
        for name in sorted(known.keys() | wanted.keys()):
            if known.get(name) != wanted.get(name):
                yield f"{name} was {known.get(name, 'not set')}"
    judged = _after("--data", command["evaluate"])
    if said.test is not None and judged is not None and judged != str(said.test):
        yield f"it was judged on {judged}"
    for path in filter(None, (config, said.test)):
        if _has_changed(path, command["files"]):
            yield f"{path} had another content"


def _settings(train: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The settings of all rows among the words of ``train --config FILE --NAME VALUE ...``."""
    words = iter(train[3:])
    for name in words:
        if name in _AFTER_SETTINGS:
            return
        yield name.removeprefix("--"), next(words, "")


def _after(flag: str, words: Sequence[str]) -> str | None:
    """The word after a flag."""
    return words[words.index(flag) + 1] if flag in words else None


def _has_changed(path: Path, files: Mapping[str, Any]) -> bool:
    """Whether a file that a job has read is another one by now."""
    return str(path) in files and path.is_file() and sha256_of(path) != files[str(path)]
