"""Hypotheses: programs with holes, grown in pre-order, that share everything they have in common."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from saps.lang.trees import Tree, tree_from_labels
from saps.search.grammar import HoleGroup
from saps.search.step import Label


@dataclass(frozen=True, slots=True)
class Candidate:
    """A complete program and the logarithm (base e) of the probability that the model gives it."""

    program: Tree
    log_probability: float


class HoleStack(NamedTuple):
    """The holes of a hypothesis in groups; the first hole in pre-order is the first of the group on top."""

    group: HoleGroup
    levels: int  # that a tree at its first hole may have
    reserved: int  # nodes that fill everything below, at least
    below: "HoleStack | None"


_Labels: TypeAlias = "tuple[Label, _Labels] | None"  # the last label given, and those before it


class Hypothesis(NamedTuple):
    """A program of which the first ``size`` nodes in pre-order are known and the others are holes.

    Immutable; ``Constraints.extend`` makes a new one in time O(arity), whatever the size, and shares the rest.
    """

    size: int
    holes: HoleStack | None
    last: _Labels = None
    log_probability: float = 0.0
    """Base e; 0 where no model is asked."""

    @property
    def complete(self) -> bool:
        """No hole is left."""
        return self.holes is None

    def labels(self) -> list[Label]:
        """The labels given so far, in pre-order."""
        found, rest = [], self.last
        while rest is not None:
            label, rest = rest
            found.append(label)
        return found[::-1]

    def to_tree(self) -> Tree:
        """The program as a tree.

        Raises:
            ValueError: it has holes.
        """
        if not self.complete:
            raise ValueError("the program is not complete: it has holes")
        return tree_from_labels(self.labels())

    def to_candidate(self) -> Candidate:
        """The complete program with its log-probability."""
        return Candidate(self.to_tree(), self.log_probability)
