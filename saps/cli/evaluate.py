"""Judge a trained model, or the predictions of any system, on a file of tasks."""

import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jsonargparse.typing import NonNegativeInt, PositiveInt

from saps.cli.data.reading import records_to_skip, report_skipped
from saps.cli.own_system import admit_systems
from saps.cli.settings import Budget, Width, flag, read_settings
from saps.cli.tracking import check_tracking, track_report
from saps.errors import UserError
from saps.evaluation.alignment import aligned, predictions_for
from saps.evaluation.charts import curves_of_run
from saps.evaluation.curve import curve_of, plot_curve, write_curve
from saps.evaluation.judge import check_shown, judged_tasks, report_of
from saps.evaluation.paged import Paged
from saps.evaluation.predictions import PredictedProgram, all_predictions, parse_predictions, prediction_lines
from saps.evaluation.report import Source, as_json, as_text, compared_as_text, write_json
from saps.synthesis.chosen_model import is_boxed
from saps.tasks.atomic import check_image, check_outputs
from saps.tasks.files import is_pipe, read_placed_tasks
from saps.tasks.skipped import SkippedRecords
from saps.tasks.task import Task

if TYPE_CHECKING:
    from saps.evaluation.decoded import DecodedTasks
    from saps.synthesis.decoding import Decoding
    from saps.synthesis.synthesizer import Synthesizer

_OF_THE_BOX = Path("runs/box")  # what judges the model that comes with saps, unless --output says where
_OF_MODELS = ("decode", "candidates", "budget", "curve", "plot", "best_lists", "save_predictions", "system")


@dataclass(frozen=True, slots=True)
class Judging:
    """What ``saps evaluate`` takes."""

    data: Path
    """The tasks (JSONL or JSONL.gz)."""
    model: tuple[str, ...] = flag((), metavar="RUN_OR_FOLDER")
    """A run folder or an exported model; several, each after a --model of its own, answer as one."""
    predictions: Path | None = None
    """Instead of a model: a file of programs, one a line in the order of the data."""
    system: tuple[str, ...] = flag((), metavar="MODULE.CLASS")
    """A system that is not part of saps and that the model may be; its code is run. May be repeated."""
    first: PositiveInt | None = flag(None, metavar="N")
    """Judge the first N of the tasks alone."""
    skip_bad: bool = False
    """Leave bad records of the data out, and say how many."""
    output: Path | None = None
    """The JSON report; by default beside the model (in runs/box for that of saps) or the predictions."""
    report: Path | None = flag(None, metavar="PAGE.html")
    """Where to write a page with figures, plots and every task; the tasks also as PAGE.jsonl."""
    against: Path | None = flag(None, metavar="FILE")
    """Predictions to compare with: any file of programs, or the .jsonl of another page."""
    save_predictions: Path | None = None
    """Where to write the model's programs, one a line."""
    workers: NonNegativeInt = flag(2, metavar="N")
    """Processes that run programs; 0 runs them in this one."""
    decode: Literal["greedy", "constrained", "beam", "search"] | None = None
    """How a model is decoded: greedily (default), the same well-typed, by a beam, or by search."""
    candidates: Width | None = flag(None, metavar="N")
    """Width of the beam; 10 by default."""
    budget: Budget | None = flag(None, metavar="N")
    """Programs that a search visits; 100 by default."""
    examples: NonNegativeInt | None = flag(None, metavar="N")
    """Tests of a task that are shown and do not judge; by default 3 for a search, else what the model reads."""
    curve: Path | None = None
    """Where to write accuracy against programs visited, as JSON."""
    plot: Path | None = None
    """Where to draw it, such as curve.png."""
    best_lists: bool = False
    """Add to the curve how often the best 1, 10, 100 hold the program."""
    track: bool = False
    """Log the report to Weights & Biases as well, as a run of its own; offline unless WANDB_MODE says otherwise."""


def parse_arguments(argv: Sequence[str]) -> Judging:
    """Reads the command line.

    Raises:
        UserError: it is wrong.
    """
    return read_settings("evaluate", __doc__, Judging, argv)


