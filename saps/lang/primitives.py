"""The table of primitives, read from ``grammar/primitives.tsv``."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from saps.lang.types import Type, parse_type
from saps.resources import resource

TABLE = "grammar/primitives.tsv"


@dataclass(frozen=True, slots=True)
class Primitive:
    """One row: a constant, or a function with typed parameters."""

    name: str
    signature: Type
    meaning: str

    @property
    def arity(self) -> int:
        """How many operands a call takes; 0 for a constant."""
        return len(self.signature.parameters) - 1 if self.signature.is_function else 0

    @property
    def parameters(self) -> tuple[Type, ...]:
        """The types of the operands, with type variables."""
        return self.signature.parameters[:-1] if self.signature.is_function else ()

    @property
    def result(self) -> Type:
        """The type of the value of a constant or call."""
        return self.signature.parameters[-1] if self.signature.is_function else self.signature


def read_table(text: str) -> dict[str, Primitive]:
    """The rows of a table by name: three fields with tabs between, lines that begin with ``# `` left out.

    Raises:
        ValueError: a row does not have three fields, or a name stands twice.
    """
    table: dict[str, Primitive] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("# "):
            continue
        fields = line.split("\t")
        if len(fields) != 3 or fields[0] in table:
            raise ValueError(f"{TABLE}:{number}: a row is a new name, a type and a meaning with tabs between: {line!r}")
        table[fields[0]] = Primitive(fields[0], parse_type(fields[1]), fields[2])
    return table


_TABLE = read_table(resource(TABLE).read_text(encoding="utf-8"))
PRIMITIVES: Mapping[str, Primitive] = MappingProxyType(_TABLE)


def add_row(row: Primitive) -> None:
    """Adds a row while the program runs; ``saps.lang.extension`` adds what it does as well."""
    _TABLE[row.name] = row


def remove_row(name: str) -> None:
    """Takes back what ``add_row`` added."""
    del _TABLE[name]


def markdown_table() -> str:
    """The table for the language reference, one line per primitive."""
    rows = ["| primitive | type | meaning |", "|---|---|---|"]
    for row in PRIMITIVES.values():
        name, signature = (text.replace("|", "\\|") for text in (row.name, str(row.signature)))
        rows.append(f"| `{name}` | `{signature}` | {row.meaning} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(markdown_table())
