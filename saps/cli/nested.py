"""Commands below a command, as ``saps data info``: one file each, imported only when it is called."""

import argparse
import importlib
from collections.abc import Mapping, Sequence
from typing import Any


def add_commands(parser: argparse.ArgumentParser, package: str, commands: Mapping[str, str]) -> None:
    """Adds commands, name -> what it does, that are modules of a package; each adds its flags when it is chosen."""
    nested = parser.add_subparsers(
        dest="nested_command", metavar="COMMAND", required=True, parser_class=_late(type(parser))
    )
    for name, about in commands.items():
        nested.add_parser(name, help=about).set_defaults(nested_module=f"{package}.{name}")


def run_chosen(args: argparse.Namespace) -> int:
    """Runs the chosen command; 0 when all went well."""
    return int(importlib.import_module(args.nested_module).run(getattr(args, "settings", args)))


def _late(parser_class: type[argparse.ArgumentParser]) -> type[argparse.ArgumentParser]:
    """A parser that imports its command when it parses, not when it is made."""

    class Late(parser_class):  # type: ignore[valid-type, misc]
        def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:
            name = self.get_default("nested_module")
            module = importlib.import_module(name)
            if hasattr(module, "parse_arguments"):
                return argparse.Namespace(nested_module=name, settings=module.parse_arguments(args or ())), []
            self.description = module.__doc__
            module.add_arguments(self)
            return super().parse_known_args(args, namespace)

    return Late
