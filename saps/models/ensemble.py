"""Several models that answer as one: at each node the mean of their probabilities."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from saps.errors import UserError
from saps.models.folder import load_model
from saps.models.sequence_system import prediction_of
from saps.models.system import Prediction, System, TeacherForced
from saps.nn.schedule import TreeArrays
from saps.nn.text_encoder import Texts
from saps.search.step import MAX_SIZE, LogProbabilities, Step
from saps.tasks.vocabulary import split_label

States = tuple[Any, ...]
"""What each member remembers of a hypothesis."""


class EnsembleStepper:
    """The mean of the probabilities that several models give; see ``saps.search.step``."""

    def __init__(self, members: Sequence[Step[Any]]) -> None:
        self.members = members

    def start(self) -> list[States]:
        """One state a text."""
        return list(zip(*(member.start() for member in self.members), strict=True))

    def step(self, states: Sequence[States]) -> tuple[LogProbabilities, list[States]]:
        """Each member once for K states -> the logarithm (K, V) of the mean, and the states after it."""
        columns = zip(*states, strict=True)
        found = [member.step(column) for member, column in zip(self.members, columns, strict=True)]
        total = np.logaddexp.reduce([scores for scores, _ in found])  # (K, V)
        return total - np.log(len(found)), list(zip(*(seen for _, seen in found), strict=True))

    def advance(self, state: States, label: int) -> States:
        """The state once the label is written."""
        return tuple(member.advance(own, label) for member, own in zip(self.members, state, strict=True))


class Ensemble(System):
    """A system for decoding alone: greedy, beam and search go through the mean of its members' probabilities.

    It is made of trained systems and has no settings of its own, so that it is neither trained nor exported.
    """

    def __init__(self, members: Sequence[System], names: Sequence[str]) -> None:
        """Takes the systems and what to call them.

        Raises:
            UserError: two of them read or write other tokens.
        """
        super().__init__(members[0].vocabularies)
        self.reading = members[0].reading
        self.members = nn.ModuleList(members)
        for other, name in zip(members[1:], names[1:], strict=True):
            problem = _difference(members[0], other)
            if problem:
                raise UserError(
                    f"{names[0]} and {name} have other {problem}; models that answer together have learned from the "
                    "same vocabularies and read tasks in the same way"
                )

    @torch.no_grad()
    def stepper(self, texts: Texts) -> EnsembleStepper:
        return EnsembleStepper([member.stepper(texts) for member in self._systems()])

    @torch.no_grad()
    def answer(self, texts: Texts) -> list[Prediction]:
        """Greedy decoding of B texts, node by node in pre-order.

        A program of more than ``MAX_SIZE`` nodes, or one that the language does not have, is none.
        """
        stepper, labels = self.stepper(texts), [split_label(label) for label in self.vocabularies.labels]
        states = dict(enumerate(stepper.start()))
        lines: list[list[int]] = [[] for _ in states]
        to_come, total = [1] * len(lines), [0.0] * len(lines)
        for _ in range(MAX_SIZE):
            rows = list(states)
            scores, seen = stepper.step(list(states.values()))
            best = scores[:, 2:].argmax(axis=1) + 2  # PAD and UNKNOWN are never written
            for place, (row, label) in enumerate(zip(rows, best.tolist(), strict=True)):
                lines[row].append(label)
                total[row] += float(scores[place, label])
                to_come[row] += labels[label][1] - 1
                if to_come[row]:
                    states[row] = stepper.advance(seen[place], label)
                else:
                    del states[row]
            if not states:
                break
        unfinished = f"the program is not over after {MAX_SIZE} nodes"
        return [
            Prediction(None, logs, unfinished) if waiting else prediction_of([labels[n] for n in line], logs)
            for line, waiting, logs in zip(lines, to_come, total, strict=True)
        ]

    @torch.no_grad()
    def teacher_forced(self, texts: Texts, trees: Sequence[TreeArrays]) -> list[TeacherForced] | None:
        """The mean of the members' probabilities, and of their attention where all have one."""
        found = [member.teacher_forced(texts, trees) for member in self._systems()]
        told = [one for one in found if one is not None]
        return [_mean(parts) for parts in zip(*told, strict=True)] if len(told) == len(found) else None

    def _systems(self) -> list[System]:
        return [member for member in self.members if isinstance(member, System)]


def load_models(folders: Sequence[Path]) -> System:
    """The system of an exported model; of several, their ensemble.

    Raises:
        UserError: a folder holds no whole model, or they do not go together.
    """
    systems = [load_model(folder) for folder in folders]
    return systems[0] if len(systems) == 1 else Ensemble(systems, [str(folder) for folder in folders]).eval()


def _difference(one: System, other: System) -> str:
    """What keeps two systems from answering together; empty where nothing does."""
    for name, ours, theirs in zip(("words", "labels"), one.vocabularies, other.vocabularies, strict=True):
        if ours.symbols != theirs.symbols:
            differing = set(ours.symbols) ^ set(theirs.symbols)
            return f"{name} ({len(differing)} of them are in only one)" if differing else f"orders of {name}"
    return "readings of a task" if one.reading != other.reading else ""


def _mean(parts: Sequence[TeacherForced]) -> TeacherForced:
    logs = torch.stack([part.log_probabilities.double() for part in parts])  # (M, n)
    weights: list[Tensor] = [part.attention.double() for part in parts if part.attention is not None]
    attention = torch.stack(weights).mean(dim=0) if len(weights) == len(parts) else None
    return TeacherForced(logs.logsumexp(dim=0) - np.log(len(parts)), attention)
