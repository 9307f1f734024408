"""The command line: one file a command.

A command's module has ``add_arguments(parser)`` and ``run(args) -> int`` (the exit code), and is imported only when
it is called, so that ``saps run`` does not wait for torch.
"""

import argparse
import errno
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from saps import __version__
from saps.errors import UserError

COMMANDS = {
    "train": ("saps.cli.train", "train a system as a YAML file says"),
    "evaluate": ("saps.cli.evaluate", "judge a model, or the predictions of any system, on a file of tasks"),
    "plot": ("saps.cli.plot", "draw the curves of one or many runs"),
    "compare": ("saps.cli.compare", "train and judge many systems under equal budgets, and write one table"),
    "sweep": ("saps.cli.sweep", "search over settings of trainings, with any number of processes and machines"),
    "synthesize": ("saps.cli.synthesize", "ask a trained model for a program in words"),
    "export": ("saps.cli.export", "write a trained model in half precision with a card, to be given to others"),
    "run": ("saps.cli.run_command", "run an AlgoLisp program on inputs"),
    "check": ("saps.cli.check", "parse and type programs"),
    "repl": ("saps.cli.repl", "type programs and see at once what they give"),
    "data": ("saps.cli.data", "inspect, divide, fetch and generate files of tasks"),
    "serve": ("saps.cli.serve", "open the web page on which a person asks a trained model"),
    "bench": ("saps.cli.bench", "measure this machine: training, decoding, search and interpreter beside plain ones"),
    "demo": ("saps.cli.demo", "watch a recurrent cell learn to add bits, to add decimals, or to write names"),
    "study": ("saps.cli.study", "measure what systems have learned: perturbed sentences, search, data, composition"),
    "quickstart": ("saps.cli.quickstart", "ask the model that comes with saps, train a small SAPS, compare the two"),
}


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


_SHOWN = 60  # characters of a name

_OBJECTS = 50_000
"""New objects after which Python looks for cycles. By default it does so after 700, and goes through all that torch's
import makes several times: a sixth of the time to the first answer."""


class _Parser(argparse.ArgumentParser):
    """Usage errors in the one line that every other mistake gets."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise UserError(f"{message}; see '{self.prog} --help'")


def _usage() -> str:
    lines = [f"  {name:<12}{about}" for name, (_, about) in COMMANDS.items()]
    return "\n".join(["usage: saps COMMAND ...", "", "commands:", *lines, "", "saps COMMAND --help tells the rest"])


def _run(argv: Sequence[str]) -> int:
    if not argv or argv[0] in ("-h", "--help"):
        print(_usage())
        return 0 if argv else 2
    if argv[0] == "--version":
        print(f"saps {__version__}")
        return 0
    if argv[0] not in COMMANDS:
        raise UserError(f"there is no command {argv[0]!r}; there are: {', '.join(COMMANDS)}")
    gc.set_threshold(_OBJECTS, 20, 20)
    module = importlib.import_module(COMMANDS[argv[0]][0])
    return int(module.run(_parse(module, argv)))


def _parse(module: ModuleType, argv: Sequence[str]) -> object:
    """A command parses by argparse, unless it brings ``parse_arguments`` for a parser of its own."""
    if hasattr(module, "parse_arguments"):
        return module.parse_arguments(argv[1:])
    parser = _Parser(prog=f"saps {argv[0]}", description=module.__doc__, allow_abbrev=False)
    module.add_arguments(parser)
    return parser.parse_args(argv[1:])


def _flag(setting: str) -> str:
    """The flag of a setting, as it stands behind a message; those of ``saps train`` have sections and underscores."""
    name = setting if "." in setting else setting.replace("_", "-")
    return f" (--{name})" if name else ""


def main(argv: Sequence[str] | None = None) -> int:
    """The console script ``saps``: 0 done, 1 the program asked for fails, 2 a mistake of the user, 130 Ctrl-C."""
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
        return code
    except UserError as error:
        print(f"saps: error: {' '.join(str(error).splitlines())}{_flag(error.setting)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("saps: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of a pipe went away, as `head` does
        _drop_output()
        return 1
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            name = _cut(str(error.filename))
            print(f"saps: error: {name}: too long for the name of a file or folder; shorten it", file=sys.stderr)
            return 2
        if error.filename is not None or error.errno not in _FULL:
            raise
        _drop_output()
        print(f"saps: error: the output cannot be written ({error.strerror}); make room for it", file=sys.stderr)
        return 2


def _cut(name: str) -> str:
    """A name of a file as a message repeats it: of a long one its beginning."""
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."


def _drop_output() -> None:
    """Lets what is still to be printed go nowhere, so that Python does not try again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