def run(judging: Judging) -> int:
    """Decodes where a model is given, judges, prints the report and writes it as JSON."""
    _check(judging)
    _check_places(judging)
    check_tracking(judging.track)
    skipped = records_to_skip(judging.skip_bad)
    if judging.model:
        placed = list(_placed(judging, skipped))
        report_skipped(skipped)
        places, tasks = [place for place, _ in placed], [task for _, task in placed]
        paged = _paged(judging, places, tasks, skipped.count if skipped else 0)
        return _judge_models(judging, [*map(Path, judging.model)], tasks, paged)
    assert judging.predictions is not None  # by _check
    _judge_predictions(judging, judging.predictions, skipped)
    return 0


def _judge_predictions(judging: Judging, path: Path, skipped: SkippedRecords | None) -> None:
    """Reads all tasks once before any is judged, and then again one by one: only those under way are held."""
    source = Source(judging.data.name, path.name)
    lines, placed = prediction_lines(path), _placed(judging, skipped)
    held = [*placed] if is_pipe(judging.data) or judging.against else None  # a pipe is read but once
    places, shown = [], judging.examples or 0
    for place, task in placed if held is None else held:
        places.append(place)
        check_shown(len(places), task, shown)
    report_skipped(skipped)
    left_out = skipped.count if skipped else 0
    again = _placed(judging, records_to_skip(judging.skip_bad)) if held is None else held
    tasks = (task for _, task in again)
    if len(lines) not in (len(places), len(places) + left_out):
        aligned(all_predictions(lines, path), list(tasks), path, judging.data.name, places)  # raises, and says where
    predictions = parse_predictions(lines, None if len(lines) == len(places) else places)
    paged = _paged(judging, places, [task for _, task in held or ()], left_out)
    _report(judging, source, tasks, predictions, shown, paged)


def _placed(judging: Judging, skipped: SkippedRecords | None) -> Iterator[tuple[int, Task]]:
    """The tasks that are judged, with their places in the file, one after another."""
    return itertools.islice(read_placed_tasks(judging.data, skipped), judging.first)


def _check(judging: Judging) -> None:
    """Refuses flags that contradict each other."""
    if bool(judging.model) == (judging.predictions is not None):
        raise UserError("one of the flags --model --predictions is needed, and not both; see 'saps evaluate --help'")
    for name in _OF_MODELS:
        if not judging.model and getattr(judging, name):
            raise UserError(f"--{name.replace('_', '-')} goes with --model; these predictions are a file already")
    for name, way in (("candidates", "beam"), ("budget", "search")):
        value = getattr(judging, name)
        if value is not None and judging.decode != way:
            raise UserError(f"--{name} {value}: goes with --decode {way}")
    if (judging.curve or judging.plot or judging.best_lists) and judging.decode != "search":
        raise UserError("--curve, --plot and --best-lists tell about a search; add --decode search")
    if judging.report and judging.report.suffix == ".jsonl":
        raise UserError(f"--report {judging.report}: names the page, such as report.html; its tasks go to report.jsonl")
    if judging.best_lists and not judging.curve:
        raise UserError("--best-lists are written into the curve; add --curve FILE")
    check_image("plot", judging.plot)


def _check_places(judging: Judging) -> None:
    """Refuses to write over what is read, or where nothing can be written."""
    model: list[Path] = []
    if judging.model:
        from saps.models.folder import FILES, model_folder  # torch is slow to import

        model = [model_folder(path) / name for path in map(Path, judging.model) for name in FILES]
    outputs = [(name, getattr(judging, name)) for name in ("save_predictions", "curve", "plot", "report")]
    outputs.append(("output", _output(judging)))
    lines = None if judging.report is None else judging.report.with_suffix(".jsonl")
    check_outputs([*outputs, ("report", lines)], [judging.data, judging.predictions, judging.against, *model])


def _paged(judging: Judging, places: Sequence[int], tasks: Sequence[Task], left_out: int) -> Paged | None:
    """What the page needs besides what is judged; reads the file that it compares with before anything is decoded.

    The tasks are looked at only where there is such a file.
    """
    if judging.report is None and judging.against is None:
        return None
    others = None
    if judging.against is not None:
        others = predictions_for(tasks, judging.against, judging.data.name, places, left_out)
    return Paged(judging.report, others, "" if judging.against is None else judging.against.name)


