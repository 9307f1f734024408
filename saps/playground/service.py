"""The model behind the page: untrusted questions in, answers out, one at a time and within bounds."""

import math
import time
from collections.abc import Mapping
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any

from saps.errors import UserError
from saps.lang.interpreter import Limits
from saps.models.folder import model_folder, notes_of
from saps.playground.samples import SAMPLES
from saps.search.tree_beam import SearchLimits
from saps.synthesis.chosen_model import figure_told, is_boxed
from saps.synthesis.disagreement import disagreement
from saps.synthesis.from_text import inputs_for, query_from_text
from saps.synthesis.notation import read_arguments, read_examples, read_input, read_result, write_value
from saps.synthesis.result import Result
from saps.synthesis.settings import SynthesisSettings
from saps.synthesis.synthesizer import Synthesizer
from saps.synthesis.view import views_of
from saps.tasks.query import Query
from saps.tasks.tokens import tokenize

MAX_TEXT = 1_000  # characters of a sentence; the longest of the data set has about 600
MAX_ARGUMENTS = 10
MAX_EXAMPLES = 8
MAX_VALUES = 5_000  # characters of an example or input
CANDIDATES = 10  # programs of an answer, where a question does not say
MAX_CANDIDATES = 20
SEARCH = SearchLimits(visited=100, queue=500, expanded=2_000)
SEARCH_SECONDS = 5.0
MAX_SECONDS = 30
MAX_SHOWN = 2_000  # characters of a result that is sent back
MAX_WAITING = 8  # questions at a time, the one at work among them
LIMITS = Limits(steps=50_000, list_length=2_000, string_length=5_000, elements=50_000, bits=4_000)

_FIELDS: Mapping[str, tuple[type, str]] = {
    "text": (str, "a string"),
    "arguments": (list, "a list of strings"),
    "examples": (list, "a list of strings"),
    "input": (str, "a string"),
    "returns": (str, "a string"),
    "seconds": (int, "a whole number"),
    "avoid_errors": (bool, "true or false"),
    "candidates": (int, "a number"),
    "search": (bool, "true or false"),
    "allow_unknown": (bool, "true or false"),
}


class Busy(Exception):
    """Too many questions wait already."""


class Service:
    """One model, and how many questions may wait for it."""

    def __init__(self, synthesizer: Synthesizer, facts: Mapping[str, Any]) -> None:
        """Takes the model and what the page tells about it."""
        self._synthesizer = synthesizer
        self._facts = facts
        self._places = BoundedSemaphore(MAX_WAITING)
        self._model = Lock()

    @classmethod
    def load(cls, path: Path) -> "Service":
        """The service of an exported model or of a run folder.

        Raises:
            UserError: the folder holds no whole model.
        """
        synthesizer = Synthesizer.load(path)
        return cls(synthesizer, _facts(model_folder(path), synthesizer))

    def models(self) -> list[dict[str, str]]:
        """The models to choose from: this one alone."""
        return [{"name": self._facts["folder"], "figure": self._facts["figure"]}]

    def model(self, name: str = "") -> Mapping[str, Any]:
        """What the page tells about the model, and the bounds of a question.

        Raises:
            UserError: another model is named.
        """
        if name not in ("", self._facts["folder"]):
            raise UserError(f"there is no model {name[:60]!r} here; there is {self._facts['folder']}")
        return self._facts

    def synthesize(self, request: object) -> dict[str, Any]:
        """The answer to a question out of a request.

        Raises:
            UserError: the request is no question, or one that the model refuses.
            Busy: too many questions wait.
        """
        question, start = read_question(request), time.monotonic()
        if not self._places.acquire(blocking=False):
            raise Busy(f"{MAX_WAITING} questions wait already; ask again in a moment")
        try:
            with self._model:
                result = self._synthesizer.synthesize(*question)
                answer = result.as_json() | {"seconds": time.monotonic() - start}
                query, settings, inputs = question
                programs = [attempt.program for attempt in result.attempts]
                traced = inputs if inputs is not None or not query.examples else query.examples[0].input
                views = views_of(self._synthesizer, result.query, programs, traced, settings.limits)
                answer["answered_by"] = {name: self._facts[name] for name in ("folder", "figure")}
                answer["second_example"] = _disagreement(result, settings.limits)
        finally:
            self._places.release()
        for candidate, view in zip(answer["candidates"], views, strict=True):
            candidate["view"] = view.as_json()
            for outcome in (*candidate["examples"], candidate["result"] or {"shown": ""}):
                outcome["shown"] = _cut(outcome["shown"])
        return answer


