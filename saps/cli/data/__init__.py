"""`saps data`: look at files of tasks, divide, fetch, join, generate, compare and explain them."""

import argparse
import importlib
from collections.abc import Sequence
from typing import Any

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
    commands = parser.add_subparsers(
        dest="data_command", metavar="COMMAND", required=True, parser_class=_late(type(parser))
    )
    for name, about in COMMANDS.items():
        commands.add_parser(name, help=about).set_defaults(data_module=f"{__name__}.{name}")


def run(args: argparse.Namespace) -> int:
    """Runs the chosen command; 0 when all went well."""
    return int(importlib.import_module(args.data_module).run(getattr(args, "settings", args)))


def _late(parser_class: type[argparse.ArgumentParser]) -> type[argparse.ArgumentParser]:
    """A parser that imports its command when it parses, not when it is made."""

    class Late(parser_class):  # type: ignore[valid-type, misc]
        def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:
            name = self.get_default("data_module")
            module = importlib.import_module(name)
            if hasattr(module, "parse_arguments"):
                return argparse.Namespace(data_module=name, settings=module.parse_arguments(args or ())), []
            self.description = module.__doc__
            module.add_arguments(self)
            return super().parse_known_args(args, namespace)

    return Late
