"""Generated tasks beside real ones: how near the one come to the other."""

from saps.generator.realism.comparison import Comparison, compare
from saps.generator.realism.coverage import Coverage, Missing
from saps.generator.realism.derivability import Derivability
from saps.generator.realism.profile import Profile
from saps.generator.realism.untested import read_untested

__all__ = ["Comparison", "Coverage", "Derivability", "Missing", "Profile", "compare", "read_untested"]