def _judge_models(judging: Judging, models: Sequence[Path], tasks: Sequence[Task], paged: Paged | None) -> int:
    from saps.evaluation.decoded import decode_tasks, write_predictions  # torch is slow to import
    from saps.models.folder import weights_hash
    from saps.synthesis.synthesizer import Synthesizer

    admit_systems(judging.system)
    weights = " ".join(map(weights_hash, models))  # before they are read: if these change meanwhile, it is stale
    synthesizer = Synthesizer.load(*models)
    decoded = decode_tasks(synthesizer, tasks, _decoding(judging), judging.examples)
    predictions = decoded.predictions()
    if judging.save_predictions:
        write_predictions(predictions, judging.save_predictions)
    is_told_by_name = len({model.name for model in models}) == len(models)
    name = " and ".join(model.name if is_told_by_name else str(model) for model in models)
    source = Source(judging.data.name, f"{name} ({decoded.how})", weights)
    if paged is not None and paged.path is not None:
        from saps.evaluation.thoughts import thoughts_of

        paged.thoughts = thoughts_of(synthesizer, tasks, decoded.found, decoded.shown)
        paged.curves = curves_of_run(models[0])
    _report(judging, source, tasks, predictions, decoded.shown, paged)
    if judging.curve or judging.plot:
        _curve(judging, source, synthesizer, tasks, decoded)
    return 0


def _decoding(judging: Judging) -> "Decoding":
    from saps.synthesis.decoding import Decoding

    given = {"way": judging.decode, "candidates": judging.candidates, "budget": judging.budget}
    return Decoding(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


def _report(
    judging: Judging,
    source: Source,
    tasks: Iterable[Task],
    predictions: Iterable[PredictedProgram],
    shown: int,
    paged: Paged | None,
) -> None:
    """Judges, prints and writes."""
    judgements = judged_tasks(tasks, predictions, judging.workers, shown)
    report = report_of(judgements if paged is None else paged.keeping(judgements), shown)
    output = _output(judging)
    write_json(report, source, output)
    sys.stdout.write(as_text(report, source))
    print(f"\nreport: {output}")
    theirs = None if paged is None else paged.judge_others(judging.workers, shown)
    if paged is not None and theirs is not None:
        print(f"\n{compared_as_text(report.each, theirs, paged.other)}", end="")
    if paged is not None and paged.path is not None:
        print(f"page: {paged.path}, its tasks: {paged.write(paged.path, report, source, judging.workers, shown)}")
    if judging.track:
        track_report(as_json(report, source), _judged(judging), output)


def _curve(
    judging: Judging, source: Source, synthesizer: "Synthesizer", tasks: Sequence[Task], decoded: "DecodedTasks"
) -> None:
    """Writes and draws the curve of a search."""
    from saps.evaluation.decoded import best_lists_of

    budget = decoded.decoding.budget
    curve = curve_of(tasks, decoded.searched(), budget, judging.workers, decoded.shown)
    lists = None
    if judging.best_lists:
        lists = best_lists_of(synthesizer, tasks, budget)
        print("own program in the best " + ", ".join(f"{n}: {100 * share:.2f} %" for n, share in lists.items()))
    if judging.curve:
        about = {"system": source.system, "weights": source.weights}
        write_curve(about | curve.as_json(lists), judging.curve)
        print(f"curve: {judging.curve}")
    if judging.plot:
        plot_curve(curve, f"{source.system} on {source.data}", judging.plot)
        print(f"plot: {judging.plot}")


def _judged(judging: Judging) -> Path:
    """What the report is about, and by default beside it: several models stand beside the data."""
    models = [*map(Path, judging.model)]
    if len(models) == 1:
        return models[0]
    if judging.predictions is not None:
        return _folder_of(judging.predictions) / judging.predictions.name
    return _folder_of(judging.data) / "+".join(model.name for model in models)


def _folder_of(path: Path) -> Path:
    """Where a file lies; of a stream such as ``/dev/stdin`` or ``<(zcat FILE)`` this folder."""
    return Path() if path.is_relative_to("/dev") else path.parent


def _output(judging: Judging) -> Path:
    """Where the report goes; the folder of the model that comes with saps stays as it is."""
    if judging.output is not None:
        return judging.output
    judged, suffix = _judged(judging), "" if judging.decode in (None, "greedy") else f"-{judging.decode}"
    name = f"evaluation-{judging.data.name.removesuffix('.gz').removesuffix('.jsonl')}{suffix}.json"
    if judged.is_dir():
        return (_OF_THE_BOX if is_boxed(judged) else judged) / name
    return judged.parent / f"{judged.name if judging.model else judged.stem}-{name}"