def read_question(request: object) -> tuple[Query, SynthesisSettings, Mapping[str, Any] | None]:
    """Query, settings and inputs of a request: an object with ``text`` and, if wanted, other fields of ``_FIELDS``.

    Arguments, examples and input are texts, written as on the command line.

    Raises:
        UserError: a field is unknown, of a wrong kind, or beyond a bound, or the question makes no sense.
    """
    if not isinstance(request, dict):
        raise UserError('a question is a JSON object, such as {"text": "given a number a , ..."}')
    _check_fields(request)
    _check_bounds(request)
    values, returns = request.get("input", ""), request.get("returns", "").strip()
    given = read_input(values) if values.strip() else None
    arguments, examples = read_arguments(request.get("arguments", [])), read_examples(request.get("examples", []))
    result = read_result(returns) if returns else None
    query = query_from_text(request.get("text", ""), arguments, examples, result, given)
    return query, _settings(request), None if given is None else inputs_for(query, given)


def _check_bounds(request: Mapping[Any, Any]) -> None:
    """Nothing of a request whose fields are of the right kinds is longer, or more, than this service takes."""
    arguments, examples = request.get("arguments", []), request.get("examples", [])
    _check_length("the sentence", request.get("text", ""), MAX_TEXT)
    _check_count("arguments", arguments, MAX_ARGUMENTS)
    _check_count("examples", examples, MAX_EXAMPLES)
    for value in (request.get("input", ""), *arguments, *examples):
        _check_length("an argument, example or input", value, MAX_VALUES)
    _check_length("the type of the result", request.get("returns", ""), MAX_VALUES)
    candidates, seconds = request.get("candidates", CANDIDATES), request.get("seconds", int(SEARCH_SECONDS))
    if not 1 <= candidates <= MAX_CANDIDATES:
        raise UserError(f"candidates must be from 1 to {MAX_CANDIDATES}, found {str(candidates)[:20]}")
    if not 1 <= seconds <= MAX_SECONDS:
        raise UserError(f"the time of a search must be from 1 to {MAX_SECONDS} seconds, found {str(seconds)[:20]}")


def _settings(request: Mapping[Any, Any]) -> SynthesisSettings:
    searches, seconds = request.get("search", False), request.get("seconds", int(SEARCH_SECONDS))
    return SynthesisSettings(
        candidates=request.get("candidates", CANDIDATES),
        search=SEARCH if searches else None,
        seconds=seconds if searches else None,
        then_search=None if searches else seconds,
        explain=True,
        avoid_errors=request.get("avoid_errors", False),
        allow_unknown=request.get("allow_unknown", False),
        limits=LIMITS,
    )


def _disagreement(result: Result, limits: Limits) -> dict[str, Any] | None:
    """A second example, on which the candidates that pass all examples disagree."""
    passing = [place for place, attempt in enumerate(result.attempts) if all(attempt.passed) and attempt.type]
    programs = [result.attempts[place].program for place in passing]
    found = disagreement(programs, result.query, limits, MAX_VALUES)
    if found is None:
        return None
    inputs, outputs = found
    return {
        "input": write_value(inputs),
        "outputs": [
            {"output": output, "candidates": [passing[place] for place in places]} for output, places in outputs.items()
        ],
    }


def _check_fields(request: Mapping[Any, Any]) -> None:
    for name, value in request.items():
        if name not in _FIELDS:
            raise UserError(f"a question has no field {str(name)[:40]!r}; it has: {', '.join([*_FIELDS, 'model'])}")
        kind, described = _FIELDS[name]
        items = value if isinstance(value, list) else []
        if type(value) is not kind or not all(isinstance(item, str) for item in items):
            raise UserError(f"{name} must be {described}")


def _check_length(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise UserError(f"{what} has {len(text):,} characters; at most {most:,} are allowed")


def _check_count(what: str, items: list[str], most: int) -> None:
    if len(items) > most:
        raise UserError(f"{len(items)} {what}; at most {most} are allowed")


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + " ..."


def _facts(folder: Path, synthesizer: Synthesizer) -> dict[str, Any]:
    """What is known of a model; of its notes only plain values, since a shared folder may hold anything."""
    system = synthesizer.system
    notes = notes_of(folder)
    words = system.vocabularies.words
    return {
        "system": type(system).__name__,
        "folder": _name(folder),
        "parameters": system.parameter_count(),
        "words": len(words) - 2,  # without padding and unknown
        "labels": len(system.vocabularies.labels) - 2,
        "figure": figure_told(folder),
        "notes": {str(key): value for key, value in notes.items() if _is_plain(value)},
        "samples": [sample for sample in SAMPLES if all(word in words for word in tokenize(sample["text"]))],
        "bounds": {"text": MAX_TEXT, "examples": MAX_EXAMPLES, "candidates": MAX_CANDIDATES},
    }


def _name(folder: Path) -> str:
    """Not the whole path: others may see the page."""
    if is_boxed(folder):
        return "the model that comes with saps"
    return folder.parent.name if folder.name == "model" else folder.name


def _is_plain(value: object) -> bool:
    return isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))
