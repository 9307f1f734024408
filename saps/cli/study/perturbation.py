"""The same tasks said otherwise, more and more: what each system still answers rightly."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jsonargparse.typing import NonNegativeInt, PositiveInt

from saps.cli.settings import flag, read_settings
from saps.cli.study.models import load_lines, models_as_json, read_first
from saps.errors import UserError
from saps.studies.made import check_folder


@dataclass(frozen=True, slots=True)
class Perturbing:
    """What ``saps study perturbation`` takes."""

    data: Path
    """Tasks in the words of the published data (JSONL or JSONL.gz)."""
    model: tuple[str, ...] = flag(metavar="[NAME=]RUN")
    """A run folder or an exported model; may be repeated. Those of one NAME are seeds of one line."""
    kind: tuple[str, ...] = flag((), metavar="KIND")
    """One of: typos, dropped words, synonyms, renamed arguments, other wordings, plain English; may be repeated.
    All by default."""
    system: tuple[str, ...] = flag((), metavar="MODULE.CLASS")
    """A system that is not part of saps and that a model may be; its code is run. May be repeated."""
    first: PositiveInt | None = flag(None, metavar="N")
    """The first N of the tasks alone."""
    skip_bad: bool = False
    """Leave bad records of the data out, and say how many."""
    seed: int = 1
    """Of the perturbations."""
    workers: NonNegativeInt = flag(2, metavar="N")
    """Processes that run programs; 0 runs them in this one."""
    folder: Path = Path("runs/studies/perturbation")
    """Where study.json, study.md and study.png go."""


def parse_arguments(argv: Sequence[str]) -> Perturbing:
    """Reads the command line.

    Raises:
        UserError: it is wrong.
    """
    return read_settings("study perturbation", __doc__, Perturbing, argv)


def run(args: Perturbing) -> int:
    """Measures, prints the table and writes all."""
    check_folder(args.folder, "perturbation")
    from saps.studies.findings import Axes, write_study  # torch is slow to import
    from saps.studies.perturbation import KINDS, conditions, measure

    for kind in args.kind:
        if kind not in KINDS:
            raise UserError(f"--kind {kind!r}: there are: {', '.join(KINDS)}")
    tasks = read_first(args.data, args.first, args.skip_bad)
    lines = load_lines(args.model, args.system)
    kept, perturbed = conditions(tasks, args.kind or KINDS, args.seed)
    if not kept:
        raise UserError(f"{args.data}: none of its {len(tasks)} tasks can be said otherwise in all of these ways")
    print(
        f"{len(kept)} of {len(tasks)} tasks can be said otherwise in all ways; {len(perturbed)} conditions", flush=True
    )
    findings = measure(lines, kept, perturbed, args.workers, lambda told: print(told, flush=True))
    about = {
        "study": "perturbation",
        "data": args.data.name,
        "tasks": len(kept),
        "seed": args.seed,
        "models": models_as_json(args.model),
    }
    axes = Axes("Perturbed sentences", "share changed")
    print(f"\n{write_study(args.folder, axes, findings, about)}\nwritten: {args.folder}")
    return 0
