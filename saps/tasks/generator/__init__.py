"""The generator: whole tasks out of templates, the same for the same seed."""

from saps.tasks.generator.loading import load_library, shipped_library
from saps.tasks.generator.tasks import generate
from saps.tasks.generator.templates import Library

__all__ = ["Library", "generate", "load_library", "shipped_library"]
