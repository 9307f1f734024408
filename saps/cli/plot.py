"""Draw the curves of one or many runs, finished or not, as one image."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from saps.cli.settings import flag, read_settings
from saps.tasks.atomic import check_image, check_outputs
from saps.training.curves import SHOWN, plot_runs, read_runs
from saps.training.run_folder import METRICS


@dataclass(frozen=True, slots=True)
class Plotting:
    """What ``saps plot`` takes."""

    runs: tuple[Path, ...] = flag(positional=True, nargs="+", metavar="RUN")
    """Folders of runs."""
    output: Path = Path("curves.png")
    """The image to write: .png, .svg or .pdf."""
    metric: tuple[str, ...] = flag((), metavar="COLUMN")
    """A column of metrics.csv to draw; may be repeated. By default the losses and exact match."""
    x: Literal["step", "seconds", "epoch"] = "step"
    """What the curves are drawn over."""


def parse_arguments(argv: Sequence[str]) -> Plotting:
    """Reads the command line.

    Raises:
        UserError: it is wrong.
    """
    return read_settings("plot", __doc__, Plotting, argv)


def run(plotting: Plotting) -> int:
    """Draws the image."""
    check_outputs([("output", plotting.output)], [folder / METRICS for folder in plotting.runs])
    check_image("output", plotting.output)
    curves = read_runs(plotting.runs, plotting.x)
    plot_runs(curves, plotting.x, plotting.metric or SHOWN, plotting.output)
    print(f"plot: {plotting.output}")
    return 0
