"""The same sweep as a file that ``wandb sweep`` takes."""

from typing import Any

import yaml

from saps.sweeps.space import Choices, Range, word_of
from saps.sweeps.sweep_file import Sweep

_METHODS = {"tpe": "bayes", "random": "random"}


def wandb_sweep(sweep: Sweep) -> dict[str, Any]:
    """The content of the file; a sweep by time has no cap, and W&B ends weak runs by Hyperband alone."""
    settings = [f"--{name}={word_of(value)}" for name, value in sweep.settings.items()]
    content: dict[str, Any] = {
        "name": sweep.path.stem,
        "method": _METHODS[sweep.sampler],
        "metric": {"name": sweep.metric, "goal": sweep.direction},
        "parameters": {name: parameter(values) for name, values in sweep.space.items()},
        "command": ["saps", "train", f"--config={sweep.base}", *settings, "--tracking.wandb=online", "${args}"],
    }
    if sweep.trials is not None:
        content["run_cap"] = sweep.trials
    if sweep.pruner != "none":
        content["early_terminate"] = {"type": "hyperband", "min_iter": 1, "eta": 3}
    return content


def as_yaml(sweep: Sweep) -> str:
    """The file as text."""
    head = f"# Made from {sweep.path} by: saps sweep {sweep.path} --wandb-file FILE\n# wandb sweep FILE\n"
    return head + yaml.safe_dump(wandb_sweep(sweep), sort_keys=False, width=120)


def parameter(values: Choices | Range) -> dict[str, Any]:
    """One setting in W&B's words."""
    if isinstance(values, Choices):
        return {"values": list(values.values)}
    bounds: dict[str, Any] = {"min": values.low, "max": values.high}
    if values.step is not None:  # W&B would round to multiples of the step, wherever the range begins
        return {"values": values.steps()}
    if values.log:  # of whole numbers as well: rounded
        name = "q_log_uniform_values" if values.is_whole else "log_uniform_values"
        return {"distribution": name, **({"q": 1} if values.is_whole else {}), **bounds}
    if values.is_whole:
        return {"distribution": "int_uniform", **bounds}
    return {"distribution": "uniform", "min": float(values.low), "max": float(values.high)}
