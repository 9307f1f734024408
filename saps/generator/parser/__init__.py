"""The templates as a grammar: from a program, or from a text, to the ways in which templates compose to it.

Texts are parsed by a chart parser (``chart.py`` names its sources), programs by matching patterns.
"""

from saps.generator.parser.derivations import Derivation
from saps.generator.parser.missing import missing_parts
from saps.generator.parser.program_parser import ProgramParser
from saps.generator.parser.text_parser import Parse, ParsedText, TextParser

__all__ = ["Derivation", "Parse", "ParsedText", "ProgramParser", "TextParser", "missing_parts"]
