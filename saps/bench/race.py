"""Training, decoding, search and interpreter beside plain ways to do the same, in equal batches."""

import copy
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from saps.batches.collate import Batch, collate, to_device
from saps.batches.numericalise import numericalise_task
from saps.bench.plain_saps import PlainSAPS
from saps.bench.plain_seq2seq import PlainSeq2Seq
from saps.bench.settings import RaceSettings
from saps.bench.turns import Work, take_turns
from saps.bounded_yaml import load_yaml
from saps.errors import UserError
from saps.generator import generate
from saps.lang.example import Example
from saps.lang.interpreter import Limits, compile_program
from saps.lang.plain import run_plainly
from saps.models.folder import build_system
from saps.models.saps import SAPS
from saps.models.seq2seq import Seq2Seq
from saps.models.system import System
from saps.resources import resource
from saps.search.step import LogProbabilities, Step
from saps.search.tree_beam import SearchLimits, TaskSearch, run_search
from saps.search.trial import Trial
from saps.synthesis.attention import texts_of
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import Query, query_of
from saps.tasks.task import SHOWN_TESTS, Task
from saps.tasks.vocabulary import vocabularies_of

LEARNING_RATE, CLIPPED_AT = 0.003, 2.0
SEARCHED = 16  # tasks, together
SEARCH = SearchLimits(visited=10, expanded=200)


@dataclass(frozen=True, slots=True)
class RaceRow:
    """Two ways to do the same, in so many units a second."""

    part: str
    what: str
    ours: float
    beside: float

    @property
    def ratio(self) -> float:
        """How many times as fast the first is."""
        return self.ours / self.beside


class Race:
    """The systems and the tasks. What is trained in the first part is decoded and searched with in the next ones."""

    def __init__(self, settings: RaceSettings) -> None:
        self.settings, self.device = settings, usable_device(settings.device)
        torch.set_num_threads(1)
        self.tasks = list(generate(settings.batch_size * settings.batches, seed=1))
        torch.manual_seed(1)
        self.saps: SAPS = self._system("SAPS", "saps_vh_att")
        self.seq2seq: Seq2Seq = self._system("Seq2Seq", "seq2seq")
        ordered = sorted(self.tasks, key=lambda task: (len(task.text), task.program.size()))
        size = settings.batch_size
        self.groups = [ordered[start : start + size] for start in range(0, len(ordered), size)]  # of like lengths

    def rows(self) -> Iterator[RaceRow]:
        """One part after the other."""
        yield from self.training()
        yield from self.decoding()
        yield from self.search()
        yield from self.interpreter()

    def training(self) -> list[RaceRow]:
        """Steps of AdamW on all batches; each system learns weights of its own, from equal first ones."""
        trees, lines = self._batches(self.saps), self._batches(self.seq2seq)
        recursive = PlainSAPS(copy.deepcopy(self.saps))
        packed = PlainSeq2Seq(self.seq2seq)
        steps = [
            self._steps(self.saps, lambda batch: self.saps.loss(batch.texts, batch.schedule).loss, trees),
            self._steps(recursive.system, recursive.loss, trees),
            self._steps(self.seq2seq, lambda batch: self.seq2seq.loss(batch.texts, batch.schedule).loss, lines),
            self._steps(packed, lambda batch: packed.loss(batch.texts, batch.schedule.lines), lines),
        ]
        return _rows("training, tasks a second", take_turns(steps, self.settings.seconds, self.device))

    def decoding(self) -> list[RaceRow]:
        """Greedy decoding of all batches by the weights that were just learned."""
        trees, lines = self._batches(self.saps.eval()), self._batches(self.seq2seq.eval())
        recursive, packed = PlainSAPS(self.saps), PlainSeq2Seq(self.seq2seq).eval()
        works = [
            self._answers(self.saps.answer, trees),
            self._answers(recursive.answer, trees),
            self._answers(self.seq2seq.answer, lines),
            self._answers(packed.answer, lines),
        ]
        return _rows("decoding, sentences a second", take_turns(works, self.settings.seconds, self.device))

    def search(self) -> list[RaceRow]:
        """Best-first search that no program satisfies, the network asked about all hypotheses at once or one by one."""
        queries = [_unsatisfied(task) for task in self.tasks[:SEARCHED]]
        rows = []
        for name, system in (("SAPS VH Att", self.saps), ("Seq2Seq", self.seq2seq)):
            works = [_searches(Synthesizer(system.eval()), queries, one_by_one) for one_by_one in (_as_it_is, OneByOne)]
            ours, beside = take_turns(works, self.settings.seconds, self.device)
            rows.append(RaceRow("search, programs a second", f"{name} / one hypothesis at a time", ours, beside))
        return rows

    def interpreter(self) -> list[RaceRow]:
        """The programs of the tasks on all of their tests; compiled once a task, and by a walk over the tree."""
        works: list[Work] = [lambda: _compiled(self.tasks), lambda: _walked(self.tasks)]
        ours, beside = take_turns(works, self.settings.seconds, torch.device("cpu"))
        return [RaceRow("interpreter, tests a second", "compiled / a walk over the tree", ours, beside)]

    def _system(self, kind: str, name: str) -> Any:
        file = resource(f"experiments/{self.settings.sizes}/{name}.yaml")
        sizes = load_yaml(file.read_text(encoding="utf-8"))["model"]["init_args"]
        return build_system(kind, sizes, vocabularies_of(self.tasks)).to(self.device)

    def _batches(self, system: System) -> list[Batch]:
        vocabularies, reading = system.vocabularies, system.reading
        numerical = [[numericalise_task(task, vocabularies, reading) for task in group] for group in self.groups]
        return [to_device(collate(tasks, system.schedule), self.device) for tasks in numerical]

    def _steps(self, module: nn.Module, loss: Callable[[Batch], Tensor], batches: Sequence[Batch]) -> Work:
        optimizer = torch.optim.AdamW(module.train().parameters(), lr=LEARNING_RATE)

        def steps() -> int:
            for batch in batches:
                optimizer.zero_grad()
                loss(batch).backward()
                nn.utils.clip_grad_norm_(module.parameters(), CLIPPED_AT)
                optimizer.step()
            return len(self.tasks)

        return steps

    def _answers(self, answer: Callable[[Any], object], batches: Sequence[Batch]) -> Work:
        def answers() -> int:
            for batch in batches:
                answer(batch.texts)
            return len(self.tasks)

        return answers


