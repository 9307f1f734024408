"""A folder like an empty clone, in which what the pages take for granted is there: data, runs, files of one's own."""

import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from tests.docs_check.pages import ROOT, fences

Run = Callable[[Sequence[str], Path], None]
SHIPPED = (".gitignore", "experiments", "data", "tests", "README.md")
TABLE = yaml.safe_load(Path(__file__).with_name("commands.yaml").read_text(encoding="utf-8"))


def make_clone(folder: Path) -> None:
    """Copies what git knows of, without the package, which is found where it is; shortens the sweep."""
    found = subprocess.run(["git", "ls-files", *SHIPPED], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in found.stdout.splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    sweep = folder / "experiments" / "sweeps" / "saps_vh_att.yaml"
    text = sweep.read_text(encoding="utf-8")
    sweep.write_text(text.replace("50s-cpu", "1s-cpu").replace("trials: 30", "trials: 1"), encoding="utf-8")


def make_stand_ins(folder: Path, run: Run) -> None:
    """Generates the data and trains the model that stand where the pages name real or earlier ones."""
    for name, seed in (("tasks.jsonl.gz", "1"), ("other.jsonl.gz", "2")):
        run(["data", "generate", "--count", "400", "--seed", seed, "--output", name], folder)
    parts = ["--parts", "train=0.8", "validation=0.1", "test=0.1"]
    run(["data", "split", "tasks.jsonl.gz", *parts, "--output-folder", "parts"], folder)
    for target, name in TABLE["files"].items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / name, folder / target)
    (folder / "glove.6B.200d.txt").write_text(_vectors(200))
    for target, config in TABLE["runs"].items():
        run(["train", "--config", config, "--run", target], folder)


def make_own_files(folder: Path, page: str) -> None:
    """Writes the files that a page shows."""
    for target, (language, number) in TABLE["shown"].get(page, {}).items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        (folder / target).write_text(fences(ROOT / page, language)[number], encoding="utf-8")


def commit(folder: Path) -> None:
    """Puts all that is in the folder under git, so that ``left_behind`` tells what is new."""
    name = ("-c", "user.name=docs-check", "-c", "user.email=docs-check@localhost")
    for words in (("init", "--quiet"), ("add", "--all", "--force"), (*name, "commit", "--quiet", "--message", "clone")):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def left_behind(folder: Path) -> list[str]:
    """What commands have written that git does not ignore."""
    status = ["git", "status", "--porcelain", "--untracked-files=normal"]
    found = subprocess.run(status, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in found if line.startswith("??")]


def _vectors(size: int) -> str:
    draws = random.Random(1)
    words = ("given", "array", "numbers", "sum", "of", "a")
    return "".join(f"{word} {' '.join(f'{draws.gauss(0, 1):.4f}' for _ in range(size))}\n" for word in words)
