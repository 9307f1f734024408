"""A sentence, and optionally examples, becomes a program: the whole road behind one class."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch

from saps.batches.collate import Texts, pad_texts
from saps.batches.numbering import number_words
from saps.errors import UserError
from saps.lang.example import Example
from saps.lang.interpreter import Limits
from saps.lang.trees import Tree
from saps.lang.types import parse_type
from saps.models.base import Answer, System
from saps.models.folder import load_model
from saps.search.beam import Candidate, beam_search
from saps.search.choose import Choice, choose, sound_first
from saps.search.constraints import Constraints
from saps.search.explain import ExplainedNode, explain_program
from saps.search.tree_beam import SearchLimits, TaskSearch, run_search, start_search
from saps.search.trial import Deadline, Trial
from saps.synthesis.guesses import guess_arguments, guess_result, refuse_unknown
from saps.tasks.query import Query
from saps.tasks.tokens import tokenize
from saps.tasks.vocabulary import split_label


class Synthesis(NamedTuple):
    """What the model answers to one sentence."""

    query: Query  # the words as the model saw them, arguments and types as given or as guessed
    candidates: Sequence[Candidate]  # most probable first
    choice: Choice  # the answer among them
    trial: Trial  # what was run on the examples, and what became of it
    search: TaskSearch[Any] | None  # how far a search went; None after a beam

    @property
    def text(self) -> tuple[str, ...]:
        """The words of the sentence as the model saw them."""
        return self.query.text

    @property
    def arguments(self) -> Mapping[str, str]:
        """Name -> type, as given or as guessed."""
        return self.query.arguments


@dataclass(frozen=True)
class Synthesizer:
    """A trained system that answers sentences.

    >>> from saps.lang.example import Example
    >>> synthesizer = Synthesizer.load(Path("runs/quickstart/run"))  # doctest: +SKIP
    >>> text = "given an array of numbers a , find the sum of even elements in a"
    >>> answer = synthesizer.synthesize(text, examples=[Example({"a": [1, 2, 4]}, 6)])  # doctest: +SKIP
    >>> to_lisp(answer.choice.program), answer.choice.passes  # doctest: +SKIP
    ('(reduce (filter a (lambda1 (== (% arg1 2) 0))) 0 +)', True)
    """

    system: System

    @classmethod
    def load(cls, folder: Path) -> "Synthesizer":
        """The system of an exported model or of a run folder.

        Raises:
            UserError: the folder holds no whole model.
        """
        return cls(load_model(folder))

    def synthesize(
        self,
        text: str,
        arguments: Mapping[str, str] | None = None,
        examples: Sequence[Example] = (),
        candidates: int = 10,
        allow_unknown: bool = False,
        limits: Limits | None = None,
        result: str | None = None,
        search: SearchLimits | None = None,
        seconds: float | None = None,
        avoid_errors: bool = False,
    ) -> Synthesis:
        """Finds well-typed programs for a sentence; examples, where given, choose among them.

        Without ``search`` the candidates come from a beam. With it, programs are visited in the order of their
        probability until one passes all examples or a limit is reached. When none passes, the choice is the most
        probable one and says so (``answer.choice.passes``). Ctrl-C ends a search early; what it found counts.

        Args:
            text: the sentence, in any case and spacing.
            arguments: name -> type such as ``int[]``; guessed from the sentence where not given.
            examples: inputs and wanted outputs; ``saps.lang.example.Example`` makes one.
            candidates: how many programs are given back, and the width of the beam.
            allow_unknown: read words that the model has not learned as one unknown word instead of refusing them.
            limits: budget of each run of a program on an example.
            result: type of the program; guessed from the outputs of the examples where not given.
            search: how far a search goes; None for a beam.
            seconds: time for all of it, from now on; None for no end.
            avoid_errors: without examples, rank programs last that raise errors on typical inputs.

        Raises:
            UserError: the sentence is empty or holds unknown words, or no program of the type is possible.
        """
        deadline = Deadline(seconds)
        words = tokenize(text)
        if not words:
            raise UserError("the sentence is empty; say what the program should do")
        if not allow_unknown and self.system.reading.reads_text:
            refuse_unknown(words, self.system.vocabularies.words)
        known = dict(arguments) if arguments is not None else guess_arguments(words)
        tests = tuple(examples)
        query = Query(words, known, tests, result or guess_result([test.output for test in tests]))
        trial = Trial(tests, limits or Limits(), deadline)
        answer = (
            self._beamed(query, trial, candidates)
            if search is None
            else self._searched(query, trial, search, candidates)
        )
        if avoid_errors and not tests:
            first = self.sound_first(query, answer.candidates)
            answer = answer._replace(candidates=first, choice=choose(first, trial))
        return answer

    def _beamed(self, query: Query, trial: Trial, width: int) -> Synthesis:
        found = self.candidates([query], width)[0]
        return Synthesis(query, found, choose(found, trial), trial, None)

    def _searched(self, query: Query, trial: Trial, limits: SearchLimits, candidates: int) -> Synthesis:
        searches: list[TaskSearch[Any]] = start_search([self.rules(query)], [trial], limits)
        try:
            self._run(searches, [query])
        except KeyboardInterrupt:
            searches[0].done = "interrupted"
        found = [visit.candidate for visit in trial.visits] or self.candidates([query], 1)[0]
        winner = searches[0].winner
        rank = found.index(winner) if winner else 0
        choice = Choice(found[rank].program, rank, winner is not None, len(trial.visits) if trial.examples else 0)
        return Synthesis(query, found[: max(candidates, rank + 1)], choice, trial, searches[0])

    @torch.no_grad()
    def greedy(self, queries: Sequence[Query]) -> list[Answer]:
        """What greedy decoding finds for each of some queries, as validation does."""
        self.system.eval()
        return list(self.system.answer(self._texts(queries)))

    @torch.no_grad()
    def constrained(self, queries: Sequence[Query]) -> list[Answer]:
        """Greedy decoding among the labels that may stand, so that every program is well-typed.

        A greedy answer that follows the rules is the constrained one too; only for the others it is decoded again.
        """
        answers = self.greedy(queries)
        again = []
        for number, (query, answer) in enumerate(zip(queries, answers, strict=True)):
            program = None if answer.held_back else answer.program
            if program is None or self.rules(query).numbers(program) is None:
                again.append(number)
        for number, found in zip(again, self.candidates([queries[number] for number in again], 1), strict=True):
            answers[number] = Answer(found[0].program, found[0].log_probability)
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
        """Tree-beam search for some queries together, each with its own examples."""
        trials = [Trial(query.examples, limits or Limits()) for query in queries]
        searches: list[TaskSearch[Any]] = start_search([self.rules(query) for query in queries], trials, search)
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

    def sound_first(self, query: Query, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates in their order, but those last that raise errors on typical inputs."""
        return sound_first(candidates, {name: parse_type(kind) for name, kind in query.arguments.items()})

    def rules(self, query: Query) -> Constraints:
        """What the programs that answer a query may look like.

        Raises:
            UserError: no program is possible with the labels of the model.
        """
        return _rules(self.system.vocabularies.labels.symbols, tuple(query.arguments.items()), query.result)

    def _texts(self, queries: Sequence[Query]) -> Texts:
        """What the system reads of some queries, as numbers."""
        words, tokens = self.system.vocabularies.words, self.system.reading.tokens
        return pad_texts([number_words(tokens(query), words) for query in queries]).to(self.system.device)


@functools.lru_cache(maxsize=2_000)
def _rules(labels: tuple[str, ...], arguments: tuple[tuple[str, str], ...], result: str) -> Constraints:
    """Queries with the same declarations share their rules."""
    kinds = {name: parse_type(written) for name, written in arguments}
    return Constraints([split_label(label) for label in labels], kinds, None, parse_type(result))
