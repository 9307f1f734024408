"""One Lightning module a system, over one small base class; exported models and the Synthesizer."""

from saps.models.base import Answer, Losses, System
from saps.models.io2seq import IO2Seq
from saps.models.optimization import OptimizerSettings
from saps.models.saps import SAPS
from saps.models.search_alone import SearchAlone
from saps.models.seq2seq import Seq2Seq
from saps.models.seq2tree import Seq2Tree
from saps.models.tree_autoencoder import TreeAutoencoder

__all__ = [
    "SAPS",
    "Answer",
    "IO2Seq",
    "Losses",
    "OptimizerSettings",
    "SearchAlone",
    "Seq2Seq",
    "Seq2Tree",
    "System",
    "TreeAutoencoder",
]
