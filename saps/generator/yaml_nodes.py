"""YAML that knows its lines: values with the place they stand at, for errors that name file:line."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from saps.bounded_yaml import compose_yaml
from saps.errors import UserError


@dataclass(frozen=True)
class Located:
    """A value of a YAML file and its place."""

    node: Any
    path: Path
    offset: int = 0

    def error(self, message: str) -> UserError:
        """The error with file:line before the message."""
        return UserError(f"{self.place()}: {message}")

    def place(self) -> str:
        """``file:line``."""
        return f"{self.path}:{self.node.start_mark.line + 1 + self.offset}"

    def text(self) -> str:
        """A plain value as it is written.

        Raises:
            UserError: it is a list or a mapping.
        """
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.error("a single value is wanted here; quote it where it begins with [ or {")
        return str(self.node.value)

    def number(self) -> float:
        """A number of at least 0.

        Raises:
            UserError: it is something else.
        """
        try:
            value = float(self.text())
        except ValueError:
            raise self.error(f"{self.text()!r} is no number") from None
        if not 0 <= value < float("inf"):
            raise self.error(f"{value} is no weight; it is 0 or more")
        return value

    def lines(self) -> Iterator[tuple[str, "Located"]]:
        """The lines of a block (``|``) or of one plain value, without the blank ones, each with its own place."""
        first = 1 if isinstance(self.node, yaml.ScalarNode) and self.node.style in ("|", ">") else 0
        for number, line in enumerate(self.text().splitlines()):
            if line.strip():
                yield line.strip(), Located(self.node, self.path, first + number)

    def words(self) -> list[str]:
        """A list of plain values: ``[a, b]``.

        Raises:
            UserError: it is something else.
        """
        return [entry.text() for entry in self.items()]

    def items(self) -> list["Located"]:
        """The values of a list, each with its own place.

        Raises:
            UserError: it is something else.
        """
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("a list is wanted here: [one, other]")
        return [Located(node, self.path) for node in self.node.value]

    def mapping(self, known: Collection[str] = (), needed: Collection[str] = ()) -> dict[str, "Located"]:
        """The values by key, in the order of the file.

        Raises:
            UserError: no mapping, a key twice, a key that is not ``known`` (where any is given), or a ``needed`` one
                missing.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("lines of the form `key: value` are wanted here")
        values: dict[str, Located] = {}
        for key_node, value_node in self.node.value:
            key = Located(key_node, self.path)
            if key.text() in values:
                raise key.error(f"{key.text()!r} stands twice; keep one")
            if known and key.text() not in known:
                raise key.error(f"{key.text()!r} is not known here; known: {', '.join(known)}")
            values[key.text()] = Located(value_node, self.path)
        missing = [name for name in needed if name not in values]
        if missing:
            raise self.error(f"{', '.join(missing)} is missing; add `{missing[0]}: ...`")
        return values


def read_yaml(path: Path) -> Located:
    """The root of a YAML file.

    Raises:
        UserError: the file cannot be read, is no YAML, or is empty.
    """
    node = compose_yaml(path)
    if node is None:
        raise UserError(f"{path}: the file is empty; write templates or remove it")
    return Located(node, path)
