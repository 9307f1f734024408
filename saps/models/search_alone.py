"""Search alone: no text, only how often a label stands under which parent and after which sibling."""

import torch

from saps.batches.collate import Texts
from saps.models.optimization import OptimizerSettings
from saps.models.tree_system import TreeSystem
from saps.nn.label_table import LabelTable
from saps.nn.text_encoder import Encoded
from saps.nn.tree_growth import GrowthLimits
from saps.search.constraints import MAX_DEPTH, MAX_SIZE
from saps.tasks.query import END, Query, Reading
from saps.tasks.vocabulary import Vocabularies


def _nothing(query: Query) -> tuple[str, ...]:
    return (END,)


class SearchAlone(TreeSystem):
    """A floor for the table (Polosukhin and Skidanov, 2018): whatever it solves is owed to the examples.

    It reads nothing of a task; its greedy answer is the same for all. Untrained, it is search by uniform chance.
    """

    reading = Reading(_nothing, reads_text=False, alphabet=(END,))

    def __init__(
        self,
        vocabularies: Vocabularies,
        max_nodes: int = MAX_SIZE,
        max_depth: int = MAX_DEPTH,
        optimizer: OptimizerSettings | None = None,
    ) -> None:
        """Builds the table.

        Args:
            vocabularies: the labels it writes.
            max_nodes: nodes of the largest tree that decoding grows.
            max_depth: levels of the deepest tree that decoding grows.
            optimizer: how the table is learned.
        """
        super().__init__(vocabularies, GrowthLimits(max_nodes, max_depth), optimizer)
        self.network = LabelTable(len(vocabularies.labels))

    def encode(self, texts: Texts) -> Encoded:
        """As ``TreeSystem.encode``: vectors of width 0."""
        memory = torch.zeros(*texts.words.shape, 0, device=texts.words.device)  # (B, S, 0)
        return Encoded(memory, texts.words > 0, memory[:, 0])
