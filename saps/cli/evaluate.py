"""Judge a trained model, or the predictions of any system, on a file of tasks."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from saps.cli.own_system import add_system_flag, admit_systems
from saps.errors import UserError
from saps.evaluation.judge import judge
from saps.evaluation.predictions import Prediction, Unparsed, read_predictions
from saps.evaluation.report import Source, as_text, write_json
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree
from saps.tasks.asked import asked_of
from saps.tasks.atomic import atomic_writer
from saps.tasks.files import read_tasks
from saps.tasks.task import Task


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps evaluate``."""
    judged = parser.add_mutually_exclusive_group(required=True)
    judged.add_argument("--model", type=Path, help="a run folder or an exported model, decoded greedily")
    judged.add_argument("--predictions", type=Path, help="a file of programs, one a line in the order of the data")
    parser.add_argument("--data", type=Path, required=True, help="the tasks (JSONL or JSONL.gz)")
    add_system_flag(parser)
    parser.add_argument("--output", type=Path, help="the JSON report; by default beside the model or the predictions")
    parser.add_argument("--save-predictions", type=Path, help="where to write the model's programs, one a line")
    parser.add_argument("--workers", type=int, default=2, help="processes that run programs; 0 runs them in this one")


def run(args: argparse.Namespace) -> int:
    """Decodes where a model is given, judges, prints the report and writes it as JSON."""
    if args.workers < 0:
        raise UserError(f"--workers {args.workers}: must be 0 or more")
    if args.save_predictions and not args.model:
        raise UserError("--save-predictions goes with --model; these predictions are a file already")
    tasks = list(read_tasks(args.data))
    judged = args.model or args.predictions
    if args.model:
        admit_systems(args)
        predictions, shown = predict(args.model, tasks, args.save_predictions)
    else:
        predictions, shown = read_predictions(args.predictions, len(tasks), args.data.name), 0
    report = judge(tasks, predictions, args.workers, shown)
    source = Source(args.data.name, judged.name)
    output = args.output or _default_output(judged, args.data)
    write_json(report, source, output)
    sys.stdout.write(as_text(report, source))
    print(f"\nreport: {output}")
    return 0


def predict(model: Path, tasks: Sequence[Task], save_as: Path | None) -> tuple[list[Prediction], int]:
    """The greedy program of a model for each task, in order, and how many tests of each task the model was shown.

    Questions of similar lengths are decoded together.
    """
    from saps.batches.data_module import EVALUATION_BATCH  # torch is slow to import and --predictions does without
    from saps.models.synthesizer import Synthesizer

    synthesizer = Synthesizer.load(model)
    shown = synthesizer.system.reading.shown
    order = sorted(range(len(tasks)), key=lambda index: len(tasks[index].text))
    predictions: list[Prediction] = [None] * len(tasks)
    for at in range(0, len(order), EVALUATION_BATCH):
        chunk = order[at : at + EVALUATION_BATCH]
        answers = synthesizer.greedy([asked_of(tasks[index], shown) for index in chunk])
        for index, answer in zip(chunk, answers, strict=True):
            predictions[index] = answer.program or Unparsed(index + 1, answer.problem)
    if save_as:
        with atomic_writer(save_as) as file:
            lines = (to_lisp(program) if isinstance(program, Tree) else "" for program in predictions)
            file.writelines(line.encode() + b"\n" for line in lines)
    return predictions, shown


def _default_output(judged: Path, data: Path) -> Path:
    name = f"evaluation-{data.name.removesuffix('.gz').removesuffix('.jsonl')}.json"
    return judged / name if judged.is_dir() else judged.with_name(f"{judged.stem}-{name}")
