"""Train a system: saps train --config experiments/NAME.yaml [--any.setting value], or --resume RUN."""

import inspect
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from jsonargparse import ActionConfigFile, ArgumentError, ArgumentParser, Namespace

from saps.batches.read_data import check_files, read_data
from saps.batches.settings import DataSettings
from saps.bounded_yaml import load_yaml
from saps.cli import settings as flags
from saps.cli.complaints import one_line
from saps.cli.own_system import admit_systems
from saps.cli.settings import new_parser, parse
from saps.cli.submitting import Launcher, SlurmSettings, check_slurm, submit, without_launcher
from saps.errors import UserError
from saps.generator import Switches
from saps.models.folder import plain, shapes_of
from saps.models.registry import ENVIRONMENT, SYSTEMS, admit_path, is_named, reading_for, system_named
from saps.models.system import System
from saps.restricted import RandomSeed
from saps.tasks.atomic import make_folder
from saps.tasks.query import Reading
from saps.tasks.vocabulary import Vocabularies
from saps.training.devices import check_devices
from saps.training.fit import RunSettings, best_line, fit
from saps.training.launching import check_agreement, job_name
from saps.training.optimization import OptimizerSettings
from saps.training.pretraining import pretrained_weights
from saps.training.processes import is_first_process, say
from saps.training.replay import check_replay
from saps.training.run_folder import CONFIG, check_new, existing_run, new_run
from saps.training.settings import SECTIONS, PretrainedSettings, TrackingSettings, TrainerSettings
from saps.training.stopping import Stopped
from saps.training.tracking import check_tracking
from saps.training.word_vectors import check_word_vectors

_SETTING = re.compile(rf"(?<![\w./-])((?:{'|'.join(SECTIONS)})\.[a-z])")
_FOLDER = "SAPS_RUN_FOLDER"  # the environment variable that tells the other processes of a run where it is


def make_parser() -> ArgumentParser:
    """Every field of the settings is a flag and a key of the YAML file; a flag wins over the file, it over defaults."""
    parser = new_parser("train", __doc__)
    parser.add_argument("--config", action=ActionConfigFile, help="a YAML file of settings, such as experiments/*.yaml")
    parser.add_argument("--resume", type=Path | None, help="the folder of a run to go on with; excludes other settings")
    parser.add_argument("--run", type=Path | None, help="the folder of the new run; by default runs/CONFIG-DATE-TIME")
    _add_launcher(parser)
    parser.add_argument("--seed", type=RandomSeed, default=1, help="fixes the first weights, the order, and dropout")
    parser.add_class_arguments(DataSettings, "data")
    parser.add_subclass_arguments(System, "model", skip={"vocabularies"}, required=True)
    parser.add_class_arguments(OptimizerSettings, "optimizer")
    parser.add_class_arguments(TrainerSettings, "trainer")
    parser.add_class_arguments(PretrainedSettings, "pretrained")
    parser.add_class_arguments(TrackingSettings, "tracking")
    return parser


def parse_arguments(argv: Sequence[str]) -> Namespace:
    """Reads the command line, in one line of complaint where it is wrong.

    Raises:
        UserError: an unknown setting, a wrong value, a missing file.
    """
    if "--resume" in argv or any(word.startswith("--resume=") for word in argv):
        return _parse_resume(argv)
    words = ["--data.skip_bad=true" if word == "--skip-bad" else word for word in argv]  # as other commands call it
    config = parse(make_parser(), words, _known_settings())
    check_slurm(config.launcher, flags.settings_of(config.slurm, SlurmSettings), words)
    config.command = ["saps", "train", *argv]
    return config


def _parse_resume(argv: Sequence[str]) -> Namespace:
    parser = new_parser("train", __doc__)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--system", action="append", default=[])
    _add_launcher(parser)
    try:
        words = parser.parse_args(list(argv))
    except ArgumentError as error:
        raise UserError(f"{one_line(error)} (--resume takes no other setting: a run keeps its own)") from None
    folder = existing_run(words.resume)
    admit_systems(words.system)
    _check_system(folder / CONFIG)
    try:
        config = make_parser().parse_path(folder / CONFIG)
    except ArgumentError as error:
        raise UserError(f"{folder / CONFIG}: {one_line(error)}; mend it there, or begin another run") from None
    check_slurm(words.launcher, flags.settings_of(words.slurm, SlurmSettings), argv)
    config.run, config.resume = folder, folder
    config.launcher, config.slurm, config.command = words.launcher, words.slurm, ["saps", "train", *argv]
    return config


def _add_launcher(parser: ArgumentParser) -> None:
    parser.add_argument("--launcher", type=Launcher, default="none", help="train as a job: local or slurm")
    parser.add_class_arguments(SlurmSettings, "slurm")


def _check_system(config: Path) -> None:
    """Refuses a run folder, perhaps somebody else's, whose system is code that this user has not named.

    Raises:
        UserError: it is, or the file is no configuration of a run.
    """
    try:
        found = load_yaml(config.read_text(encoding="utf-8"))
        path = found["model"] if isinstance(found["model"], str) else found["model"]["class_path"]
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError):
        raise UserError(f"{config}: names no system (model.class_path); resume from another run") from None
    if not is_named(str(path)):
        raise UserError(
            f"{config}: {str(path)[:100]!r} is no system of saps but somebody's own code, which does not run unasked; "
            f"if you trust it, add --system {str(path)[:100]}, or name it by {ENVIRONMENT}"
        )


