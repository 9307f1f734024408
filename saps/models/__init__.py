"""One Lightning module a system, over one small base class; exported models and the Synthesizer."""

from saps.models.base import System
from saps.models.optimization import OptimizerSettings
from saps.models.saps import SAPS

__all__ = ["SAPS", "OptimizerSettings", "System"]
