"""Measure this machine: training, decoding, search and interpreter, beside plain ways to do the same.

Beside SAPS runs the same system with a plain recursive decoder, beside Seq2Seq an ordinary attentional Seq2Seq on
packed sequences, both with the same sizes and the same batches of generated tasks. They take turns, on one thread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jsonargparse import Namespace

from saps.bench.settings import RaceSettings
from saps.cli.settings import add_settings, flag, new_parser, parse, settings_of
from saps.tasks.atomic import check_outputs, dump_json

if TYPE_CHECKING:
    from saps.bench.race import RaceRow


@dataclass(frozen=True, slots=True)
class _Output:
    """Where the figures go."""

    json: Path | None = flag(None, metavar="FILE")
    """Writes all figures into this file as well."""


def parse_arguments(argv: Sequence[str]) -> Namespace:
    """Reads the command line.

    Raises:
        UserError: it is wrong.
    """
    parser = new_parser("bench", __doc__)
    add_settings(parser, RaceSettings)
    add_settings(parser, _Output)
    return parse(parser, argv)


def run(parsed: Namespace) -> int:
    """Prints the table, part by part as it is measured."""
    output = settings_of(parsed, _Output).json
    check_outputs([("json", output)], [])
    from saps.bench.race import Race, about_machine  # torch takes a second to import

    settings = settings_of(parsed, RaceSettings)
    race = Race(settings)
    about = about_machine(race)
    print("\n".join(f"{name}: {value}" for name, value in about.items()), flush=True)
    rows = print_rows(race.rows())
    if output:
        figures = [asdict(row) | {"ratio": row.ratio} for row in rows]
        dump_json(output, {"machine": about, "settings": asdict(settings), "rows": figures})
        print(f"\nfigures: {output}")
    return 0


def print_rows(rows: Iterable["RaceRow"]) -> list["RaceRow"]:
    """Prints rows as they come, each part under its name, and gives them all."""
    printed: list[RaceRow] = []
    for row in rows:
        if not printed or printed[-1].part != row.part:
            print(f"\n{row.part:<52}{'first':>9}{'second':>9}{'ratio':>9}")
        print(f"  {row.what:<50}{row.ours:>9,.0f}{row.beside:>9,.0f}{row.ratio:>7.1f} x", flush=True)
        printed.append(row)
    return printed
