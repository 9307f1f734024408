"""Templates read backwards: from a program, or from a text, to the ways in which templates compose to it."""

from saps.tasks.generator.reading.derivation import Derivation
from saps.tasks.generator.reading.missing import missing_parts
from saps.tasks.generator.reading.programs import ProgramReader
from saps.tasks.generator.reading.texts import Reading, TextReader, TextReading

__all__ = ["Derivation", "ProgramReader", "Reading", "TextReader", "TextReading", "missing_parts"]
