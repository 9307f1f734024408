"""Open the web page on which a person asks a trained model; Ctrl-C ends it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from saps.cli.own_system import admit_systems
from saps.cli.settings import Port, flag, read_settings


@dataclass(frozen=True, slots=True)
class Serving:
    """What ``saps serve`` takes."""

    model: Path | None = flag(None, metavar="RUN_OR_FOLDER")
    """A run or an exported model, or `latest`, the newest in runs/; by default the one that comes with saps."""
    system: tuple[str, ...] = flag((), metavar="MODULE.CLASS")
    """A system that is not part of saps and that the model may be; its code is run. May be repeated."""
    host: str = "127.0.0.1"
    """Address to listen on; 127.0.0.1 is this machine alone."""
    port: Port = 8080
    """Port to listen on; 0 takes any free one."""


def parse_arguments(argv: Sequence[str]) -> Serving:
    """Reads the command line.

    Raises:
        UserError: it is wrong.
    """
    return read_settings("serve", __doc__, Serving, argv)


def run(serving: Serving) -> int:
    """Serves until Ctrl-C."""
    # torch takes a second to import: only once the flags are known to be in order
    from saps.playground.chooser import Chooser
    from saps.playground.server import PlaygroundServer
    from saps.synthesis.chosen_model import chosen_model

    admit_systems(serving.system)
    model = chosen_model(serving.model)
    with PlaygroundServer(serving.host, serving.port, Chooser(model, tell=_warn)) as server:
        print(f"model {model} answers at {server.url} (Ctrl-C ends it)", flush=True)
        if not server.is_local:
            _warn("other machines can reach it; it has no passwords")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("saps: stopped", file=sys.stderr)
    return 0


def _warn(line: str) -> None:
    print(f"saps: warning: {line}", file=sys.stderr, flush=True)
