"""Ask a trained model for a program in words; exit code 1 if the program found fails on --input."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jsonargparse.typing import PositiveFloat

from saps.cli.own_system import admit_systems
from saps.cli.settings import Budget, Width, flag, read_settings
from saps.errors import UserError
from saps.lang.spelling import to_lisp
from saps.search.tree_beam import SearchLimits
from saps.synthesis.chosen_model import chosen_model, figure_told, is_boxed
from saps.synthesis.from_text import inputs_for, query_from_text
from saps.synthesis.notation import read_arguments, read_examples, read_input, read_result
from saps.synthesis.settings import SynthesisSettings
from saps.tasks.query import Query

if TYPE_CHECKING:
    from saps.synthesis.result import Result


SECONDS = 5.0
"""For a search that follows a beam."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What ``saps synthesize`` takes."""

    text: str = flag(positional=True, metavar="SENTENCE")
    """What the program should do, in words."""
    model: tuple[str, ...] = flag((), metavar="RUN_OR_FOLDER")
    """A run or an exported model, or `latest`, the newest in runs/; by default the one that comes with saps.
    Several, each after a --model of its own, answer by the mean of their probabilities."""
    system: tuple[str, ...] = flag((), metavar="MODULE.CLASS")
    """A system that is not part of saps and that the model may be; its code is run. May be repeated."""
    arg: tuple[str, ...] = flag((), metavar="NAME:TYPE")
    """An argument, such as a:int[]; may be repeated."""
    example: tuple[str, ...] = flag((), metavar="'JSON -> JSON'")
    """Inputs and wanted output, such as '{"a": [1, 2]} -> 3'; may be repeated."""
    input: str | None = flag(None, metavar="JSON")
    """Run the program on it: '{"a": [5, 6]}'."""
    returns: str | None = flag(None, metavar="TYPE")
    """Type of the result, such as int[]; by default the examples tell it."""
    candidates: Width = flag(10, metavar="N")
    """Width of the beam."""
    search: bool = False
    """Visit programs one by one until one passes the examples."""
    budget: Budget | None = flag(None, metavar="N")
    """Programs that a search visits; 100 by default."""
    seconds: PositiveFloat | None = flag(None, metavar="S")
    """Time that a search takes at most; 5 for one that follows a beam."""
    beam_only: bool = False
    """Do not go on with a search where no candidate of the beam passes the examples."""
    explain: bool = False
    """Tell how the answer came about."""
    avoid_errors: bool = False
    """Without examples, rank programs last that fail on typical inputs."""
    allow_unknown: bool = False
    """Accept words that the model has not learned."""
    json: bool = False
    """Print all candidates as JSON."""


def parse_arguments(argv: Sequence[str]) -> Asking:
    """Reads the command line.

    Raises:
        UserError: it is wrong.
    """
    try:
        return read_settings("synthesize", __doc__, Asking, argv)
    except UserError as error:
        if str(error).startswith("unrecognized arguments: ") and "--" not in str(error):
            raise UserError(f"{error}; put the whole sentence in quotes") from None
        raise


def run(asking: Asking) -> int:
    """Prints the program, its type, how it does on the examples, and its result."""
    settings = _settings(asking)
    query = _query(asking)
    inputs = None if asking.input is None else inputs_for(query, read_input(asking.input))
    models = [chosen_model(Path(given)) for given in asking.model] or [chosen_model(None)]
    # torch takes a second to import: only once the question is known to be in order
    from saps.synthesis.synthesizer import Synthesizer
    from saps.synthesis.view import views_of

    admit_systems(asking.system)
    synthesizer = Synthesizer.load(*models)
    model, figure = " and ".join(map(str, models)), "; ".join(figure_told(folder) for folder in models)
    is_own = len(models) == 1 and is_boxed(models[0])
    result = synthesizer.synthesize(query, settings, inputs)
    if asking.json:
        print(json.dumps({"model": model, "figure": figure, **result.as_json()}, indent=2))
    else:
        print("\n".join(_lines(result, settings)))
        print(f"model      {'the one that comes with saps' if is_own else model}; {figure}")
        if asking.explain:
            traced = inputs if inputs is not None or not query.examples else query.examples[0].input
            print("\n".join(views_of(synthesizer, result.query, [result.program], traced)[0].lines()))
    outcome = result.chosen.result
    return 0 if outcome is None or outcome.kind == "value" else 1


def _query(asking: Asking) -> Query:
    returns = None if asking.returns is None else read_result(asking.returns)
    values = None if asking.input is None else read_input(asking.input)
    return query_from_text(asking.text, read_arguments(asking.arg), read_examples(asking.example), returns, values)


def _settings(asking: Asking) -> SynthesisSettings:
    search = SearchLimits() if asking.budget is None else SearchLimits(visited=asking.budget)
    if not asking.search:
        if asking.budget is not None:
            raise UserError(f"--budget {asking.budget}: bounds a search; add --search")
        if asking.seconds is not None and (asking.beam_only or not asking.example):
            raise UserError(f"--seconds {asking.seconds}: bounds a search; add --search")
    return SynthesisSettings(
        candidates=asking.candidates,
        search=search if asking.search else None,
        seconds=asking.seconds if asking.search else None,
        then_search=None if asking.beam_only or asking.search else asking.seconds or SECONDS,
        allow_unknown=asking.allow_unknown,
        avoid_errors=asking.avoid_errors,
        explain=asking.explain,
    )


def _lines(result: "Result", settings: SynthesisSettings) -> Iterator[str]:
    """The report, one fact a line, names to the left."""
    from saps.synthesis.result import shown

    chosen = result.chosen
    yield f"program    {to_lisp(chosen.program)}"
    yield f"type       {chosen.type or 'none, it is ill-typed: ' + chosen.mistake}"
    yield f"arguments  {_arguments(result.query)}"
    went_on = settings.search is None and result.explanation is not None and bool(result.explanation.ended)
    yield f"examples   {'no candidate of the beam passes, so a search went on; ' if went_on else ''}{_verdict(result)}"
    if result.doubt:
        yield f"not sure   {result.doubt}"
    if chosen.result is not None:
        failed = "" if chosen.result.kind == "value" else f"{chosen.result.kind}: "
        yield f"result     {failed}{shown(chosen.result)}"
    if result.explanation is not None and settings.explain:
        yield from result.explanation.lines()


def _arguments(query: Query) -> str:
    written = ", ".join(f"{name}: {kind}" for name, kind in query.arguments.items()) or "none"
    guessed = " (guessed from the sentence; --arg NAME:TYPE declares)"
    return written + {"sentence": guessed, "examples": " (those of the values)"}.get(query.origin, "")


def _verdict(result: "Result") -> str:
    """How the program was chosen, and what that is worth."""
    count, width = len(result.query.examples), len(result.attempts)
    candidates = "the only candidate" if width == 1 else f"the most probable of {width} candidates"
    if not count:
        return f"none given; this is {candidates}"
    passes, them = ("passes the example", "it") if count == 1 else (f"passes all {count}", f"all {count}")
    ended = result.explanation.ended if result.explanation else ""
    if ended:  # of a search
        if result.passes:
            return f"{passes}; program {result.tried} of the search"
        return f"none of {result.tried} programs passes {them} ({ended}); this is only the most probable one"
    if result.passes:
        return f"{passes}; candidate {result.rank + 1} of {width} ({result.tried} tried)"
    nothing = "the only candidate does not pass" if width == 1 else f"none of {width} candidates passes"
    return f"{nothing} {them}; this is only the most probable one"
