"""Ask a trained model for a program in words; exit code 1 if the program found fails on --input."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from saps.cli.own_system import add_system_flag, admit_systems
from saps.errors import UserError
from saps.lang.spelling import to_lisp
from saps.search.tree_beam import SearchLimits
from saps.synthesis.newest_model import newest_model
from saps.synthesis.notation import Question, read_arguments, read_examples, read_input, read_result

if TYPE_CHECKING:
    from saps.synthesis.result import Answer

MAX_CANDIDATES = 1000  # far more than ever helps
MAX_BUDGET = 100_000  # programs; a machine's memory would end a search of more


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the sentence, what is known of the program, and the model."""
    parser.add_argument("text", metavar="SENTENCE", help="what the program should do, in words")
    parser.add_argument(
        "--model", type=Path, metavar="RUN_OR_FOLDER", help="a run or an exported model; by default the newest in runs/"
    )
    add_system_flag(parser)
    parser.add_argument(
        "--arg", action="append", default=[], metavar="NAME:TYPE", help="an argument, such as a:int[]; may be repeated"
    )
    parser.add_argument(
        "--example",
        action="append",
        default=[],
        metavar="'JSON -> JSON'",
        help="inputs and wanted output, such as '{\"a\": [1, 2]} -> 3'; may be repeated",
    )
    parser.add_argument("--input", metavar="JSON", help="run the program on it: '{\"a\": [5, 6]}'")
    parser.add_argument("--returns", metavar="TYPE", help="type of the result, such as int[]; else told by examples")
    parser.add_argument("--candidates", type=int, default=10, metavar="N", help="width of the beam (10)")
    parser.add_argument("--search", action="store_true", help="visit programs one by one until one passes the examples")
    parser.add_argument(
        "--budget", type=int, metavar="N", help=f"programs that a search visits ({SearchLimits().visited})"
    )
    parser.add_argument("--seconds", type=float, metavar="S", help="time that a search takes at most")
    parser.add_argument("--explain", action="store_true", help="tell how the answer came about")
    parser.add_argument(
        "--avoid-errors", action="store_true", help="without examples, rank programs last that fail on typical inputs"
    )
    parser.add_argument("--allow-unknown", action="store_true", help="accept words that the model has not learned")
    parser.add_argument("--json", action="store_true", help="print all candidates as JSON")


def run(args: argparse.Namespace) -> int:
    """Prints the program, its type, how it does on the examples, and its result."""
    question = _question(args)
    model = args.model or newest_model()
    # torch takes a second to import: only once the question is known to be in order
    from saps.synthesis.result import ask
    from saps.synthesis.synthesizer import Synthesizer

    admit_systems(args)
    answer = ask(Synthesizer.load(model), question)
    if args.json:
        print(json.dumps({"model": str(model), **answer.as_json()}, indent=2))
    else:
        print("\n".join(_lines(answer)))
    result = answer.chosen.result
    return 0 if result is None or result.kind == "value" else 1


def _question(args: argparse.Namespace) -> Question:
    if not 1 <= args.candidates <= MAX_CANDIDATES:
        raise UserError(f"--candidates {args.candidates}: give a number from 1 to {MAX_CANDIDATES}")
    return Question(
        args.text,
        read_arguments(args.arg),
        read_examples(args.example),
        None if args.input is None else read_input(args.input),
        args.candidates,
        args.allow_unknown,
        None if args.returns is None else read_result(args.returns),
        _search(args),
        args.seconds,
        args.explain,
        args.avoid_errors,
    )


def _search(args: argparse.Namespace) -> SearchLimits | None:
    """How far to search, if at all."""
    if not args.search:
        for flag, value in (("--budget", args.budget), ("--seconds", args.seconds)):
            if value is not None:
                raise UserError(f"{flag} {value}: bounds a search; add --search")
        return None
    budget = SearchLimits().visited if args.budget is None else args.budget
    if not 1 <= budget <= MAX_BUDGET:
        raise UserError(f"--budget {budget}: give a number from 1 to {MAX_BUDGET}")
    if args.seconds is not None and not args.seconds > 0:
        raise UserError(f"--seconds {args.seconds}: give a number above 0")
    return SearchLimits(visited=budget)


def _lines(answer: "Answer") -> Iterator[str]:
    """The report, one fact a line, names to the left."""
    from saps.synthesis.result import shown

    chosen = answer.chosen
    yield f"program    {to_lisp(chosen.program)}"
    yield f"type       {chosen.type or 'none, it is ill-typed: ' + chosen.mistake}"
    yield f"arguments  {_arguments(answer)}"
    yield f"examples   {_verdict(answer)}"
    if chosen.result is not None:
        failed = "" if chosen.result.kind == "value" else f"{chosen.result.kind}: "
        yield f"result     {failed}{shown(chosen.result)}"
    if answer.story is not None and answer.question.explain:
        yield from answer.story.lines()


def _arguments(answer: "Answer") -> str:
    arguments = answer.question.arguments or {}
    written = ", ".join(f"{name}: {kind}" for name, kind in arguments.items()) or "none"
    return f"{written} (guessed from the sentence; --arg NAME:TYPE declares)" if answer.guessed else written


def _verdict(answer: "Answer") -> str:
    """How the program was chosen, and what that is worth."""
    count, width = len(answer.question.examples), len(answer.attempts)
    candidates = "the only candidate" if width == 1 else f"the most probable of {width} candidates"
    if not count:
        return f"none given; this is {candidates}"
    passes, them = ("passes the example", "it") if count == 1 else (f"passes all {count}", f"all {count}")
    if answer.question.search is not None:
        if answer.passes:
            return f"{passes}; program {answer.tried} of the search"
        ended = answer.story.ended if answer.story else ""
        return f"none of {answer.tried} programs passes {them} ({ended}); this is only the most probable one"
    if answer.passes:
        return f"{passes}; candidate {answer.rank + 1} of {width} ({answer.tried} tried)"
    nothing = "the only candidate does not pass" if width == 1 else f"none of {width} candidates passes"
    return f"{nothing} {them}; this is only the most probable one"
