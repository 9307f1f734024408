"""One plain torch module per system over one small base class, and exported models."""

from saps.models.io2seq import IO2Seq
from saps.models.saps import SAPS
from saps.models.saps_transformer import SAPSTransformer
from saps.models.search_alone import SearchAlone
from saps.models.seq2seq import Seq2Seq
from saps.models.seq2tree import Seq2Tree
from saps.models.system import Loss, Prediction, System
from saps.models.transformer import Transformer
from saps.models.tree_autoencoder import TreeAutoencoder

__all__ = [
    "SAPS",
    "IO2Seq",
    "Loss",
    "Prediction",
    "SAPSTransformer",
    "SearchAlone",
    "Seq2Seq",
    "Seq2Tree",
    "System",
    "Transformer",
    "TreeAutoencoder",
]
