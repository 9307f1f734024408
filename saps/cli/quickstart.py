"""The whole road in one command: ask the model that comes with saps, train a small SAPS, judge both, ask both."""

import argparse
import itertools
import json
import os
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from saps.cli import main
from saps.errors import UserError
from saps.playground.samples import SAMPLES
from saps.resources import resource
from saps.tasks.atomic import dump_json
from saps.tasks.checksums import sha256_of
from saps.tasks.split import MANIFEST as SPLIT

ASKED = 3  # sentences; the web page offers the same ones
INSTANCES = ("1=3", "2=7")  # one or two templates a program: what a small model learns in a few minutes
DEFAULTS = {"tasks": 16_000, "seed": 1, "folder": Path("runs/quickstart")}
_MADE_BY = "quickstart.json"  # the flags by which a folder was made


@dataclass(frozen=True, slots=True)
class QuickstartFolder:
    """Where everything goes."""

    folder: Path

    @property
    def data(self) -> Path:
        """Of the generated tasks."""
        return self.folder / "data"

    @property
    def run(self) -> Path:
        """Of the training."""
        return self.folder / "run"

    @property
    def report(self) -> Path:
        """The page about both models."""
        return self.folder / "report.html"

    @property
    def boxed(self) -> Path:
        """What the model that comes with saps predicts, which the page compares with."""
        return self.folder / "box.txt"

    @property
    def test(self) -> Path:
        """The tasks that judge both models."""
        return self.data / "test.jsonl.gz"


@dataclass(frozen=True, slots=True)
class ShownCommand:
    """A command that a user could type, and whether it need not run again."""

    words: tuple[str, ...]
    done: Path | None = None
    """What an earlier call has left; None where it must run."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps quickstart``."""
    parser.add_argument("--tasks", type=int, default=DEFAULTS["tasks"], help="how many tasks are generated")
    parser.add_argument("--seed", type=int, default=DEFAULTS["seed"], help="of the tasks and of the training")
    parser.add_argument("--folder", type=Path, default=DEFAULTS["folder"], help="where everything goes")


def run(args: argparse.Namespace) -> int:
    """Runs the commands that a user would type, each shown before it runs; stops at the first that fails."""
    if args.tasks < 200:
        raise UserError(f"--tasks {args.tasks}: too few to divide and learn from; 200 is the least")
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        code = _run(QuickstartFolder(_folder(args)), args.tasks, args.seed)
    except KeyboardInterrupt:
        code = 130
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        signal.signal(signal.SIGTERM, before)
    if code > 128:
        print(f"saps: what is done stays; go on with: {_again(args)}", file=sys.stderr)
    return code


def _run(place: QuickstartFolder, tasks: int, seed: int) -> int:
    for step in steps(place, tasks, seed):
        print(f"\n$ saps {shlex.join(step.words)}", flush=True)
        if step.done:
            print(f"done before: {step.done}", flush=True)
        elif code := main(step.words):
            return code
    from saps.cli.side_by_side import side_by_side  # torch is slow to import

    print("\n" + "\n".join(side_by_side(place.run, _box(), place.report, SAMPLES[:ASKED])))
    print(f"\nLook at every task: {place.report}")
    print(f"Ask the new model:  saps synthesize 'given a number a , ...' --model {place.run}")
    print("Ask the other one:  saps synthesize 'given a number a , ...', or on a page: saps serve")
    return 0


def steps(place: QuickstartFolder, tasks: int, seed: int) -> Iterator[ShownCommand]:
    """The commands in their order; whether one is done is looked up when its turn comes."""
    made, seeded = place.data / "tasks.jsonl.gz", ("--seed", seed)
    shares = ("--parts", "train=0.9", "validation=0.04", "test=0.06")
    generate = ("data", "generate", "--count", tasks, "--instances", *INSTANCES, *seeded, "--workers", _workers())
    first = SAMPLES[0]
    yield _step("synthesize", first["text"], "--example", first["examples"], "--input", first["input"])
    yield _step(*generate, "--output", made, outcome=made)
    yield _step("data", "split", made, *shares, *seeded, "--output-folder", place.data, outcome=place.data / SPLIT)
    yield _step(*_train(place, seed), outcome=place.run / "summary.json")
    box, own, page = place.folder / "box.json", place.folder / "run.json", place.report
    yield _judging(place, _box(), box, "--save-predictions", place.boxed, written=[place.boxed, box])
    left = [place.boxed, own, page, page.with_suffix(".jsonl")]
    yield _judging(place, place.run, own, "--report", page, "--against", place.boxed, written=left)


def _train(place: QuickstartFolder, seed: int) -> Sequence[object]:
    """Trains, or goes on with a training that was stopped."""
    if (place.run / "config.yaml").exists():
        return ("train", "--resume", place.run)
    files = ("--data.train", place.data / "train.jsonl.gz", "--data.validation", place.data / "validation.jsonl.gz")
    unseen = ("--data.exclude", f"[{place.test}]")  # no generated task may have a program of the test
    return ("train", "--config", _config(), "--seed", seed, *files, *unseen, "--run", place.run)


def _judging(
    place: QuickstartFolder, model: Path, report: Path, *more: object, written: Sequence[Path]
) -> ShownCommand:
    """Judges a model; not again while its weights are what they were and all is there, ``written`` in this order."""
    from saps.models.folder import weights_hash  # torch is slow to import

    is_current = _in_order(written) and json.loads(report.read_text(encoding="utf-8"))["weights"] == weights_hash(model)
    words = ("evaluate", "--model", model, "--data", place.test, "--output", report, *more)
    return _step(*words, outcome=report if is_current else None)


def _in_order(files: Sequence[Path]) -> bool:
    """Whether all are there, none older than the one before: a judging that was stopped has not written the last."""
    if not all(file.exists() for file in files):
        return False
    times = [file.stat().st_mtime_ns for file in files]
    return times == sorted(times)


def _step(*words: object, outcome: Path | None = None) -> ShownCommand:
    """A command, and what it writes last."""
    return ShownCommand(tuple(map(str, words)), outcome if outcome is not None and outcome.exists() else None)


def _folder(args: argparse.Namespace) -> Path:
    """The folder, or where another call has filled it the same name with the first number behind it that is free."""
    if args.folder.exists() and not args.folder.is_dir():
        raise UserError(f"--folder {args.folder}: is not a folder; name another")
    folder, made_by = args.folder, {"tasks": args.tasks, "seed": args.seed, "config": sha256_of(_config())}
    names = itertools.chain([folder], (folder.with_name(f"{folder.name}-{number}") for number in itertools.count(2)))
    found = next(name for name in names if not name.exists() or _made_by(name) == made_by)
    dump_json(found / _MADE_BY, made_by)
    return found


def _made_by(folder: Path) -> object:
    """What an earlier call has noted; None where there is no readable note."""
    try:
        return json.loads((folder / _MADE_BY).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _again(args: argparse.Namespace) -> str:
    """The command that was given, as it goes on."""
    if "MAKELEVEL" in os.environ:  # make runs it, and has no flags for it
        return "make quickstart"
    given = (f"--{name} {shlex.quote(str(value))}" for name, value in vars(args).items() if value != DEFAULTS[name])
    return " ".join(["saps quickstart", *given])


def _config() -> Path:
    return _relative(resource("experiments/quickstart.yaml"))


def _box() -> Path:
    return _relative(resource("data/model"))


def _workers() -> int:
    return min(2, os.cpu_count() or 1)


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
