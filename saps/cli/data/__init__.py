"""`saps data`: look at files of tasks, divide, fetch, join, generate, compare and explain them."""

import argparse

from saps.cli.nested import add_commands, run_chosen

# One file per command, like those of saps.cli; imported only when it is called.
COMMANDS = {
    "info": "print the figures of a file of tasks",
    "split": "divide a file so that no program stands on both sides",
    "fetch": "download a published split or benchmark",
    "join": "make tasks of a fetched benchmark",
    "generate": "make new tasks",
    "compare": "set generated tasks beside real ones, and list what is missing",
    "export": "write tasks for other toolkits",
    "explain": "show which templates and wordings a task is made of",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the commands below `saps data`; each adds its flags when it is the chosen one."""
    add_commands(parser, __name__, COMMANDS)


def run(args: argparse.Namespace) -> int:
    """Runs the chosen command; 0 when all went well."""
    return run_chosen(args)
