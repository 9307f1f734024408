"""Templates read backwards: from a program, or from a text, to the ways in which templates compose to it."""

from saps.generator.parser.derivation import Derivation
from saps.generator.parser.missing import missing_parts
from saps.generator.parser.programs import ProgramReader
from saps.generator.parser.texts import Reading, TextReader, TextReading

__all__ = ["Derivation", "ProgramReader", "Reading", "TextReader", "TextReading", "missing_parts"]
