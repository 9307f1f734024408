"""A network that knows no text: how probable a label is under which parent, and after which sibling."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.nn.attention import Memory
from saps.nn.tree_decoder import Wave
from saps.nn.tree_network import Nodes, Tables, TreeNetwork, TreePlan


class LabelTable(TreeNetwork):
    """Scores of a label = row of the parent's label + row of the previous sibling's; START has rows of its own.

    Untrained, all labels are equally probable; trained, it tells how often a label stands where.
    """

    def __init__(self, labels: int) -> None:
        """Takes V."""
        super().__init__()
        self.of_parent = nn.Parameter(torch.zeros(labels + 1, labels))  # the last row is that of START
        self.of_sibling = nn.Parameter(torch.zeros(labels + 1, labels))

    def prepare(self, values: Tensor, mask: Tensor) -> Memory | None:
        """As ``TreeNetwork.prepare``: nothing attends."""
        return None

    def tables(self) -> Tables:
        """As ``TreeNetwork.tables``: there is nothing to compute."""
        return ()

    def start(self, latent: Tensor) -> Wave:
        """latent (B, Z) -> rows of width 0: nothing is passed down but labels."""
        empty = latent[:, :0]
        return Wave(empty, empty, empty, empty)

    def step(self, tables: Tables, before: Wave, nodes: Nodes, memory: Memory | None) -> tuple[Tensor, Wave]:
        """As ``TreeNetwork.step``."""
        empty = before.vertical.new_zeros(len(nodes.tree), 0)
        return self._scores(nodes.parent_label, nodes.sibling_label), Wave(empty, empty, empty, empty)

    def forward(self, latent: Tensor, plan: TreePlan, memory: Memory | None) -> Tensor:
        """As ``TreeNetwork.forward``."""
        return self._scores(plan.parent_label, plan.sibling_label)

    def _scores(self, parent_label: Tensor, sibling_label: Tensor) -> Tensor:
        """Labels (R,), START being -1 -> scores (R, V)."""
        rows = len(self.of_parent)
        pairs = ((parent_label, self.of_parent), (sibling_label, self.of_sibling))
        of_parent, of_sibling = (F.embedding(label % rows, table) for label, table in pairs)
        return (of_parent + of_sibling).float()
