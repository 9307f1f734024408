"""The generator: whole tasks out of templates, the same for the same seed."""

from saps.tasks.generator.loading import extended_library, load_library, shipped_library
from saps.tasks.generator.switches import Switches
from saps.tasks.generator.tasks import generate
from saps.tasks.generator.templates import Library

__all__ = ["Library", "Switches", "extended_library", "generate", "load_library", "shipped_library"]
