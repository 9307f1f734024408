"""The generator: whole tasks out of templates, the same for the same seed."""

from saps.generator.loading import extended_library, load_library, shipped_library
from saps.generator.streams import generate
from saps.generator.switches import Switches
from saps.generator.templates import Library

__all__ = ["Library", "Switches", "extended_library", "generate", "load_library", "shipped_library"]
