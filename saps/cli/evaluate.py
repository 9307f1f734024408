"""Judge a trained model, or the predictions of any system, on a file of tasks."""

import argparse
import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from saps.cli.own_system import add_system_flag, admit_systems
from saps.errors import UserError, check_range
from saps.evaluation.curve import BEST, Searched, best_lists, curve_of, plot_curve, write_curve
from saps.evaluation.judge import judge
from saps.evaluation.predictions import Prediction, Unparsed, read_predictions
from saps.evaluation.report import Source, as_text, write_json
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree
from saps.tasks.atomic import atomic_writer
from saps.tasks.files import read_tasks
from saps.tasks.query import query_of
from saps.tasks.task import SHOWN_TESTS, Task

if TYPE_CHECKING:
    from saps.synthesis.decoding import Decoding, Found
    from saps.synthesis.synthesizer import Synthesizer

WAYS = ("greedy", "constrained", "beam", "search")
_OF_MODELS = ("decode", "candidates", "budget", "examples", "curve", "plot", "best_lists", "save_predictions")
MAX_BUDGET = 100_000
MAX_CANDIDATES = 1_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps evaluate``."""
    judged = parser.add_mutually_exclusive_group(required=True)
    judged.add_argument("--model", type=Path, help="a run folder or an exported model")
    judged.add_argument("--predictions", type=Path, help="a file of programs, one a line in the order of the data")
    add_system_flag(parser)
    parser.add_argument("--data", type=Path, required=True, help="the tasks (JSONL or JSONL.gz)")
    parser.add_argument("--first", type=int, metavar="N", help="judge the first N of the tasks alone")
    parser.add_argument("--output", type=Path, help="the JSON report; by default beside the model or the predictions")
    parser.add_argument("--save-predictions", type=Path, help="where to write the model's programs, one a line")
    parser.add_argument("--workers", type=int, default=2, help="processes that run programs; 0 runs them in this one")
    decoding = parser.add_argument_group("how a model is decoded")
    decoding.add_argument("--decode", choices=WAYS, help="greedy (default), the same well-typed, beam, or search")
    decoding.add_argument("--candidates", type=int, metavar="N", help="width of the beam (10)")
    decoding.add_argument("--budget", type=int, metavar="N", help="programs that a search visits (100)")
    decoding.add_argument(
        "--examples",
        type=int,
        metavar="N",
        help=f"tests of a task that are shown and do not judge ({SHOWN_TESTS} for search, else what the model reads)",
    )
    decoding.add_argument("--curve", type=Path, help="where to write accuracy against programs visited, as JSON")
    decoding.add_argument("--plot", type=Path, help="where to draw it, such as curve.png")
    decoding.add_argument(
        "--best-lists", action="store_true", help="add to the curve how often the best 1, 10, 100 hold the program"
    )


def run(args: argparse.Namespace) -> int:
    """Decodes where a model is given, judges, prints the report and writes it as JSON."""
    _check(args)
    tasks = list(itertools.islice(read_tasks(args.data), args.first))
    judged = args.model or args.predictions
    if args.model:
        admit_systems(args)
        decoded = decode_model(args, tasks)
        predictions, shown, system = decoded.predictions, decoded.shown, f"{judged.name} ({decoded.how})"
    else:
        predictions, shown = read_predictions(args.predictions, len(tasks), args.data.name), args.examples or 0
        system = judged.name
    report = judge(tasks, predictions, args.workers, shown)
    source = Source(args.data.name, system)
    output = args.output or _default_output(judged, args.data, args.decode or "greedy")
    write_json(report, source, output)
    sys.stdout.write(as_text(report, source))
    print(f"\nreport: {output}")
    if args.model and (args.curve or args.plot):
        _curve(args, tasks, decoded)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Flags that contradict each other or the range of a number."""
    check_range("--workers", args.workers, 0)
    if args.first is not None:
        check_range("--first", args.first, 1)
    for name in _OF_MODELS:
        if not args.model and getattr(args, name) and name != "examples":
            raise UserError(f"--{name.replace('_', '-')} goes with --model; these predictions are a file already")
    for name, most, way in (("candidates", MAX_CANDIDATES, "beam"), ("budget", MAX_BUDGET, "search")):
        value = getattr(args, name)
        if value is not None and args.decode != way:
            raise UserError(f"--{name} {value}: goes with --decode {way}")
        if value is not None and not 1 <= value <= most:
            raise UserError(f"--{name} {value}: give a number from 1 to {most}")
    if args.examples is not None and args.examples < 0:
        raise UserError(f"--examples {args.examples}: must be 0 or more")
    if (args.curve or args.plot or args.best_lists) and args.decode != "search":
        raise UserError("--curve, --plot and --best-lists tell about a search; add --decode search")
    if args.best_lists and not args.curve:
        raise UserError("--best-lists are written into the curve; add --curve FILE")


