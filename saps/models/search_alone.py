"""Search alone: no text, only how often a label stands under which parent and after which sibling."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.models.tree_system import TreeSystem
from saps.nn.attention import Memory
from saps.nn.greedy import TreeLimits
from saps.nn.schedule import Nodes, Schedule, TreeArrays, schedule_of
from saps.nn.text_encoder import Encoded, Texts
from saps.search.step import MAX_DEPTH, MAX_SIZE
from saps.tasks.query import END, Query, Reading
from saps.tasks.vocabulary import Vocabularies


def _nothing(query: Query) -> tuple[str, ...]:
    return (END,)


class SearchAlone(TreeSystem):
    """A floor for the table (Polosukhin and Skidanov, 2018): whatever it solves is owed to the examples.

    It reads nothing of a task; its greedy answer is the same for all. The score of a label is the row of the parent's
    label plus that of the previous sibling's. Untrained, all labels are equally probable, and it is search by chance.
    """

    reading = Reading(_nothing, reads_text=False, alphabet=(END,))

    def __init__(
        self,
        vocabularies: Vocabularies,
        canonical: bool = False,
        max_nodes: int = MAX_SIZE,
        max_depth: int = MAX_DEPTH,
    ) -> None:
        """Builds the table.

        Args:
            vocabularies: the labels it writes.
            canonical: arguments are named by their place, so that they may be called anything.
            max_nodes: nodes of the largest tree that decoding grows.
            max_depth: levels of the deepest tree that decoding grows.
        """
        super().__init__(vocabularies, TreeLimits(max_nodes, max_depth))
        self.reading = replace(self.reading, canonical=canonical)
        labels = len(vocabularies.labels)
        self.of_parent = nn.Parameter(torch.zeros(labels + 1, labels))  # the last row is that of START
        self.of_sibling = nn.Parameter(torch.zeros(labels + 1, labels))

    def encode(self, texts: Texts) -> Encoded:
        """Vectors of width 0."""
        memory = torch.zeros(*texts.words.shape, 0, device=texts.words.device)  # (B, S, 0)
        return Encoded(memory, texts.words > 0, memory[:, 0])

    def schedule(self, trees: Sequence[TreeArrays]) -> Schedule:
        return schedule_of(trees)

    def scores(self, encoded: Encoded, schedule: Schedule) -> Tensor:
        return self._scores(schedule.parent_label, schedule.sibling_label)

    def start(self, encoded: Encoded) -> tuple[Memory, Tensor]:
        return Memory(encoded.memory, encoded.memory, encoded.mask, encoded.latent), encoded.latent

    def step(self, before: Tensor, nodes: Nodes, memory: Memory) -> tuple[Tensor, Tensor]:
        """Nothing is handed on but labels: rows are (R, 0)."""
        return self._scores(nodes.parent_label, nodes.sibling_label), before.new_zeros(len(nodes.tree), 0)

    def _scores(self, parent_label: Tensor, sibling_label: Tensor) -> Tensor:
        """Labels (R,), START being -1 -> scores (R, V)."""
        rows = len(self.of_parent)
        of_parent = F.embedding(parent_label % rows, self.of_parent)
        return (of_parent + F.embedding(sibling_label % rows, self.of_sibling)).float()
