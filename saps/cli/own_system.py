"""The flag by which a user lets a model of his own class be loaded."""

import argparse


def add_system_flag(parser: argparse.ArgumentParser) -> None:
    """Adds ``--system``."""
    parser.add_argument(
        "--system",
        action="append",
        default=[],
        metavar="MODULE.CLASS",
        help="a system that is not part of saps and that the model may be; its code is run",
    )


def admit_systems(args: argparse.Namespace) -> None:
    """Imports what ``--system`` names, so that models of these classes can be loaded.

    Raises:
        UserError: it cannot be imported, or is no system.
    """
    if args.system:
        from saps.models.registry import admit_path  # torch is slow to import

        for path in args.system:
            admit_path(path)