@dataclass(frozen=True)
class Decoded:
    """What a model made of the tasks."""

    synthesizer: "Synthesizer"
    found: "list[Found]"
    predictions: list[Prediction]
    shown: int
    how: str


def decode_model(args: argparse.Namespace, tasks: Sequence[Task]) -> Decoded:
    """The model's program for each task, in order; of its tests the model gets those that do not judge, no others."""
    from saps.synthesis.decoding import decode  # torch is slow to import and --predictions does without
    from saps.synthesis.synthesizer import Synthesizer

    synthesizer = Synthesizer.load(args.model)
    reads = synthesizer.system.reading.shown
    decoding = _decoding(args)
    shown = args.examples if args.examples is not None else max(reads, SHOWN_TESTS * (decoding.way == "search"))
    if shown < reads:
        raise UserError(f"--examples {shown}: this model reads {reads} examples; give at least as many")
    found = decode(synthesizer, [query_of(task, shown) for task in tasks], decoding)
    predictions: list[Prediction] = [
        one.program or Unparsed(number, one.problem) for number, one in enumerate(found, start=1)
    ]
    if args.save_predictions:
        with atomic_writer(args.save_predictions) as file:
            lines = (to_lisp(program) if isinstance(program, Tree) else "" for program in predictions)
            file.writelines(line.encode() + b"\n" for line in lines)
    return Decoded(synthesizer, found, predictions, shown, _told(decoding, shown))


def _decoding(args: argparse.Namespace) -> "Decoding":
    from saps.synthesis.decoding import Decoding

    default = Decoding()
    return Decoding(args.decode or default.way, args.candidates or default.candidates, args.budget or default.budget)


def _told(decoding: "Decoding", shown: int) -> str:
    """How it was decoded, in words for the report."""
    size = {"beam": f" of {decoding.candidates}", "search": f" of {decoding.budget} programs"}.get(decoding.way, "")
    return f"{decoding.way}{size}, {shown} examples" if shown else f"{decoding.way}{size}"


def _curve(args: argparse.Namespace, tasks: Sequence[Task], decoded: Decoded) -> None:
    """Writes and draws the curve of a search."""
    decoding = _decoding(args)
    searched = [
        Searched(one.listed[0] if one.listed else one.program, one.program, one.visited, one.run)
        for one in decoded.found
    ]
    curve = curve_of(tasks, searched, decoding.budget, args.workers, decoded.shown)
    lists = None
    if args.best_lists:
        lists = _best_lists(decoded.synthesizer, tasks, min(decoding.budget, BEST[-1]))
        print("own program in the best " + ", ".join(f"{n}: {100 * share:.2f} %" for n, share in lists.items()))
    if args.curve:
        write_curve({"system": f"{args.model.name} ({decoded.how})", **curve.as_json(lists)}, args.curve)
        print(f"curve: {args.curve}")
    if args.plot:
        plot_curve(curve, f"{args.model.name} on {args.data.name}", args.plot)
        print(f"plot: {args.plot}")


def _best_lists(synthesizer: "Synthesizer", tasks: Sequence[Task], longest: int) -> dict[str, float]:
    """How often the most probable programs hold the task's own, whatever they do on examples.

    A model that reads examples must have them, and a search would choose by them: its lists come from a beam.
    """
    from saps.synthesis.decoding import Decoding, decode

    reads = synthesizer.system.reading.shown
    how = Decoding("beam", candidates=longest) if reads else Decoding("search", budget=longest)
    listed = decode(synthesizer, [query_of(task, reads) for task in tasks], how)
    return best_lists(tasks, [one.listed for one in listed], longest)


def _default_output(judged: Path, data: Path, way: str) -> Path:
    suffix = "" if way == "greedy" else f"-{way}"
    name = f"evaluation-{data.name.removesuffix('.gz').removesuffix('.jsonl')}{suffix}.json"
    return judged / name if judged.is_dir() else judged.with_name(f"{judged.stem}-{name}")
