"""A query becomes a result: the whole road behind one class."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import torch

from saps.lang.interpreter import Limits
from saps.lang.trees import Tree
from saps.lang.types import parse_type
from saps.models.ensemble import load_models
from saps.models.system import Prediction, System
from saps.nn.text_encoder import Texts
from saps.search.beam import beam_search
from saps.search.choose import Choice, choose, sound_first
from saps.search.constraints import Constraints
from saps.search.explain import ExplainedNode, explain_program
from saps.search.hypothesis import Candidate
from saps.search.tree_beam import SearchLimits, TaskSearch, run_search
from saps.search.trial import Deadline, Trial
from saps.synthesis.attempts import attempts_of, unused_in
from saps.synthesis.attention import texts_of
from saps.synthesis.doubt import SURE, doubt_about
from saps.synthesis.explanation import explanation_of
from saps.synthesis.guesses import refuse_unknown, refuse_unknown_names
from saps.synthesis.likely import with_likely_arguments
from saps.synthesis.result import Attempt, Result
from saps.synthesis.settings import SynthesisSettings
from saps.tasks.canonical import in_order, renamed, spelled_names
from saps.tasks.query import Query
from saps.tasks.vocabulary import split_label

AFTER_A_BEAM = SearchLimits(visited=1_000)
"""How far a search goes that follows a beam, besides its time."""

_Chosen: TypeAlias = tuple[Sequence[Candidate], Choice, TaskSearch[Any] | None]
"""Candidates, most probable first, the choice among them, and how far a search went; None after a beam."""


@dataclass(frozen=True)
class Synthesizer:
    """A trained system that answers queries.

    >>> text = "given an array of numbers a , find the sum of even elements in a"
    >>> query = query_from_text(text, examples=[Example({"a": [1, 2, 4]}, 6)])  # doctest: +SKIP
    >>> result = Synthesizer.load("runs/quickstart/run").synthesize(query)  # doctest: +SKIP
    >>> to_lisp(result.program), result.passes  # doctest: +SKIP
    ('(reduce (filter a (lambda1 (== (% arg1 2) 0))) 0 +)', True)
    """

    system: System
    sure: float = SURE
    """The least probability of a sure answer (``saps.synthesis.doubt``)."""

    @classmethod
    def load(cls, *folders: Path | str) -> "Synthesizer":
        """The system of an exported model or of a run folder; of several, their ensemble.

        Raises:
            UserError: a folder holds no whole model, or the models do not go together.
        """
        return cls(load_models([Path(folder) for folder in folders]))

    def synthesize(
        self, query: Query, settings: SynthesisSettings | None = None, inputs: Mapping[str, Any] | None = None
    ) -> Result:
        """Finds well-typed programs for a query; examples, where it has them, choose among them.

        Without ``settings.search`` the candidates come from a beam, and those that ignore an argument come last; with
        ``settings.then_search`` a search follows where none of them passes the examples. A search visits programs in
        the order of their probability until one passes all examples or a limit is reached. When none passes, the
        answer is the most probable one and says so (``result.passes``). Arguments of which nothing tells but the
        sentence are those of its likeliest declaration (``result.query``). Ctrl-C ends a search early; what it found
        counts.

        Args:
            query: the sentence with its arguments and examples; ``query_from_text`` makes one.
            settings: how the program is looked for.
            inputs: values of the arguments on which each candidate is run; ``inputs_for`` reads them.

        Raises:
            UserError: the query holds unknown words or names of arguments, or more of unknown type than can be guessed,
                or no program of its type is possible.
        """
        settings = settings or SynthesisSettings()
        if inputs is None and self.system.reading.canonical:
            query = with_likely_arguments(query, self.greedy)
        if not settings.allow_unknown:
            self._refuse_unknown(query)
        (candidates, choice, search), trial = self._look_for(query, settings)
        if settings.avoid_errors and not query.examples:
            candidates = sound_first(candidates, {name: parse_type(kind) for name, kind in query.arguments.items()})
            choice = choose(candidates, trial)
        explanation = None
        if settings.explain or search is not None:
            explanation = explanation_of(self.explain(query, choice.program), trial, search)
        attempts = attempts_of(query, candidates, trial.visits, inputs, settings.limits)
        doubt = self._doubt(query, attempts[choice.rank], choice.passes)
        return Result(query, attempts, choice.rank, choice.passes, choice.tried, explanation, doubt)

    def _look_for(self, query: Query, settings: SynthesisSettings) -> tuple[_Chosen, Trial]:
        """A beam, and a search after it where none of its programs passes; or a search alone."""
        trial, kept = Trial(query.examples, settings.limits, Deadline(settings.seconds)), settings.candidates
        if settings.search is not None:
            return self._searched(query, trial, settings.search, kept), trial
        beamed = candidates, choice, _ = self._beamed(query, trial, kept)
        if not (settings.then_search and query.examples and not choice.passes):
            return beamed, trial
        trial = Trial(query.examples, settings.limits, Deadline(settings.then_search))
        return self._searched(query, trial, AFTER_A_BEAM, kept, candidates), trial

    def _doubt(self, query: Query, attempt: Attempt, passes: bool) -> str:
        if not self.system.reading.reads_text:
            return ""
        return doubt_about(query, attempt, passes, self.system.vocabularies.words, self.sure)

    def _refuse_unknown(self, query: Query) -> None:
        """Refuses names of arguments and, where the system reads the sentence, words that it has not learned."""
        reading = self.system.reading
        if not reading.canonical:
            refuse_unknown_names(query.arguments, self.system.vocabularies.labels)
        if reading.reads_text and not reading.letters:
            refuse_unknown(query.text, self.system.vocabularies.words)

    def _beamed(self, query: Query, trial: Trial, width: int) -> _Chosen:
        candidates = self.candidates([query], width)[0]
        if not query.guessed or self.system.reading.canonical:
            candidates = sorted(candidates, key=lambda candidate: bool(unused_in(candidate.program, query)))
        return candidates, choose(candidates, trial), None

    def _searched(
        self, query: Query, trial: Trial, limits: SearchLimits, kept: int, known: Sequence[Candidate] = ()
    ) -> _Chosen:
        """A search; where it visits no program, those that are known stay, or else the first of a beam is taken."""
        searches: list[TaskSearch[Any]] = [TaskSearch(self.rules(query), trial, limits)]
        try:
            self._run(searches, [query])
        except KeyboardInterrupt:
            searches[0].ended = "interrupted"
        found = [visit.candidate for visit in trial.visits] or known or self.candidates([query], 1)[0]
        winner = searches[0].winner
        rank = found.index(winner) if winner else 0
        choice = Choice(found[rank].program, rank, winner is not None, len(trial.visits) if trial.examples else 0)
        return found[: max(kept, rank + 1)], choice, searches[0]

    @torch.no_grad()
    def greedy(self, queries: Sequence[Query]) -> list[Prediction]:
        """What greedy decoding finds for each of some queries, as validation does."""
        self.system.eval()
        answers = self.system.answer(self._texts(queries))
        if not self.system.reading.canonical:
            return list(answers)
        return [_in_names_of(query, answer) for query, answer in zip(queries, answers, strict=True)]

    @torch.no_grad()
    def constrained(self, queries: Sequence[Query]) -> list[Prediction]:
        """Greedy decoding among the labels that may stand, so that every program is well-typed.

        A greedy answer that follows the rules is the constrained one too; only for the others it is decoded again.
        """
        answers = self.greedy(queries)
        again = []
        for number, (query, answer) in enumerate(zip(queries, answers, strict=True)):
            program = None if answer.truncated else answer.program
            if program is None or self.rules(query).numbers(program) is None:
                again.append(number)
        for number, found in zip(again, self.candidates([queries[number] for number in again], 1), strict=True):
            answers[number] = Prediction(found[0].program, found[0].log_probability)
        return answers

    @torch.no_grad()
    def candidates(self, queries: Sequence[Query], width: int) -> list[list[Candidate]]:
        """The most probable programs for each of some queries, by one beam search."""
        if not queries:
            return []
        self.system.eval()
        return beam_search(self.system.stepper(self._texts(queries)), [self.rules(query) for query in queries], width)

    def searched(
        self, queries: Sequence[Query], search: SearchLimits, limits: Limits | None = None
    ) -> list[TaskSearch[Any]]:
        """Best-first search for some queries together, each with its own examples."""
        trials = [Trial(query.examples, limits or Limits()) for query in queries]
        pairs = zip(queries, trials, strict=True)
        searches: list[TaskSearch[Any]] = [TaskSearch(self.rules(query), trial, search) for query, trial in pairs]
        self._run(searches, queries)
        return searches

    @torch.no_grad()
    def _run(self, searches: Sequence[TaskSearch[Any]], queries: Sequence[Query]) -> None:
        self.system.eval()
        run_search(self.system.stepper(self._texts(queries)), searches)

    @torch.no_grad()
    def explain(self, query: Query, program: Tree) -> list[ExplainedNode]:
        """How probable each node of a program is, and what else could stand there."""
        self.system.eval()
        return explain_program(self.system.stepper(self._texts([query])), self.rules(query), program)

    def rules(self, query: Query) -> Constraints:
        """What the programs that answer a query may look like.

        Raises:
            UserError: no program is possible with the labels of the model.
        """
        labels = self.system.vocabularies.labels.symbols
        if self.system.reading.canonical:
            labels = _labels_for(labels, in_order(query.text, query.arguments))
        return _rules(labels, tuple(query.arguments.items()), query.result)

    def _texts(self, queries: Sequence[Query]) -> Texts:
        """What the system reads of some queries, as numbers."""
        return texts_of(self.system, queries)


def _in_names_of(query: Query, answer: Prediction) -> Prediction:
    """An answer in canonical names with the arguments' own ones."""
    if answer.program is None:
        return answer
    return answer._replace(program=renamed(answer.program, spelled_names(in_order(query.text, query.arguments))))


@functools.lru_cache(maxsize=2_000)
def _labels_for(labels: tuple[str, ...], arguments: tuple[str, ...]) -> tuple[str, ...]:
    """The labels of a model that calls arguments by their place, spelled with their own names."""
    own = {f"{name}/0": f"{spelled}/0" for name, spelled in spelled_names(arguments).items()}
    return tuple(own.get(label, label) for label in labels)


@functools.lru_cache(maxsize=2_000)
def _rules(labels: tuple[str, ...], arguments: tuple[tuple[str, str], ...], result: str) -> Constraints:
    """Queries with the same declarations share their rules."""
    kinds = {name: parse_type(written) for name, written in arguments}
    return Constraints([split_label(label) for label in labels], kinds, None, parse_type(result))
