"""The switches of the generator in a YAML or JSON file."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from saps.errors import UserError
from saps.generator.switches import Names, Register, Roots, Switches
from saps.generator.yaml_nodes import Located, read_yaml


def switches_from(value: Located) -> Switches:
    """The switches out of a mapping of a YAML or JSON file; what it does not name is as by default.

    Raises:
        UserError: ``file:line: what is wrong; what to do``.
    """
    kinds = {f.name: _kind(f.type) for f in fields(Switches)}
    found = value.mapping(known=tuple(kinds))
    values = {name: _READ[kinds[name]](entry) for name, entry in found.items()}
    try:
        return Switches(**values)
    except UserError as error:
        raise value.error(str(error)) from None


def read_switches(path: Path) -> Switches:
    """The switches of a YAML file, as ``switches_from``."""
    return switches_from(read_yaml(path))


def _kind(written: object) -> str:
    """The type of a field as a key of ``_READ``."""
    if written in (Roots, Names, Register):
        return "str"
    return written.__name__ if written in (int, float) else str(written)


def _integer(value: Located) -> int:
    try:
        return int(value.text())
    except ValueError:
        raise value.error(f"{value.text()!r} is no whole number") from None


def _numbers(value: Located) -> dict[int, float]:
    entries = value.mapping()
    wrong = [name for name in entries if not name.isdecimal()]
    if wrong:
        raise value.error(f"{wrong[0]!r} is no number of templates; write lines such as 2: 0.5")
    return {int(name): weight.number() for name, weight in entries.items()}


_READ: Mapping[str, Callable[[Located], Any]] = {
    "int": _integer,
    "float": Located.number,
    "str": Located.text,
    "list[str]": Located.words,
    "dict[int, float]": _numbers,
    "dict[str, float]": lambda value: {name: share.number() for name, share in value.mapping().items()},
}
