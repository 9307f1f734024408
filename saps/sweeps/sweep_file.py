"""The file of a sweep: which training, over which settings, how many trials, and how weak ones are pruned."""

import difflib
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from saps.bounded_yaml import compose_yaml
from saps.errors import UserError
from saps.sweeps.space import Space, parse_values, word_of
from saps.training.budget import parse_wall_time
from saps.training.settings import NO_SETTING, is_setting

METRICS: dict[str, Literal["maximize", "minimize"]] = {
    "val_exact_match": "maximize",
    "val_label_accuracy": "maximize",
    "val_loss": "minimize",
}
PRUNERS = ("median", "halving", "none")
SAMPLERS = ("tpe", "random")
_KEYS = ("base", "settings", "space", "trials", "time", "metric", "pruner", "sampler", "startup_trials", "seed")
CheckWords = Callable[[Sequence[str]], object]
"""Reads the words of a ``saps train`` command, and raises ``UserError`` where they are wrong."""


@dataclass(frozen=True)
class Sweep:
    """A sweep file, read and checked but for the names and values of settings."""

    path: Path
    base: Path
    """The configuration that all trials start from."""
    settings: Mapping[str, str]
    """Settings that differ from it in all trials."""
    space: Space
    lines: Mapping[str, int]
    """Where in the file each setting stands."""
    trials: int | None
    """How many trials all processes make together; None for any number."""
    seconds: float | None
    """After how many seconds a process begins no further trial; None for never."""
    metric: str = "val_exact_match"
    pruner: str = "median"
    sampler: str = "tpe"
    startup_trials: int = 5
    """Trials before the sampler and the pruner go by what was seen."""
    seed: int = 1

    @property
    def direction(self) -> Literal["maximize", "minimize"]:
        """Which figures of the metric are better: ``maximize`` or ``minimize``."""
        return METRICS[self.metric]

    @property
    def common(self) -> list[str]:
        """The words of ``saps train`` that all trials share."""
        return ["--config", str(self.base), *flags(self.settings)]

    def identity(self) -> dict[str, Any]:
        """What must be equal for trials to be compared with each other."""
        return {
            "space": {name: str(values.distribution()) for name, values in sorted(self.space.items())},
            "settings": dict(sorted(self.settings.items())),
            "base": hashlib.sha256(self.base.read_bytes()).hexdigest(),
            "metric": self.metric,
        }


def flags(values: Mapping[str, Any]) -> list[str]:
    """Settings as words of ``saps train``."""
    return [word for name, value in values.items() for word in (f"--{name}", word_of(value))]


def read_sweep(path: Path) -> Sweep:
    """Reads a sweep file.

    Raises:
        UserError: ``file:line: ...``: it is none.
    """
    node = compose_yaml(path)
    if not isinstance(node, yaml.MappingNode):
        raise UserError(f"{path}: is no sweep; write base, space, and trials or time")
    reader = _Reader(path, _content(path, node), _lines(path, node))
    content = reader.content
    for key in content:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            reader.refuse(key, f"{key}: no part of a sweep; {f'perhaps {near[0]}' if near else ', '.join(_KEYS)}")
    if content.get("trials") is None and content.get("time") is None:
        raise UserError(f"{path}: says neither trials nor time; write trials: 30, or time: 2h")
    settings = reader.mapping("settings")
    space = {name: reader.values(name, written) for name, written in reader.mapping("space").items()}
    if not space:
        raise UserError(f"{path}: space: names no setting; write optimizer.learning_rate: {{min: 0.001, max: 0.1}}")
    for name in set(space) & set(settings):
        reader.refuse(name, f"{name} stands in settings and in space; leave it out in one")
    return Sweep(
        path=path,
        base=reader.base(),
        settings={name: word_of(value) for name, value in settings.items()},
        space=space,
        lines=reader.lines,
        trials=None if content.get("trials") is None else reader.count("trials", 1, 1),
        seconds=reader.seconds(),
        metric=reader.one_of("metric", tuple(METRICS)),
        pruner=reader.one_of("pruner", PRUNERS),
        sampler=reader.one_of("sampler", SAMPLERS),
        startup_trials=reader.count("startup_trials", 5, 0),
        seed=reader.count("seed", 1, 0),
    )


def check_settings(sweep: Sweep, check: CheckWords) -> None:
    """Checks that ``saps train`` has all settings of a sweep, and that they take the values.

    Raises:
        UserError: ``file:line: ...`` for one that it has not, with the nearest, or that takes no such value.
    """
    for name in (*sweep.settings, *sweep.space):
        if not is_setting(name):
            raise UserError(f"{sweep.path}:{sweep.lines[name]}: {name}: {NO_SETTING}")
    _try(sweep, sweep.settings, sweep.common, check)
    for name, values in sweep.space.items():
        for value in values.probes():
            _try(sweep, [name], [*sweep.common, f"--{name}", word_of(value)], check)


