"""`saps data`: look at files of tasks, divide, fetch, generate, compare and explain them."""

import argparse

from saps.cli.data import compare, explain, fetch, generate, info, split

# One file a command, each with HELP (one line), add_arguments(parser) and run(args) -> int.
COMMANDS = {
    "info": info,
    "split": split,
    "fetch": fetch,
    "generate": generate,
    "compare": compare,
    "explain": explain,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the commands below `saps data` and their flags."""
    commands = parser.add_subparsers(dest="data_command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        command.add_arguments(commands.add_parser(name, help=command.HELP, description=command.__doc__))


def run(args: argparse.Namespace) -> int:
    """Runs the chosen command; 0 when all went well."""
    return COMMANDS[args.data_command].run(args)
