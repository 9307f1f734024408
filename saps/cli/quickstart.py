"""The whole road in one command: generate tasks, train a small SAPS, judge it on unseen programs, ask it."""

import argparse
import itertools
import shlex
from pathlib import Path

from saps.cli import main
from saps.errors import UserError
from saps.playground.service import SAMPLES
from saps.resources import resource

ASKED = 3  # sentences; the web page offers the same ones
INSTANCES = ("1=3", "2=7")  # one or two templates a program: what a small model learns in a few minutes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps quickstart``."""
    parser.add_argument("--tasks", type=int, default=16_000, help="how many tasks are generated")
    parser.add_argument("--seed", type=int, default=1, help="of the tasks and of the training")
    parser.add_argument("--folder", type=Path, default=Path("runs/quickstart"), help="where data and run go")


def run(args: argparse.Namespace) -> int:
    """Runs the commands that a user would type, each shown before it runs; stops at the first that fails."""
    if args.tasks < 200:
        raise UserError(f"--tasks {args.tasks}: too few to divide and learn from; 200 is the least")
    folder = _unused(args.folder)
    for command in _commands(args.tasks, args.seed, folder):
        words = [str(word) for word in command]
        print(f"\n$ saps {shlex.join(words)}", flush=True)
        code = main(words)
        if code:
            return code
    print(f"\nAsk it yourself: saps synthesize 'given a number a , ...' --model {folder / 'run'}")
    return 0


def _commands(tasks: int, seed: int, folder: Path) -> list[list[object]]:
    """The commands in their order, as words."""
    data, model = folder / "data", folder / "run"
    seeded = ["--seed", seed]
    parts = ["--parts", "train=0.9", "validation=0.04", "test=0.06"]
    files = ["--data.train", data / "train.jsonl.gz", "--data.validation", data / "validation.jsonl.gz"]
    unseen = ["--data.exclude", f"[{data / 'test.jsonl.gz'}]"]  # augmentation must not compose a program of the test
    config = ["--config", _relative(resource("experiments/quickstart.yaml"))]
    return [
        ["data", "generate", "--count", tasks, "--instances", *INSTANCES, *seeded, "--output", data / "tasks.jsonl.gz"],
        ["data", "split", data / "tasks.jsonl.gz", *parts, *seeded, "--output-folder", data],
        ["train", *config, *seeded, *files, *unseen, "--run", model],
        ["evaluate", "--model", model, "--data", data / "test.jsonl.gz"],
        *(
            [
                "synthesize",
                sample["text"],
                "--model",
                model,
                "--example",
                sample["examples"],
                "--input",
                sample["input"],
            ]
            for sample in SAMPLES[:ASKED]
        ),
    ]


def _unused(folder: Path) -> Path:
    """The folder, or where it is taken the same name with the first free number behind it."""
    names = itertools.chain([folder], (folder.with_name(f"{folder.name}-{number}") for number in itertools.count(2)))
    return next(name for name in names if not name.exists())


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
