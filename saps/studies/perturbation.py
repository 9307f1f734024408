"""How much of a sentence may change before a system loses it: the same tasks, said otherwise, more and more."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from random import Random
from typing import NamedTuple

from saps.generator import Library, Switches, shipped_library
from saps.generator.noise import disturbed, letters_for
from saps.generator.plain.reading import plain_library
from saps.generator.rewording import Reworder
from saps.studies.findings import Finding, judged_greedily
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.canonical import renamed_task
from saps.tasks.phrases import rename_in_text
from saps.tasks.task import Task

RATES = (0.05, 0.1, 0.2, 0.4)
ALL = (1.0,)

Perturb = Callable[[Task, float, Random], Task | None]
"""A task, a strength and random numbers -> the task said otherwise; None where it cannot be."""


class Kind(NamedTuple):
    """A kind of perturbation."""

    perturb: Perturb
    strengths: tuple[float, ...]
    """Shares of the words, or 1 where a sentence is changed as a whole; the study adds 0, the task as it stands."""


class Perturbed(NamedTuple):
    """The tasks of one condition."""

    kind: str
    strength: float
    tasks: Sequence[Task]


def _with_noise(noise: Callable[[float], Switches], task: Task, strength: float, rng: Random) -> Task:
    return replace(task, text=disturbed(task.text, noise(strength), task.args, rng))


def _with_other_names(task: Task, strength: float, rng: Random) -> Task:
    """Words such as ``nums`` in the place of the letters of the published dialect."""
    names = dict(zip(task.args, letters_for("words", rng), strict=False))
    return renamed_task(task, names, rename_in_text(task.text, names))


def _with_other_words(library: Callable[[], Library], task: Task, strength: float, rng: Random) -> Task | None:
    return _reworder_of(library).reword(task, rng)


@cache
def _reworder_of(library: Callable[[], Library]) -> Reworder:
    return Reworder(library())


KINDS: Mapping[str, Kind] = {
    "typos": Kind(partial(_with_noise, lambda share: Switches(typos=share)), RATES),
    "dropped words": Kind(partial(_with_noise, lambda share: Switches(drop_words=share)), RATES),
    "synonyms": Kind(partial(_with_noise, lambda share: Switches(synonyms=share)), (0.1, 0.2, 0.4, 1.0)),
    "renamed arguments": Kind(_with_other_names, ALL),
    "other wordings": Kind(partial(_with_other_words, shipped_library), ALL),
    "plain English": Kind(partial(_with_other_words, plain_library), ALL),
}
"""All kinds of perturbation, by name."""


def conditions(tasks: Sequence[Task], chosen: Collection[str], seed: int) -> tuple[list[Task], list[Perturbed]]:
    """The tasks as they stand, and said otherwise in each chosen way.

    Only tasks that each of the ways can say otherwise are kept, so that all conditions have the same ones. What is
    made of a task depends on ``seed``, the condition and the task's place alone.
    """
    found: list[list[Task | None]] = []
    names: list[tuple[str, float]] = []
    for name, kind in ((name, kind) for name, kind in KINDS.items() if name in chosen):
        for strength in kind.strengths:
            names.append((name, strength))
            rngs = (Random(f"{seed}/{name}/{strength}/{place}") for place in range(len(tasks)))
            found.append([kind.perturb(task, strength, rng) for task, rng in zip(tasks, rngs, strict=True)])
    kept = [place for place in range(len(tasks)) if all(one[place] is not None for one in found)]
    perturbed = [
        Perturbed(*name, [task for place in kept if (task := made[place]) is not None])
        for name, made in zip(names, found, strict=True)
    ]
    return [tasks[place] for place in kept], perturbed


def measure(
    lines: Mapping[str, Sequence[Synthesizer]],
    tasks: Sequence[Task],
    perturbed: Sequence[Perturbed],
    workers: int,
    tell: Callable[[str], None],
) -> list[Finding]:
    """What each system makes of each condition, greedily, judged by the tests that it was not shown.

    Args:
        lines: systems by name, each with its seeds.
        tasks: as they stand: the strength 0 of each kind.
        perturbed: the conditions.
        workers: processes that run programs.
        tell: called with each step, in words.
    """
    findings: list[Finding] = []
    plain = {name: tuple(judged_greedily(seed, tasks, workers) for seed in seeds) for name, seeds in lines.items()}
    for kind in dict.fromkeys(one.kind for one in perturbed):
        for name, seeds in lines.items():
            findings.append(Finding(kind, name, 0.0, plain[name]))
            for one in (one for one in perturbed if one.kind == kind):
                tell(f"{name}: {kind} {one.strength:g}")
                judged = tuple(judged_greedily(seed, one.tasks, workers) for seed in seeds)
                findings.append(Finding(kind, name, one.strength, judged))
    return findings
