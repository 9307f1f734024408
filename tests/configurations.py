"""`python -m tests.configurations` writes docs/configurations.md: every configuration with its size and its figures.

Times and figures are those of experiments/comparison.json and of the
README's table of results, which is held to experiments/RESULTS.md; where nothing was measured stands a dash.

`python -m tests.configurations --memory FOLDER` first trains each configuration for a few steps and writes down the
memory that its process took.
"""

import argparse
import csv
import functools
import json
import re
import subprocess
import sys
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
MEMORY = ROOT / "experiments" / "memory.json"
PAGE = ROOT / "docs" / "configurations.md"
FOLDERS = (".", "best", "plain_words", "small", "race", "parent_feed", "paper")
NAMED = {"make quickstart": "quickstart.yaml", "the model that comes": "best/saps.yaml"}
HEAD = """# All configurations

This page is written by `python -m tests.configurations`. Parameters are trainable ones, counted with the vocabulary
of the generator's tasks (a file of tasks has another, so a run may have a few more or less). CPU time is that of
training, the figure is exact match with greedy decoding; a dash means that there is none in
those two places; [RESULTS.md](../experiments/RESULTS.md) has more.

Rows of `small/`: mean over three seeds of 96,000 generated tasks each, judged on 960 others
([RESULTS.md](../experiments/RESULTS.md)). The other figures are those of the [README](../README.md#results), on the
data that it names: they cannot be compared with each other.

Memory is the most that the process of a training took within 30 steps on the CPU, Python and torch included, on 2,000
generated tasks (`python -m tests.configurations --memory FOLDER`).

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
    return f"| `{name}` | `{kind}` | {parameters(settings):,} | {time} | {_memory().get(name, '-')} | {figure} |\n"


@functools.cache
def _memory() -> dict[str, str]:
    """Memory by configuration."""
    return {name: f"{1000 * size:.0f} MB" for name, size in json.loads(MEMORY.read_text(encoding="utf-8")).items()}


def measure_memory(folder: Path) -> None:
    """Trains every configuration for some steps and writes ``MEMORY``; those that a run is needed for are left out."""
    tasks, found = folder / "tasks.jsonl.gz", {}
    saps = (sys.executable, "-m", "saps.cli")
    subprocess.run([*saps, "data", "generate", "--count", "2000", "--seed", "5", "--output", tasks], check=True)
    few = folder / "few.jsonl.gz"
    subprocess.run([*saps, "data", "generate", "--count", "64", "--seed", "6", "--output", few], check=True)
    steps = {"max_steps": 30, "validate_every": 30, "max_time": "", "threads": 1, "log_every": 10}
    for path in (path for place in FOLDERS for path in _files(place)):
        name = path.relative_to(ROOT / "experiments").as_posix()
        run = folder / name.removesuffix(".yaml")
        data = {"train": tasks, "validation": few, "generated": "null", "exclude": f"[{few}]"}
        settings = [(f"--data.{key}", value) for key, value in data.items()]
        settings += [(f"--trainer.{key}", value) for key, value in steps.items()]
        words = [str(word) for pair in settings for word in pair]
        if not (run / "summary.json").exists():  # else measured before
            done = subprocess.run(
                [*saps, "train", "--config", path, "--run", run, *words], capture_output=True, text=True
            )
            if done.returncode:
                print(f"{name}: {done.stderr.strip().splitlines()[-1]}")
                continue
        with (run / "metrics.csv").open(encoding="utf-8") as file:
            found[name] = max(float(row["memory_gb"]) for row in csv.DictReader(file) if row["memory_gb"])
        print(f"{name}: {found[name]:.3f} GB", flush=True)
    MEMORY.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


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


def main() -> None:
    """Writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", type=Path, metavar="FOLDER", help="measure memory first, with runs in this folder")
    asked = parser.parse_args()
    if asked.memory:
        asked.memory.mkdir(parents=True, exist_ok=True)
        measure_memory(asked.memory)
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
