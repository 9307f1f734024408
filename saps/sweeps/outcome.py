"""What came of a sweep: a table of its trials, the best configuration, and plots."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from saps.evaluation.markdown import as_table
from saps.sweeps.journal import CONTINUES, PROBLEM, folder_of
from saps.sweeps.space import word_of
from saps.sweeps.sweep_file import Sweep
from saps.sweeps.training import RUN
from saps.tasks.atomic import atomic_writer, write_plot
from saps.training.run_folder import CONFIG

TABLE, BEST, IMPORTANCE, PROGRESS = "trials.md", "best.yaml", "importance.png", "progress.png"
_ENOUGH = 4  # trials below which nothing is said of importance


def write_outcome(sweep: Sweep, study: optuna.Study, folder: Path) -> str:
    """Writes the table, the best configuration and the plots into the folder of a sweep, and gives the table."""
    trials = study.get_trials(deepcopy=False)
    importances = importances_of(study)
    text = as_markdown(sweep, trials, importances)
    _write(folder / TABLE, text.encode())
    best = best_of(sweep, trials)
    if best is not None:
        _write(folder / BEST, best_configuration(sweep, best, folder).encode())
        _plot_progress(sweep, trials, folder / PROGRESS)
    if importances:
        _plot_importance(importances, folder / IMPORTANCE)
    return text


def completed(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """The trials that were trained to the end."""
    return [trial for trial in trials if trial.state == TrialState.COMPLETE]


def best_of(sweep: Sweep, trials: Sequence[FrozenTrial]) -> FrozenTrial | None:
    """The best trial, of equal ones the first; None where none has come to its end."""
    ranked = _ranked(sweep, completed(trials))
    return ranked[0] if ranked else None


def _ranked(sweep: Sweep, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Trials trained to the end, from the best on."""
    sign = -1 if sweep.direction == "maximize" else 1
    return sorted(trials, key=lambda trial: (sign * (trial.value or 0.0), trial.number))


def importances_of(study: optuna.Study) -> dict[str, float]:
    """How much each setting decides whether a trial is among the better ones, in shares; {} where too few tell.

    PED-ANOVA (Watanabe, Bansal and Hutter, IJCAI 2023).
    """
    trials = completed(study.get_trials(deepcopy=False))
    if len(trials) < _ENOUGH or len({trial.value for trial in trials}) < 2:
        return {}
    return get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())


def as_markdown(sweep: Sweep, trials: Sequence[FrozenTrial], importances: Mapping[str, float]) -> str:
    """The trials, best first, then those that were pruned, have failed, or are not at their end."""
    short = _short_names(sweep.space)
    others = [trial for trial in trials if trial.state != TrialState.COMPLETE]
    others.sort(key=lambda trial: (trial.state != TrialState.PRUNED, trial.number))
    continued = {trial.user_attrs[CONTINUES]: trial.number for trial in trials if CONTINUES in trial.user_attrs}
    headings = ["trial", *short.values(), sweep.metric, "validations", "seconds", "how it ended"]
    rows = [_cells(trial, list(sweep.space), continued) for trial in [*_ranked(sweep, completed(trials)), *others]]
    done = len(completed(trials))
    pruned = sum(trial.state == TrialState.PRUNED for trial in trials)
    told = f"{done} trials trained to the end, {pruned} pruned, {len(others) - pruned} others."
    if importances:
        shares = ", ".join(f"{short[name]} {100 * share:.0f} %" for name, share in importances.items())
        told += f" Importance: {shares}."
    return f"{told}\n\n{as_table(headings, rows)}\n"


def _cells(trial: FrozenTrial, names: Sequence[str], continued: Mapping[int, int]) -> list[str]:
    values = [_shown(trial.params[name]) if name in trial.params else "-" for name in names]
    # of a pruned trial Optuna takes the last validation for its value
    figure = "-" if trial.value is None else f"{trial.value:.4f}"
    seconds = f"{trial.duration.total_seconds():.0f}" if trial.duration else "-"
    return [
        str(trial.number),
        *values,
        figure,
        str(len(trial.intermediate_values)),
        seconds,
        _ending(trial, continued),
    ]


def _ending(trial: FrozenTrial, continued: Mapping[int, int]) -> str:
    """How a trial has ended, in words."""
    if trial.number in continued:
        return f"broken off; continued as {continued[trial.number]}"
    if trial.state == TrialState.FAIL:
        return f"failed: {trial.user_attrs.get(PROBLEM, 'its processes have died')}"
    words = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.RUNNING: "in training"}
    return words.get(trial.state, "to be taken up")


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else word_of(value)


def _short_names(names: Mapping[str, object]) -> dict[str, str]:
    """Names without their sections, where that leaves them different."""
    lasts = [name.rpartition(".")[2] for name in names]
    return {name: last if lasts.count(last) == 1 else name for name, last in zip(names, lasts, strict=True)}


def best_configuration(sweep: Sweep, best: FrozenTrial, folder: Path) -> str:
    """The best trial's configuration, all settings resolved, as ``saps train --config`` takes it."""
    values = ", ".join(f"{name} {_shown(value)}" for name, value in best.params.items())
    config = (folder / folder_of(best) / RUN / CONFIG).read_text(encoding="utf-8")
    return (
        f"# The best of a sweep, trial {best.number}: {sweep.metric} {best.value:.4f} with\n# {values}.\n"
        f"# Base: {sweep.base}; sweep: {sweep.path}.\n{config}"
    )


def _plot_importance(importances: Mapping[str, float], path: Path) -> None:
    """A bar for each setting."""
    from matplotlib.figure import Figure  # slow to import, and only plots need it

    figure = Figure(figsize=(7, 1 + 0.5 * len(importances)), layout="constrained")
    axes = figure.add_subplot()
    names = list(importances)[::-1]
    axes.barh(names, [100 * importances[name] for name in names])
    axes.set(xlabel="importance, %", title="What decides (PED-ANOVA)")
    write_plot(figure, path)


def _plot_progress(sweep: Sweep, trials: Sequence[FrozenTrial], path: Path) -> None:
    """Each trial's figure in the order of their numbers, and the best so far."""
    from matplotlib.figure import Figure  # slow to import, and only plots need it

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.add_subplot()
    for state, marker, label in ((TrialState.COMPLETE, "o", "complete"), (TrialState.PRUNED, "x", "pruned")):
        shown = [(trial.number, trial.value) for trial in trials if trial.state == state and trial.value is not None]
        if shown:
            axes.scatter(*zip(*shown, strict=True), marker=marker, label=label)
    best = max if sweep.direction == "maximize" else min
    numbers: list[int] = []
    values: list[float] = []
    for trial in completed(trials):
        numbers.append(trial.number)
        values.append(best([*values[-1:], trial.value or 0.0]))
    axes.step(numbers, values, where="post", label="best so far")
    axes.set(xlabel="trial", ylabel=sweep.metric)
    axes.grid(alpha=0.3)
    axes.legend()
    write_plot(figure, path)


def _write(path: Path, content: bytes) -> None:
    with atomic_writer(path) as file:
        file.write(content)
