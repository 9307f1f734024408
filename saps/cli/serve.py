"""Open the web page on which a person asks a trained model; Ctrl-C ends it."""

import argparse
import sys
from pathlib import Path

from saps.cli.own_system import add_system_flag, admit_systems
from saps.errors import UserError
from saps.synthesis.newest_model import newest_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the model and the address."""
    parser.add_argument(
        "--model", type=Path, metavar="RUN_OR_FOLDER", help="a run or an exported model; by default the newest in runs/"
    )
    add_system_flag(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine alone)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on (8080); 0 takes any free one")


def run(args: argparse.Namespace) -> int:
    """Serves until Ctrl-C."""
    if not 0 <= args.port <= 65535:
        raise UserError(f"--port {args.port}: a port is a number from 0 to 65535")
    model = args.model or newest_model()
    # torch takes a second to import: only once the flags are known to be in order
    from saps.playground.server import PlaygroundServer
    from saps.playground.service import Service

    admit_systems(args)
    with PlaygroundServer(args.host, args.port, Service.load(model)) as server:
        print(f"model {model} answers at {server.url} (Ctrl-C ends it)", flush=True)
        if not server.is_local:
            print("saps: warning: other machines can reach it; it has no passwords", file=sys.stderr, flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("saps: stopped", file=sys.stderr)
    return 0
