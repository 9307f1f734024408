"""saps: neural program synthesis from natural language.

A sentence, and optionally input/output examples, becomes an AlgoLisp program that runs.
"""

__version__ = "0.1.0"