class OneByOne:
    """A model as search sees it that is asked about one hypothesis after another."""

    def __init__(self, model: Step[Any]) -> None:
        self.model = model
        self.start, self.advance = model.start, model.advance

    def step(self, states: Sequence[Any]) -> tuple[LogProbabilities, list[Any]]:
        """K states, each in a call of its own."""
        parts = [self.model.step([state]) for state in states]
        return torch.cat([torch.from_numpy(found) for found, _ in parts]).numpy(), [seen for _, (seen,) in parts]


def usable_device(name: str) -> torch.device:
    """A device that this machine has.

    Raises:
        UserError: there is none of this name.
    """
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError, NotImplementedError):
        raise UserError(f"{name!r} is no device of this machine; name another, or leave it out", "device") from None


def about_machine(race: Race) -> dict[str, str]:
    """What the figures hang on, for people."""
    name = torch.cuda.get_device_name(race.device) if race.device.type == "cuda" else platform.machine()
    nodes = sum(task.program.size() for task in race.tasks) / len(race.tasks)
    words = sum(len(task.text) for task in race.tasks) / len(race.tasks)
    size, sizes = race.settings.batch_size, race.settings.sizes
    parameters = f"SAPS VH Att {race.saps.parameter_count():,}, Seq2Seq {race.seq2seq.parameter_count():,}"
    return {
        "machine": f"{name}, {race.device}, one thread; Python {platform.python_version()}, torch {torch.__version__}",
        "seconds": "of the CPU, by this process" if race.device.type == "cpu" else "of the clock",
        "tasks": f"{len(race.tasks)} in batches of {size}, of {words:.0f} words and {nodes:.0f} nodes on average",
        "parameters": f"{parameters} (experiments/{sizes})",
    }


def _rows(part: str, rates: Sequence[float]) -> list[RaceRow]:
    saps, recursive, seq2seq, packed = rates
    return [
        RaceRow(part, "SAPS VH Att / plain recursive decoder", saps, recursive),
        RaceRow(part, "Seq2Seq / plain Seq2Seq on packed sequences", seq2seq, packed),
        RaceRow(part, "SAPS VH Att / plain Seq2Seq on packed sequences", saps, packed),
    ]


def _as_it_is(model: Step[Any]) -> Step[Any]:
    return model


def _searches(synthesizer: Synthesizer, queries: Sequence[Query], asked: Callable[[Step[Any]], Step[Any]]) -> Work:
    def search() -> int:
        trials = [Trial(query.examples, Limits()) for query in queries]
        pairs = zip(queries, trials, strict=True)
        searches = [TaskSearch[Any](synthesizer.rules(query), trial, SEARCH) for query, trial in pairs]
        run_search(asked(synthesizer.system.stepper(texts_of(synthesizer.system, queries))), searches)
        return sum(trial.visited for trial in trials)

    return search


def _unsatisfied(task: Task) -> Query:
    """The question of a task, with examples that want what no program gives."""
    query = query_of(task, SHOWN_TESTS)
    examples = tuple(Example(test.input, {"no": "such"}) for test in query.examples)
    return Query(query.text, query.arguments, examples, query.result)


def _compiled(tasks: Sequence[Task]) -> int:
    for task in tasks:
        program = compile_program(task.program)
        for test in task.tests:
            program.run(test.input)
    return sum(len(task.tests) for task in tasks)


def _walked(tasks: Sequence[Task]) -> int:
    for task in tasks:
        for test in task.tests:
            run_plainly(task.program, test.input)
    return sum(len(task.tests) for task in tasks)
