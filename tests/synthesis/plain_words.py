"""Judges a model on sentences as people write them: how many answers do what is meant.

    python -m tests.synthesis.plain_words FILE --model MODEL --examples 3 --search 1000 --seconds 20 --ids even

A file holds one JSON object a line: ``text``, ``args`` (name -> type), ``return_type``, ``tests`` (``input`` and
``output``) and, where they are numbered, ``task_id``. An answer is right if it gives the wanted output in every test
that was not shown. ``--names-only`` hides the types: what there is to know of the arguments are their names and values;
``--sentence-only`` hides these as well.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from saps.errors import UserError
from saps.lang.errors import ProgramError
from saps.lang.example import Example
from saps.lang.interpreter import Limits, compile_program
from saps.lang.spelling import to_lisp
from saps.search.tree_beam import SearchLimits
from saps.synthesis.doubt import PRECISION, least_sure
from saps.synthesis.from_text import query_from_text
from saps.synthesis.result import Result
from saps.synthesis.settings import SynthesisSettings
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import Query


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence and what became of it."""

    text: str
    result: Result | None  # None where it was refused
    right: bool


def query_of(record: Mapping[str, Any], shown: int, names_only: bool, sentence_only: bool) -> Query:
    """The question of a record with its first tests as examples."""
    if sentence_only:
        return query_from_text(record["text"])
    examples = [Example(test["input"], test["output"]) for test in record["tests"][:shown]]
    if not names_only:
        return query_from_text(record["text"], record["args"], examples, record["return_type"])
    return query_from_text(record["text"], None, examples, inputs=record["tests"][-1]["input"])


def is_right(result: Result, tests: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the answer gives every wanted output; arguments by place where the names were guessed otherwise."""
    run, own = compile_program(result.program).run, list(result.query.arguments)
    for test in tests:
        inputs = test["input"]
        if inputs.keys() != {*own}:
            inputs = dict(zip(own, inputs.values(), strict=False))
        if inputs.keys() != {*own} or not run(inputs, Limits()).gives(test["output"]):
            return False
    return True


def judged(records: Sequence[Mapping[str, Any]], asked: argparse.Namespace) -> Iterator[Judged]:
    """Every sentence answered; with examples a search goes as far as is said."""
    synthesizer = Synthesizer.load(asked.model)
    search = SearchLimits(visited=asked.search) if asked.search else None
    settings = SynthesisSettings(search=search, seconds=asked.seconds if search else None, allow_unknown=True)
    for record in records:
        try:
            query = query_of(record, asked.examples, asked.names_only, asked.sentence_only)
            result = synthesizer.synthesize(query, settings)
        except (UserError, ProgramError):
            yield Judged(record["text"], None, False)
            continue
        yield Judged(record["text"], result, is_right(result, record["tests"][asked.examples :]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--model", required=True)
    parser.add_argument("--examples", type=int, default=0, help="tests that are shown; the others judge")
    parser.add_argument("--search", type=int, default=0, metavar="N", help="programs that a search visits")
    parser.add_argument("--seconds", type=float, default=None, help="time of a search")
    parser.add_argument("--ids", choices=("all", "odd", "even"), default="all")
    parser.add_argument("--names-only", action="store_true", help="hide the types of the arguments")
    parser.add_argument("--sentence-only", action="store_true", help="hide the arguments and all of their values")
    parser.add_argument("--list", action="store_true", help="print every sentence with its answer")
    asked = parser.parse_args()
    if asked.sentence_only and (asked.examples or asked.names_only):
        parser.error("--sentence-only shows no examples and no names; leave --examples and --names-only out")
    torch.set_num_threads(1)
    with open(asked.file, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    sides = {"all": (0, 1), "even": (0,), "odd": (1,)}[asked.ids]
    records = [record for record in records if record.get("task_id", 0) % 2 in sides or asked.ids == "all"]
    found = list(judged(records, asked))
    answered = [(one, one.result) for one in found if one.result is not None]
    for one, result in answered if asked.list else ():
        verdict, sure = "right" if one.right else "wrong", "not sure" if result.doubt else "sure"
        print(f"{verdict}  {sure:8}  {one.text}  ->  {to_lisp(result.program)}")
    right = sum(one.right for one in found)
    print(f"{right} of {len(found)} right ({100 * right / len(found):.1f} %), {len(found) - len(answered)} refused")
    sure_ones = [one for one, result in answered if not result.doubt]
    print(f"{len(sure_ones)} called sure, of which {sum(one.right for one in sure_ones)} are right")
    pairs = [(result.chosen.probability, one.right) for one, result in answered if not result.chosen.unused]
    print(f"{100 * PRECISION:.0f} % right from a probability of {least_sure(pairs):.4f} on")


if __name__ == "__main__":
    main()
