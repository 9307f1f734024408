"""What grows trees: from a latent vector and the words of a text to the scores of every node's label.

All systems with a tree decoder speak through this interface, so teacher forcing, free growing and search are written
once. Letters: R nodes of a wave or of a batch, Q rows of the wave before, B trees, V labels.
"""

from typing import NamedTuple, Protocol, TypeAlias

from torch import Tensor, nn

from saps.nn.attention import Memory
from saps.nn.readout import LabelReadout
from saps.nn.tree_decoder import TreeDecoder, Wave, WavePlan


class TreePlan(WavePlan, Protocol):
    """What a network reads of the plan of a batch of trees; ``saps.batches.plan.Plan`` explains each."""

    @property
    def slot(self) -> Tensor: ...  # (R,)
    @property
    def nodes(self) -> int: ...


class Nodes(NamedTuple):
    """R nodes that get their labels in one step, and what they hang on: first the first children, then the others."""

    firsts: int  # how many are first children or roots
    tree: Tensor  # (R,) which text of the batch each belongs to
    parent_label: Tensor  # (R,) START (-1) for a root
    sibling_label: Tensor  # (R,) START for a first child
    source: Tensor  # (R,) row of the parent (first child) or previous sibling in the wave before


Tables: TypeAlias = tuple[Tensor, ...]
"""What depends on the weights alone and is computed once for many steps."""


class TreeNetwork(nn.Module):
    """A tree decoder with its readout. The rows of its waves are its own affair: others only select and stack them."""

    def prepare(self, values: Tensor, mask: Tensor) -> Memory | None:
        """The words of B texts (B, S, M), mask (B, S), made ready for attention; None where nothing attends."""
        raise NotImplementedError(f"{type(self).__name__} must define prepare")

    def tables(self) -> Tables:
        """What ``step`` wants to have computed once."""
        raise NotImplementedError(f"{type(self).__name__} must define tables")

    def start(self, latent: Tensor) -> Wave:
        """latent (B, Z) -> the wave before the roots, one row a tree."""
        raise NotImplementedError(f"{type(self).__name__} must define start")

    def step(self, tables: Tables, before: Wave, nodes: Nodes, memory: Memory | None) -> tuple[Tensor, Wave]:
        """One wave from the wave before it: the scores (R, V) of its labels in fp32, and the wave itself."""
        raise NotImplementedError(f"{type(self).__name__} must define step")

    def forward(self, latent: Tensor, plan: TreePlan, memory: Memory | None) -> Tensor:
        """Teacher forcing: latent (B, Z) and the plan of the true trees -> the scores (R, V) of all their labels."""
        raise NotImplementedError(f"{type(self).__name__} must define forward")


class DoublyRecurrent(TreeNetwork):
    """The decoder of SAPS: a vertical and a horizontal recurrence, and attention at the readout.

    In the form ``fed`` attention is part of the recurrence; in all others it is done for all nodes at once.
    """

    def __init__(self, decoder: TreeDecoder, readout: LabelReadout) -> None:
        super().__init__()
        self.decoder, self.readout = decoder, readout

    def prepare(self, values: Tensor, mask: Tensor) -> Memory | None:
        """As ``TreeNetwork.prepare``."""
        return self.readout.prepare(values, mask)

    def tables(self) -> Tables:
        """As ``TreeNetwork.tables``."""
        return self.decoder.tables()

    def start(self, latent: Tensor) -> Wave:
        """As ``TreeNetwork.start``."""
        return self.decoder.start(latent)

    def step(self, tables: Tables, before: Wave, nodes: Nodes, memory: Memory | None) -> tuple[Tensor, Wave]:
        """As ``TreeNetwork.step``."""

        def attend(states: Tensor, tree: Tensor) -> Tensor:
            return self.readout.attend_rows(states, tree, memory)

        is_fed = self.decoder.passed_down == "fed"
        hang = (nodes.firsts, nodes.source, nodes.tree, nodes.parent_label, nodes.sibling_label)
        states, wave = self.decoder.step(tables, before, *hang, attend if is_fed else None)
        return self.readout(states if is_fed else attend(states, nodes.tree)), wave

    def forward(self, latent: Tensor, plan: TreePlan, memory: Memory | None) -> Tensor:
        """As ``TreeNetwork.forward``: the output layer and attention see all nodes of the batch in one product."""
        if self.decoder.passed_down == "fed":
            states = self.decoder(latent, plan, lambda states, tree: self.readout.attend_rows(states, tree, memory))
            return self.readout(states)
        states = self.decoder(latent, plan)
        return self.readout(self.readout.attend(states, memory, plan.slot, plan.nodes))
