"""Watch a recurrent cell learn something small in about a minute: to add bits, to add decimals, or to write names."""

import argparse
import importlib
import time

from saps.errors import check_range

DEMONSTRATIONS = {
    "binary-addition": "saps.demonstrations.binary_addition",
    "decimal-addition": "saps.demonstrations.decimal_addition",
    "names": "saps.demonstrations.names",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps demo``."""
    from saps.demonstrations.cells import CELLS

    parser.add_argument("name", choices=DEMONSTRATIONS, help="what is learned")
    parser.add_argument("--cell", choices=CELLS, default="lstm", help="the recurrent cell; by default lstm")
    parser.add_argument("--seed", type=int, default=1, help="fixes the weights at the start, and all draws")
    parser.add_argument("--steps", type=int, help="of the optimiser; each demonstration has its own number")


def run(args: argparse.Namespace) -> int:
    """Learns, and prints how it goes and the figures at the end."""
    import torch

    check_range("--seed", args.seed, 0, 2**62)
    demonstration = importlib.import_module(DEMONSTRATIONS[args.name])
    steps = demonstration.STEPS if args.steps is None else args.steps
    check_range("--steps", steps, 1)
    torch.set_num_threads(1)  # so small a network is slower on several
    started = time.perf_counter()
    figures = demonstration.demonstrate(args.cell, args.seed, steps, lambda line: print(line, flush=True))
    for name, value in figures.items():
        print(f"{name}: {value:.2f}")
    print(f"{args.cell} cell, seed {args.seed}, {steps} steps, {time.perf_counter() - started:.0f} s")
    return 0
