"""The interface between search and a model.

A search grows programs in pre-order: every hypothesis is a program whose first hole is the next to be labelled. What
the model remembers of a hypothesis is its *state*, which search only keeps and hands back. One round of a search:

    states = model.start()                              # one state a sentence: the empty program
    log_probabilities, seen = model.step(states)        # the network, once for all K open hypotheses
    states = [model.advance(seen[k], label) for ...]    # bookkeeping for the extensions that were kept

So a tree decoder puts into a state what its next node depends on (a linked stack of holes with the vectors of parent
and previous sibling), computes the cell of that node for all K states in ``step``, gives back the states together with
what it computed, and in ``advance`` only pushes the chosen label and its children. A sequence decoder keeps its one
recurrent vector. States are shared by hypotheses with a common beginning, hence never changed in place.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

MAX_SIZE = 200  # nodes of a program; the largest of the AlgoLisp data has 177
MAX_DEPTH = 24  # levels; the deepest has 19

State = TypeVar("State")

Label = tuple[str, int]
"""Name and arity of a node."""

LogProbabilities = npt.NDArray[np.floating]
"""Shape (K, V): K hypotheses, V labels."""

Mask = npt.NDArray[np.bool_]
"""Shape (V,): which labels are allowed."""


class Step(Protocol[State]):
    """A model as search sees it: log-probabilities of the label at the first hole."""

    def start(self) -> Sequence[State]:
        """The state of the empty program, for each of the sentences that are searched together."""

    def step(self, states: Sequence[State]) -> tuple[LogProbabilities, Sequence[State]]:
        """Looks at the first hole (in pre-order) of K hypotheses, of any sentences and any sizes.

        Returns:
            the log-probabilities (K, V) of its label in the order of the labels given to the search, ``-inf`` for what
            the model excludes; and K states that ``advance`` takes, holding whatever was computed here.
        """

    def advance(self, state: State, label: int) -> State:
        """The state after the node that ``step`` looked at got the label with this number.

        ``state`` is one that ``step`` gave back. It may be advanced with several labels, each giving a state of its
        own. Never called for a label that completes the program.
        """
