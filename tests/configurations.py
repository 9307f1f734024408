"""`python -m tests.configurations` writes docs/configurations.md: every configuration with its size and its figures.

Times and figures are those of experiments/comparison.json and of the
README's table of results, which is held to experiments/RESULTS.md; where nothing was measured stands a dash.
"""

import functools
import json
import re
from pathlib import Path
from statistics import mean
from typing import Any

import yaml

from saps.generator import Switches, shipped_library
from saps.generator.vocabulary import vocabularies_of_library
from saps.models.folder import build_system
from saps.models.registry import reading_for
from saps.tasks.query import Reading
from saps.tasks.vocabulary import Vocabularies

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "configurations.md"
FOLDERS = (".", "best", "plain_words", "small", "parent_feed", "paper")
NAMED = {"make quickstart": "quickstart.yaml", "the model that comes": "best/saps.yaml"}
HEAD = """# All configurations

This page is written by `python -m tests.configurations`. Parameters are trainable ones, counted with the vocabulary
of the generator's tasks (a file of tasks has another, so a run may have a few more or less). CPU time is that of
training, the figure is exact match with greedy decoding; a dash means that nothing was measured. Peak memory has not
been measured for any of them.

Rows of `small/`: mean over three seeds of 96,000 generated tasks each, judged on 960 others
([RESULTS.md](../experiments/RESULTS.md)). The other figures are those of the [README](../README.md#results), on the
data that it names: they cannot be compared with each other.

| configuration in `experiments/` | system | parameters | CPU time | memory | exact match |
|---|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    told = _of_comparison() | _of_readme()
    return HEAD + "".join(_row(path, told) for folder in FOLDERS for path in _files(folder))


def _files(folder: str) -> list[Path]:
    return sorted((ROOT / "experiments" / folder).glob("*.yaml"))


def _row(path: Path, told: dict[str, tuple[str, str]]) -> str:
    name = path.relative_to(ROOT / "experiments").as_posix()
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    time, figure = told.get(name, ("-", "-"))
    kind = settings["model"]["class_path"].rpartition(".")[2]
    return f"| `{name}` | `{kind}` | {parameters(settings):,} | {time} | - | {figure} |\n"


def parameters(settings: dict[str, Any]) -> int:
    """Trainable parameters of a configuration."""
    kind, sizes = settings["model"]["class_path"].rpartition(".")[2], settings["model"].get("init_args", {})
    generated = settings.get("data", {}).get("generated") or {}
    vocabularies = _vocabularies(generated.get("register", "published"), reading_for(kind, sizes))
    return build_system(kind, sizes, vocabularies).parameter_count()  # sooner than the import of torch's meta device


@functools.cache
def _vocabularies(register: Any, reading: Reading) -> Vocabularies:
    return vocabularies_of_library(shipped_library(), Switches(register=register), reading)


def _of_comparison() -> dict[str, tuple[str, str]]:
    """CPU time and figure of the rows of the comparison."""
    rows = json.loads((ROOT / "experiments" / "comparison.json").read_text(encoding="utf-8"))["rows"]
    found = {}
    for row in rows:
        minutes = mean(one["training_cpu_seconds"] for one in row["trainings"]) / 60
        figure = row["per_task"].get("exact match")
        share = f"{figure['mean']:.2f} ± {figure['deviation']:.2f} %" if figure else "-"
        found[f"small/{row['row']}.yaml"] = (f"{minutes:.1f} min", share)
    return found


def _of_readme() -> dict[str, tuple[str, str]]:
    """CPU time and figure of the rows of the README's table of results."""
    table = (
        (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Results\n")[2].partition("\n\nThe second")[0]
    )
    found = {}
    for line in re.findall(r"^\| .*$", table, re.MULTILINE)[1:]:
        what, _, _, figure = (cell.strip() for cell in line.strip("|").split("|"))
        named = re.match(r"`experiments/([\w/]+\.yaml)`", what)
        name = named[1] if named else next(file for start, file in NAMED.items() if start in what)
        time = re.search(r"([\d.]+) minutes", what)
        share = re.match(r"[\d.]+ %", figure)
        assert share, line
        found[name] = (f"{time[1]} min" if time else "-", share[0])
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
