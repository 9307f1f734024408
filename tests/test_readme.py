"""The README agrees with the results, with the import layers, and with the files."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIGURE = re.compile(r"(?<![\w./])[+-]?\d[\d,]*(?:\.\d+)?(?![\w/])")


def section(heading: str) -> str:
    return re.split(r"^## ", README.split(f"\n## {heading}\n")[1], flags=re.MULTILINE)[0]


def figures(text: str) -> set[str]:
    """All figures of a text that are no part of a command or of a file's name; signs count where they stand."""
    prose = re.sub(r"^    .*$|`[^`]*`|\]\([^)]*\)", "", text, flags=re.MULTILINE)
    return {found.replace(",", "") for found in FIGURE.findall(prose)}


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers(part)
    elif isinstance(value, int | float):
        yield value


def test_every_figure_of_the_results_stands_in_the_results_file() -> None:
    results = figures((ROOT / "experiments" / "RESULTS.md").read_text(encoding="utf-8"))
    exact = list(numbers(json.loads((ROOT / "experiments" / "comparison.json").read_text(encoding="utf-8"))))
    told = figures(section("Results"))
    assert len(told) > 30
    for figure in told - results:
        places = len(figure.partition(".")[2])
        rounded = {f"{value:+.{places}f}" if figure[0] in "+-" else f"{value:.{places}f}" for value in exact}
        assert figure in rounded, figure


def test_the_systems_side_by_side_are_in_the_order_of_their_figures_and_have_those_of_the_comparison() -> None:
    names, _, cells = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in re.findall(r"^\|.*$", section("Results"), re.MULTILINE)[-3:]
    )
    rows = {row["name"]: row for row in json.loads((ROOT / "experiments" / "comparison.json").read_text())["rows"]}
    found = [rows[name]["per_task"]["exact match"] for name in names]
    assert cells == [f"{figure['mean']:.2f} ± {figure['deviation']:.2f}" for figure in found]
    assert found == sorted(found, key=lambda figure: -figure["mean"])


def test_what_is_said_of_pairs_of_systems_holds_in_every_seed() -> None:
    orders = json.loads((ROOT / "experiments" / "comparison.json").read_text(encoding="utf-8"))["orders"]
    held = {(o["better"], o["worse"]): (f"{o['difference']:+.2f}", o["held"], o["seeds"]) for o in orders}
    for pair, share in {
        ("saps_vh_att", "saps_vh"): 1,
        ("saps_h_att", "saps_h"): 1,
        ("saps_vh_att", "seq2seq"): 1,
        ("seq2tree", "seq2seq"): 0,
        ("saps_vh", "saps_h_att"): 0,
    }.items():
        difference, seeds_held, seeds = held[pair]
        assert f"{difference}" in section("Results"), pair
        assert seeds_held == share * seeds, pair


def test_the_table_of_packages_has_the_import_layers() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    names = [[name.strip().removeprefix("saps.") for name in layer.split("|")] for layer in reversed(layers)]
    packages = [found for layer in names if (found := [name for name in layer if (ROOT / "saps" / name).is_dir()])]
    expected = {name: number for number, layer in enumerate(packages) for name in layer}
    told = re.findall(r"^\| (\d) \| `saps/(\w+)/` \|", README, re.MULTILINE)
    assert {name: int(number) for number, name in told} == expected


def test_names_in_the_table_of_files_stand_in_these_files() -> None:
    rows = re.findall(r"`(\w+(?:\.\w+)?)` in `(saps/[\w/]+\.py)`", README)
    assert len(rows) >= 2
    for name, path in rows:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert all(re.search(rf"(class|def) {part}\b", text) for part in name.split(".")), name
