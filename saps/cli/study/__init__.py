"""`saps study`: what systems have learned, each study by one command."""

import argparse

from saps.cli.nested import add_commands, run_chosen

COMMANDS = {
    "perturbation": "the same tasks said otherwise: typos, dropped words, synonyms, other names, other wordings",
    "search": "what examples, constraints and programs visited are each worth",
    "data": "accuracy against the number of different tasks that a system learns from",
    "compositional": "pairs of templates, depths, roots and uses that a system never learned from",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the commands below `saps study`."""
    add_commands(parser, __name__, COMMANDS)


def run(args: argparse.Namespace) -> int:
    """Runs the chosen command; 0 when all went well."""
    return run_chosen(args)