def _try(sweep: Sweep, names: Iterable[str], words: Sequence[str], check: CheckWords) -> None:
    try:
        check(words)
    except UserError as error:
        named = next((name for name in names if name.rpartition(".")[2] in str(error)), None)
        place = f"{sweep.path}:{sweep.lines[named]}" if named else str(sweep.base)
        raise UserError(f"{place}: {error}") from None


def _content(path: Path, node: yaml.MappingNode) -> dict[str, Any]:
    """The values of a file.

    Raises:
        UserError: ``file:line: ...``: one is of a kind that no setting has.
    """
    try:
        return dict(yaml.SafeLoader("").construct_document(node))
    except yaml.constructor.ConstructorError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"{path}:{line}: {error.problem}; write a word, a number, a list or a mapping") from None


def _lines(path: Path, node: yaml.MappingNode) -> dict[str, int]:
    """The line of each key, and of each setting in the sections ``settings`` and ``space``.

    Raises:
        UserError: ``file:line: ...``: a key stands there twice.
    """
    found = _lines_of(path, node)
    for key, value in node.value:
        if key.value in ("settings", "space") and isinstance(value, yaml.MappingNode):
            found = _lines_of(path, value) | found
    return found


def _lines_of(path: Path, node: yaml.MappingNode) -> dict[str, int]:
    """The line of each key of a mapping."""
    found: dict[str, int] = {}
    for key, _ in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in found:
            raise UserError(f"{path}:{line}: {name}: stands in line {found[name]} as well; leave it out in one")
        found[name] = line
    return found


class _Reader:
    """The parts of a sweep file, complaining with file and line."""

    def __init__(self, path: Path, content: dict[str, Any], lines: dict[str, int]) -> None:
        self.path, self.content, self.lines = path, content, lines

    def refuse(self, key: object, problem: str) -> None:
        raise UserError(f"{self.path}:{self.lines.get(str(key), 1)}: {problem}")

    def base(self) -> Path:
        """The base configuration; its path is that from the sweep file."""
        written = self.content.get("base")
        if not isinstance(written, str):
            raise UserError(f"{self.path}: names no base; write base: the configuration that the trials start from")
        base = self.path.parent / written
        shown = Path(*_without_detours(base.parts))
        base = shown if shown.is_file() else base  # unless a folder on the way is a symbolic link
        if not base.is_file():
            self.refuse("base", f"base: {base}: no such file; name a configuration, as seen from this file")
        return base

    def mapping(self, key: str) -> dict[str, Any]:
        found = self.content.get(key) or {}
        if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
            self.refuse(key, f"{key}: names no settings; write one a line, such as optimizer.learning_rate: ...")
        for name, written in found.items():
            if kind := _unknown_kind(written):
                self.refuse(name, f"{name}: holds a {kind}, which no setting takes; put it in quotes")
        return dict(found)

    def values(self, name: str, written: Any) -> Any:
        try:
            return parse_values(written)
        except UserError as error:
            return self.refuse(name, f"{name}: {error}")

    def count(self, key: str, default: int, least: int) -> int:
        found = self.content.get(key, default)
        if isinstance(found, bool) or not isinstance(found, int) or found < least:
            self.refuse(key, f"{key}: {json.dumps(found, default=str)}: give a whole number of at least {least}")
        return int(found)

    def one_of(self, key: str, known: Sequence[str]) -> str:
        found = self.content.get(key, known[0])
        if found is None or str(found) not in known:
            self.refuse(key, f"{key}: {found}: give one of {', '.join(known)}")
        return str(found)

    def seconds(self) -> float | None:
        if self.content.get("time") is None:
            return None
        return parse_wall_time(str(self.content["time"]), f"{self.path}:{self.lines['time']}: time:")


def _unknown_kind(written: Any) -> str | None:
    """What a value, or one inside it, is beside words, numbers, lists and mappings: YAML reads 2026-11-29 as a date."""
    if isinstance(written, list):
        return next(filter(None, map(_unknown_kind, written)), None)
    if isinstance(written, dict):
        return next(filter(None, map(_unknown_kind, (*written, *written.values()))), None)
    return None if written is None or isinstance(written, str | int | float) else type(written).__name__


def _without_detours(parts: Sequence[str]) -> list[str]:
    """``a/b/../c`` -> ``a/c``."""
    kept: list[str] = []
    for part in parts:
        if part == ".." and kept and kept[-1] not in ("..", "/"):
            kept.pop()
        else:
            kept.append(part)
    return kept