def _known_settings() -> list[str]:
    sizes = [name for system in SYSTEMS.values() for name in inspect.signature(system).parameters]
    sections = (DataSettings, TrainerSettings, TrackingSettings, PretrainedSettings, OptimizerSettings)
    return [*dict.fromkeys(sizes), *(field.name for section in sections for field in fields(section))]


def settings_of(config: Namespace) -> RunSettings:
    """The typed settings of a parsed configuration."""
    sizes = config.model.init_args.as_dict() if "init_args" in config.model else {}
    return RunSettings(
        config.seed,
        _data_settings(config.data),
        admit_path(config.model.class_path),
        sizes,
        flags.settings_of(config.trainer, TrainerSettings),
        flags.settings_of(config.tracking, TrackingSettings),
        flags.settings_of(config.pretrained, PretrainedSettings),
        flags.settings_of(config.optimizer, OptimizerSettings),
    )


def _data_settings(section: Namespace) -> DataSettings:
    generated = section.get("generated")
    if generated is not None:
        generated = Switches(**{name: flags.plain_number(value) for name, value in vars(generated).items()})
    return flags.settings_of(vars(section) | {"generated": generated}, DataSettings)


def _plain_settings(settings: RunSettings) -> dict[str, Any]:
    names = ("data", "optimizer", "trainer", "tracking", "pretrained")
    sections = {name: asdict(getattr(settings, name)) for name in names}
    return plain(sections | {"seed": settings.seed, "model": {"system": settings.system, "sizes": settings.sizes}})


def _default_folder(config: Namespace) -> Path:
    name = Path(str(config.config[0])).stem if config.config else "run"
    return Path("runs") / f"{name}-{job_name() or datetime.now().strftime('%Y%m%d-%H%M%S')}"


def run(config: Namespace) -> int:
    """Trains, or goes on training."""
    try:
        return _run(config)
    except UserError as error:  # the rooms below name settings; here these are flags
        raise UserError(_SETTING.sub(r"--\1", str(error))) from None


def _run(config: Namespace) -> int:
    settings = settings_of(config)
    if config.launcher != "none":
        return _send(config, settings)
    # before the folder, which a mistake must not leave behind
    data = read_data(settings.data, settings.seed, _reading(settings))
    if data.skipped and data.skipped.count:
        say(str(data.skipped))
    shapes = _shapes(settings, data.vocabularies)
    if not config.resume:
        pretrained_weights(settings.pretrained, shapes, data.vocabularies.labels)
    check_word_vectors(settings.pretrained, shapes, data.vocabularies.words)
    check_tracking(settings.tracking)
    check_devices(settings.trainer)
    check_replay(settings.trainer, settings.pretrained, system_named(settings.system), settings.sizes)
    folder = config.run if config.resume else _new_folder(config)
    say(f"run folder: {folder}")
    try:
        fitted = fit(settings, data, folder, _plain_settings(settings))
    except Stopped as stopped:
        if not is_first_process():
            return 0  # the first one says how the run has ended: a failure here would end it before it does
        own = "" if settings.system in SYSTEMS else f" --system {settings.system}"
        print(f"saps: {stopped}; go on with: saps train --resume {folder}{own}", file=sys.stderr)
        return stopped.code
    say(best_line(fitted))
    return 0


def _send(config: Namespace, settings: RunSettings) -> int:
    """Makes the run a job; every process of it, and a requeued job, gets the same folder."""
    slurm = flags.settings_of(config.slurm, SlurmSettings)
    check_files(settings.data)
    if config.launcher == "slurm":
        check_agreement(settings.trainer, slurm.processes_per_node, slurm.nodes, "--slurm asks for")
    folder = config.resume or config.run or _default_folder(config)
    if not config.resume:
        check_new(folder)
        make_folder(folder)
    words = [*without_launcher(config.command[1:]), *([] if config.resume else ["--run", str(folder)])]
    code = submit([words], config.launcher, slurm, folder.name, folder.parent / "jobs")
    print(f"run folder: {folder}")
    return code


def _reading(settings: RunSettings) -> Reading:
    try:
        return reading_for(settings.system, settings.sizes)
    except UserError as error:  # it begins with the name of a setting
        raise UserError(f"model.{error}") from None


def _shapes(settings: RunSettings, vocabularies: Vocabularies) -> dict[str, tuple[int, ...]]:
    try:
        return shapes_of(settings.system, settings.sizes, vocabularies)
    except UserError as error:  # it begins with the name of a setting
        raise UserError(f"model.{error}") from None


def _new_folder(config: Namespace) -> Path:
    """The folder of a new run; made by the first process, which tells the others that it starts where it is."""
    if not is_first_process():
        return config.run or Path(os.environ.get(_FOLDER) or _default_folder(config))
    own = ("run", "resume", "config", "command", "launcher", "slurm")  # what this command adds to the settings of a run
    kept = Namespace({key: value for key, value in vars(config).items() if key not in own})
    text = make_parser().dump(kept, skip_validation=True)
    try:
        folder = new_run(config.run or _default_folder(config), text, config.command)
    except UserError as error:
        raise UserError(f"{error} (--run names a folder, --resume goes on with a run)") from None
    os.environ[_FOLDER] = str(folder)
    return folder
